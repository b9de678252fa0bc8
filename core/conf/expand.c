/* expand.c - ${NAME}, ${NAME:-default} and ${file:PATH} inside scalars. */
#include "core/conf/expand.h"

#include <stdlib.h>

#include "core/base/buffer.h"
#include "core/conf/diagnostic.h"
#include "core/conf/source.h"

enum { LONGEST_TEXT = 4 << 20, LONGEST_SECRET = 1 << 20, LONGEST_NAME = 256 };

struct expansion {
	struct arena *arena;
	struct sources *files;	/* NULL: ${file:} is refused */
	struct diagnostics *out;
	struct node *node;	/* the scalar at hand */
	struct buffer text;	/* what it becomes */
};

static bool is_name(struct weir_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.data[i]);

		if (!(c >= 'a' && c <= 'z') && c != '_' && !(i > 0 && ascii_digit(c)))
			return false;
	}
	return s.len > 0 && s.len < LONGEST_NAME;
}

static bool put(struct expansion *e, struct weir_str s)
{
	if (buffer_add(&e->text, s))
		return true;
	if (buffer_len(&e->text) + s.len > e->text.ceiling)
		return diagnose(e->out, e->node->place, "this value becomes longer than %d bytes",
				LONGEST_TEXT);
	return diagnose_memory(e->out);
}

/* The content of the file, less one newline at its end. */
static bool put_file(struct expansion *e, struct weir_str path)
{
	struct weir_error error = { "" };
	struct weir_str resolved, content;

	if (e->files == NULL)
		return diagnose(e->out, e->node->place, "${file:} cannot be used here");
	if (path.len == 0)
		return diagnose(e->out, e->node->place, "${file:} names no file; write "
				"${file:PATH}");
	resolved = source_resolve(e->arena, e->node->place.file, path);
	if (resolved.data == NULL || !source_add(e->files, resolved, SOURCE_SECRET))
		return diagnose_memory(e->out);
	if (!sources_read(e->files, resolved.data, LONGEST_SECRET, true, &content, &error))
		return diagnose(e->out, e->node->place, "%s", error.text);
	if (str_find(content, '\0') < content.len)
		return diagnose(e->out, e->node->place, "%s holds a NUL character; it must be text",
				resolved.data);
	if (str_ends(content, STR("\n")))
		content.len -= str_ends(content, STR("\r\n")) ? 2 : 1;
	e->node->secret = true;
	return put(e, content);
}

static bool put_variable(struct expansion *e, struct weir_str inside)
{
	size_t cut = str_find_str(inside, STR(":-"));
	struct weir_str name = str_head(inside, cut);
	char text[LONGEST_NAME];
	const char *value;

	if (!is_name(name))
		return diagnose(e->out, e->node->place, "${%.60s} is no name of a variable; write "
				"${NAME}, ${NAME:-default} or ${file:PATH}, and $${ for a plain ${",
				inside.data);
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	value = getenv(text);
	if (str_find_str(inside, STR("${")) < inside.len)
		return diagnose(e->out, e->node->place, "${%s:-...}: a default is plain text, and this one "
				"has a further ${ in it", text);
	if (cut < inside.len && (value == NULL || *value == '\0'))
		return put(e, str_skip(inside, cut + 2));
	if (value == NULL)
		return diagnose(e->out, e->node->place, "the environment variable %s is not set; "
				"set it, or write ${%s:-default}", text, text);
	return put(e, str_from(value));
}

/* `rest` begins behind "${"; moves it behind the "}". */
static bool put_part(struct expansion *e, struct weir_str *rest)
{
	struct weir_str inside = str_head(*rest, str_find(*rest, '}'));

	if (inside.len == rest->len)
		return diagnose(e->out, e->node->place, "\"${\" without \"}\"; write $${ for a "
				"plain ${");
	*rest = str_skip(*rest, inside.len + 1);
	if (str_starts(inside, STR("file:")))
		return put_file(e, str_skip(inside, 5));
	inside = text_copy(e->arena, inside);
	return inside.data != NULL ? put_variable(e, inside) : diagnose_memory(e->out);
}

static bool expand_text(struct expansion *e, struct weir_str rest)
{
	for (;;) {
		size_t at = str_find_str(rest, STR("${"));

		if (at == rest.len)
			return put(e, rest);
		if (at > 0 && rest.data[at - 1] == '$') {
			if (!put(e, str_head(rest, at - 1)) || !put(e, STR("${")))
				return false;
			rest = str_skip(rest, at + 2);
			continue;
		}
		if (!put(e, str_head(rest, at)))
			return false;
		rest = str_skip(rest, at + 2);
		if (!put_part(e, &rest))
			return false;
	}
}

static bool expand_scalar(struct expansion *e, struct node *node)
{
	if (str_find_str(node->text, STR("${")) == node->text.len)
		return true;
	e->node = node;
	buffer_drop(&e->text, buffer_len(&e->text));
	node->faulty = !expand_text(e, node->text);
	if (node->faulty)
		return false;
	node->plain = false;
	node->text = text_copy(e->arena, buffer_str(&e->text));
	return node->text.data != NULL || diagnose_memory(e->out);
}

static bool expand_node(struct expansion *e, struct node *node)
{
	bool done = true;

	if (node->kind == NODE_SCALAR)
		return expand_scalar(e, node);
	node_for_each(child, node)
		done = expand_node(e, child) && done;
	return done;
}

bool tree_expand(struct arena *arena, struct node *node, struct sources *files,
		 struct diagnostics *d)
{
	struct expansion e = { .arena = arena, .files = files, .out = d };
	bool done;

	buffer_init(&e.text, LONGEST_TEXT);
	done = expand_node(&e, node);
	buffer_fini(&e.text);
	return done;
}
