/* template.c - templates: text with parts of the request in braces. */
#include "core/base/error.h"
#include "core/http/target.h"
#include "core/route/part.h"

enum { MOST_PIECES = 64 };

/* Text, or what is asked for. */
struct piece {
	bool asked;
	struct weir_str text;
	struct part part;
};

struct template {
	uint32_t count;
	struct piece *pieces;
};

/* One template being compiled. */
struct compiler {
	struct weir_str whole, rest;
	struct piece pieces[MOST_PIECES];
	uint32_t count;
	struct weir_error *error;
};

static bool fail_template(struct compiler *c, const char *what)
{
	return fail(c->error, "\"%.*s\" %s", STR_ARG(str_head(c->whole, 100)), what);
}

static struct piece *add(struct compiler *c)
{
	if (c->count == MOST_PIECES) {
		fail_template(c, "has too many parts in braces");
		return NULL;
	}
	c->pieces[c->count] = (struct piece){ .asked = false };
	return &c->pieces[c->count++];
}

static bool add_text(struct compiler *c, size_t len)
{
	struct piece *piece = len > 0 ? add(c) : NULL;

	if (len == 0)
		return true;
	if (piece == NULL)
		return false;
	piece->text = str_head(c->rest, len);
	c->rest = str_skip(c->rest, len);
	return true;
}

/* The length up to the brace that closes; quotes may hold one. */
static size_t closing_brace(struct weir_str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '"')
			quoted = !quoted;
		else if (s.data[i] == '}' && !quoted)
			return i;
	}
	return str_find(s, '}');
}

static bool add_asked(struct compiler *c)
{
	struct weir_str after = str_skip(c->rest, 1);
	size_t len = closing_brace(after);
	struct piece *piece;

	if (len == after.len)
		return fail_template(c, "has a \"{\" without \"}\"; write {{ for a plain brace");
	if (str_trim(str_head(after, len)).len == 0)
		return fail_template(c, "has nothing between { and }; write {{ for a plain brace");
	piece = add(c);
	if (piece == NULL)
		return false;
	piece->asked = true;
	c->rest = str_skip(after, len + 1);
	return part_read_brace(&piece->part, str_trim(str_head(after, len)), c->error);
}

/* "{{" is text up to and with its first brace; the second is skipped. */
static bool read_pieces(struct compiler *c)
{
	while (c->rest.len > 0) {
		size_t brace = str_find(c->rest, '{');
		bool doubled = c->rest.len - brace > 1 && c->rest.data[brace + 1] == '{';

		if (!add_text(c, doubled ? brace + 1 : brace))
			return false;
		if (doubled)
			c->rest = str_skip(c->rest, 1);
		else if (c->rest.len > 0 && !add_asked(c))
			return false;
	}
	return true;
}

static struct weir_str join(const struct weir_str *values, uint32_t count, struct arena *arena)
{
	if (count == 0)
		return STR("");
	if (count == 1)
		return values[0].data != NULL ? values[0] : STR("");
	return arena_join(arena, values, count);
}

/* What asks for nothing is one text, whatever doubled braces cut it into. */
static void unite(struct compiler *c, struct arena *arena)
{
	struct weir_str texts[MOST_PIECES];

	for (uint32_t i = 0; i < c->count; i++) {
		if (c->pieces[i].asked)
			return;
		texts[i] = c->pieces[i].text;
	}
	if (c->count < 2)
		return;
	c->pieces[0].text = join(texts, c->count, arena);
	c->count = 1;
}

const struct template *template_compile(struct arena *arena, struct weir_str text,
					struct weir_error *error)
{
	struct template *t = arena_zero(arena, sizeof(*t));
	struct compiler c = { .error = error };

	c.whole = c.rest = arena_copy(arena, text);
	if (!read_pieces(&c))
		return NULL;
	unite(&c, arena);
	if (t != NULL)
		t->pieces = arena_take(arena, (c.count + (size_t)1) * sizeof(*t->pieces));
	if (arena->overflowed) {
		fail_memory(error);
		return NULL;
	}
	t->count = c.count;
	memcpy(t->pieces, c.pieces, c.count * sizeof(*t->pieces));
	return t;
}

struct weir_str template_text(const struct template *t, const struct key_asker *asker, void *arg,
			      struct arena *arena)
{
	struct weir_str values[MOST_PIECES];
	bool captured;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct piece *piece = &t->pieces[i];

		values[i] = piece->text;
		if (piece->asked)
			values[i] = part_value(&piece->part, asker, arg, arena, &captured);
	}
	return join(values, t->count, arena);
}

static bool only_dots(struct weir_str value)
{
	return str_eq(value, STR(".")) || str_eq(value, STR(".."));
}

/* Captures stand as they are, being slices of a normalised path. All else is one segment at most:
 * whatever a claim or header says, it adds no slash and no query, and climbs nowhere. */
static bool path_piece(const struct piece *piece, const struct key_asker *asker, void *arg,
		       struct arena *arena, struct weir_str *out)
{
	bool captured;

	*out = piece->text;
	if (!piece->asked)
		return true;
	*out = part_value(&piece->part, asker, arg, arena, &captured);
	if (!captured)
		*out = percent_encode(arena, *out);
	return !only_dots(*out);
}

bool template_path(const struct template *t, const struct key_asker *asker, void *arg,
		   struct arena *arena, struct weir_str *out)
{
	struct weir_str values[MOST_PIECES + 1], whole, parts[2];
	size_t mark;

	values[0] = STR("/");	/* should the template have forgotten it; two become one */
	for (uint32_t i = 0; i < t->count; i++)
		if (!path_piece(&t->pieces[i], asker, arg, arena, &values[i + 1]))
			return false;
	whole = join(values, t->count + 1, arena);
	mark = str_find(whole, '?');
	parts[1] = str_skip(whole, mark);
	if (path_normalise(arena, str_head(whole, mark), true, &parts[0]) != REASON_NONE)
		return false;
	*out = parts[1].len > 0 ? arena_join(arena, parts, 2) : parts[0];
	return !arena->overflowed;
}

bool template_is_plain(const struct template *t, struct weir_str *out)
{
	*out = t->count > 0 ? t->pieces[0].text : STR("");
	return t->count == 0 || (t->count == 1 && !t->pieces[0].asked);
}

bool template_asks(const struct template *t, enum key_part part)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (t->pieces[i].asked && t->pieces[i].part.what == part)
			return true;
	return false;
}

bool template_capture_name(const struct template *t, uint32_t n, struct weir_str *name)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct piece *piece = &t->pieces[i];

		if (!piece->asked ||
		    (piece->part.what != KEY_CAPTURE && piece->part.what != KEY_PATH))
			continue;
		if (n-- > 0)
			continue;
		*name = piece->part.name;
		return true;
	}
	return false;
}
