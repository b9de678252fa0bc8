/* learnt.c - what a token says of its bearer, as names with texts. */
#include "plugins/jwt/learnt.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAPS_DEEP = 4 };

/* Filled in two walks: the first counts, the second writes. */
struct walk {
	struct learnt *out;	/* NULL: counting */
	char *at;
	size_t bytes;
	uint32_t count;
	const json_t *top;
};

static void put_bytes(struct walk *w, struct weir_str s, struct weir_str *to)
{
	if (w->out != NULL) {
		memcpy(w->at, s.data, s.len);
		*to = (struct weir_str){ w->at, s.len };
		w->at += s.len;
	}
	w->bytes += s.len;
}

static void put(struct walk *w, const char *name, struct weir_str value)
{
	struct learnt_field none, *f = w->out != NULL ? &w->out->at[w->count] : &none;

	put_bytes(w, weir_str_from(name), &f->name);
	put_bytes(w, value, &f->value);
	w->count++;
}

static void put_json(struct walk *w, const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	/* Without memory nothing is learnt at all: half of it could be taken for all. */
	if (text == NULL)
		w->count = LEARNT_MOST + 1;
	else
		put(w, name, weir_str_from(text));
	free(text);
}

static void put_scalar(struct walk *w, const char *name, const json_t *value)
{
	if (w->count > LEARNT_MOST || json_is_null(value))
		return;
	if (json_is_string(value))
		put(w, name, (struct weir_str){ json_string_value(value), json_string_length(value) });
	else
		put_json(w, name, value);
}

static void walk_member(struct walk *w, const char *name, const json_t *value, int depth);

static void walk_map(struct walk *w, const char *name, const json_t *map, int depth)
{
	char full[256];
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)map, key, value) {
		int len = snprintf(full, sizeof(full), "%s.%s", name, key);

		if (len > 0 && (size_t)len < sizeof(full) && json_object_get(w->top, full) == NULL)
			walk_member(w, full, value, depth + 1);
	}
}

static void walk_member(struct walk *w, const char *name, const json_t *value, int depth)
{
	const json_t *one;
	size_t i;

	if (json_is_object(value) && depth < MAPS_DEEP) {
		walk_map(w, name, value, depth);
		return;
	}
	if (!json_is_array(value)) {
		put_scalar(w, name, value);
		return;
	}
	json_array_foreach(value, i, one)
		put_scalar(w, name, one);
}

static void walk(struct walk *w)
{
	const char *key;
	json_t *value;

	w->count = 0;
	w->bytes = 0;
	json_object_foreach((json_t *)(uintptr_t)w->top, key, value)
		walk_member(w, key, value, 1);
}

static void mark_more(struct learnt *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		for (uint32_t k = 0; k < i && !l->at[i].more; k++)
			l->at[i].more = weir_str_eq(l->at[i].name, l->at[k].name);
}

struct learnt *learnt_from(const json_t *body)
{
	struct walk w = { .top = body };
	struct learnt *out;

	walk(&w);
	if (w.count > LEARNT_MOST || w.bytes > LEARNT_BYTES)
		return NULL;
	out = calloc(1, sizeof(*out) + w.count * sizeof(out->at[0]) + w.bytes + 1);
	if (out == NULL)
		return NULL;
	out->count = w.count;
	w.out = out;
	w.at = (char *)&out->at[w.count];
	walk(&w);
	if (w.count != out->count) {
		free(out);
		return NULL;
	}
	mark_more(out);
	return out;
}

struct weir_str learnt_at(const struct learnt *l, struct weir_str name, uint32_t n)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (weir_str_eq(l->at[i].name, name) && n-- == 0)
			return l->at[i].value;
	return WEIR_ABSENT;
}

bool learnt_has(const struct learnt *l, struct weir_str name, struct weir_str value)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (weir_str_eq(l->at[i].name, name) && weir_str_eq(l->at[i].value, value))
			return true;
	return false;
}

/* Words are parted by spaces (RFC 6749 3.3). */
static bool has_word(struct weir_str text, struct weir_str word)
{
	const char *at = text.data, *end = text.data + text.len;

	while (word.len > 0 && at < end) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		struct weir_str one = { at, (size_t)((space != NULL ? space : end) - at) };

		if (weir_str_eq(one, word))
			return true;
		at += one.len + 1;
	}
	return false;
}

bool learnt_grants(const struct learnt *l, struct weir_str scope)
{
	for (uint32_t i = 0; i < l->count; i++)
		if ((weir_str_eq(l->at[i].name, WEIR_STR("scope")) ||
		     weir_str_eq(l->at[i].name, WEIR_STR("scp"))) && has_word(l->at[i].value, scope))
			return true;
	return false;
}
