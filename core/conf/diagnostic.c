/* diagnostic.c - what is wrong with a configuration. */
#include "core/conf/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/json.h"

enum { TEXT_ROOM = 1024, MEMORY_MOST = 1 << 20 };

void diagnostics_init(struct diagnostics *d)
{
	*d = (struct diagnostics){ 0 };
	arena_init(&d->arena, NULL, MEMORY_MOST);
}

void diagnostics_fini(struct diagnostics *d)
{
	if (d == NULL)
		return;
	arena_reset(&d->arena);
	d->items = NULL;
	d->count = 0;
}

bool diagnose_memory(struct diagnostics *d)
{
	if (!d->out_of_memory)
		d->errors++;
	d->out_of_memory = true;
	return false;
}

static const char *copy(struct diagnostics *d, const char *text)
{
	size_t size = strlen(text) + 1;
	char *own = arena_take(&d->arena, size);

	if (own != NULL)
		memcpy(own, text, size);
	return own;
}

/* A file is copied once, and its number is the order in which its first finding came. */
static bool own_file(struct diagnostics *d, struct diagnostic *item, const char *file)
{
	uint32_t files = 0;

	for (uint32_t i = 0; i < d->count; i++) {
		const struct diagnostic *other = &d->items[i];

		if (other->order >= files)
			files = other->order + 1;
		if ((file == NULL) != (other->place.file == NULL))
			continue;
		if (file == NULL || strcmp(file, other->place.file) == 0) {
			item->place.file = other->place.file;
			item->order = other->order;
			return true;
		}
	}
	item->order = files;
	item->place.file = file != NULL ? copy(d, file) : NULL;
	return file == NULL || item->place.file != NULL;
}

static bool keep(struct diagnostics *d, enum severity severity, struct place place,
		 const char *text)
{
	struct diagnostic *item;

	if (d->items == NULL)
		d->items = arena_take(&d->arena, sizeof(*d->items) * DIAGNOSTICS_MOST);
	if (d->items == NULL)
		return false;
	item = &d->items[d->count];
	*item = (struct diagnostic){ .severity = severity, .place = place };
	item->text = copy(d, text);
	if (item->text == NULL || !own_file(d, item, place.file))
		return false;
	d->count++;
	return true;
}

/* What lies under many (a default of a plugin) is faulty once. */
static bool is_known(const struct diagnostics *d, struct place place, const char *text)
{
	for (uint32_t i = 0; i < d->count; i++) {
		const struct diagnostic *other = &d->items[i];

		if (other->place.line == place.line && other->place.column == place.column &&
		    place.file != NULL && other->place.file != NULL && place.line != 0 &&
		    strcmp(other->place.file, place.file) == 0 && strcmp(other->text, text) == 0)
			return true;
	}
	return false;
}

/* A finding is one line, whatever the configuration holds. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static void add(struct diagnostics *d, enum severity severity, struct place place,
		const char *format, va_list args)
{
	char text[TEXT_ROOM];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	make_printable(text);
	if (is_known(d, place, text))
		return;
	if (severity == SEVERITY_ERROR)
		d->errors++;
	else
		d->warnings++;
	if (d->count == DIAGNOSTICS_MOST)
		return;
	if (!keep(d, severity, place, text))
		diagnose_memory(d);
}

bool diagnose(struct diagnostics *d, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_ERROR, place, format, args);
	va_end(args);
	return false;
}

void diagnose_warning(struct diagnostics *d, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_WARNING, place, format, args);
	va_end(args);
}

bool diagnostics_fine(const struct diagnostics *d)
{
	return d->errors == 0;
}

static bool comes_after(const struct diagnostic *a, const struct diagnostic *b)
{
	if (a->order != b->order)
		return a->order > b->order;
	if (a->place.line != b->place.line)
		return a->place.line > b->place.line;
	return a->place.column > b->place.column;
}

/* Insertion: stable, and there are never many. */
void diagnostics_sort(struct diagnostics *d)
{
	for (uint32_t i = 1; i < d->count; i++) {
		struct diagnostic item = d->items[i];
		uint32_t at = i;

		for (; at > 0 && comes_after(&d->items[at - 1], &item); at--)
			d->items[at] = d->items[at - 1];
		d->items[at] = item;
	}
}

struct place_words place_words(struct place place)
{
	struct place_words words;

	if (place.file == NULL)
		(void)snprintf(words.text, sizeof(words.text), "(default)");
	else if (place.line == 0)
		(void)snprintf(words.text, sizeof(words.text), "%.200s", place.file);
	else
		(void)snprintf(words.text, sizeof(words.text), "%.200s:%u:%u", place.file,
			       place.line, place.column);
	return words;
}

static bool print_one(const struct diagnostic *item, struct buffer *out)
{
	const char *label = item->severity == SEVERITY_WARNING ? "warning: " : "";

	if (item->place.file == NULL)
		return buffer_print(out, "%s%s\n", label, item->text);
	if (item->place.line == 0)
		return buffer_print(out, "%s: %s%s\n", item->place.file, label, item->text);
	return buffer_print(out, "%s:%u:%u: %s%s\n", item->place.file, item->place.line,
			    item->place.column, label, item->text);
}

bool diagnostics_print(const struct diagnostics *d, struct buffer *out)
{
	uint32_t found = d->errors + d->warnings - d->out_of_memory;

	for (uint32_t i = 0; i < d->count; i++)
		if (!print_one(&d->items[i], out))
			return false;
	if (d->out_of_memory)
		return buffer_print(out, "out of memory\n");
	if (found > d->count)
		return buffer_print(out, "... and %u more\n", found - d->count);
	return true;
}

static json_t *one_as_json(const struct diagnostic *item)
{
	bool warning = item->severity == SEVERITY_WARNING;
	json_t *object = json_object();
	bool done = json_set_str(object, "severity", str_from(warning ? "warning" : "error"));

	if (item->place.file != NULL)
		done = done && json_set_str(object, "file", str_from(item->place.file));
	if (item->place.line != 0)
		done = done &&
		       json_object_set_new(object, "line", json_integer(item->place.line)) == 0 &&
		       json_object_set_new(object, "column", json_integer(item->place.column)) == 0;
	if (done && json_set_str(object, "text", str_from(item->text)))
		return object;
	json_decref(object);
	return NULL;
}

bool diagnostics_json(const struct diagnostics *d, struct buffer *out)
{
	json_t *all = json_object(), *list = json_array();
	bool done = list != NULL;

	for (uint32_t i = 0; i < d->count && done; i++)
		done = json_array_append_new(list, one_as_json(&d->items[i])) == 0;
	if (json_object_set_new(all, "diagnostics", list) != 0)
		done = false;
	done = done && json_object_set_new(all, "errors", json_integer(d->errors)) == 0 &&
	       json_object_set_new(all, "warnings", json_integer(d->warnings)) == 0;
	if (d->out_of_memory)
		done = done && json_object_set_new(all, "out_of_memory", json_true()) == 0;
	done = done && json_print(out, all, 2) && buffer_add(out, STR("\n"));
	json_decref(all);
	return done;
}
