/* pattern.c - what a route says about the path: segments, or a regular expression. */
#include "core/route/pattern.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/base/regex.h"
#include "core/http/target.h"
#include "core/route/table.h"

enum { SHOWN = 100 };

/* One pattern being compiled. */
struct compiler {
	struct arena *arena;
	struct pattern *p;
	struct weir_error *error;
};

static bool fail_path(struct compiler *c, const char *what)
{
	return fail(c->error, "path \"%.*s\": %s", STR_ARG(str_head(c->p->text, SHOWN)), what);
}

static bool name_valid(struct weir_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char lower = ascii_lower(name.data[i]);
		bool letter = (lower >= 'a' && lower <= 'z') || lower == '_';

		if (!letter && (i == 0 || (!ascii_digit(lower) && lower != '-')))
			return false;
	}
	return name.len > 0;
}

static bool add_part(struct compiler *c, struct weir_str text, bool named)
{
	if (c->p->count == PATTERN_PARTS)
		return fail(c->error, "path \"%.*s\": at most %d segments can be told apart",
			    STR_ARG(str_head(c->p->text, SHOWN)), PATTERN_PARTS);
	c->p->parts[c->p->count++] = (struct pattern_part){ text, named };
	return true;
}

static uint32_t count_named(const struct pattern *p)
{
	uint32_t count = p->rest;

	for (uint32_t i = 0; i < p->count; i++)
		count += p->parts[i].named;
	return count;
}

static bool add_name(struct compiler *c, struct weir_str name)
{
	if (!name_valid(name))
		return fail_path(c, "a name in braces has letters, digits, \"-\" and \"_\", and "
				 "begins with a letter: {code}");
	for (uint32_t i = 0; i < c->p->count; i++)
		if (c->p->parts[i].named && str_eq(c->p->parts[i].text, name))
			return fail_path(c, "two segments have the same name");
	if (count_named(c->p) + 2 > ROUTE_CAPTURES)
		return fail_path(c, "too many names; 15 can be captured");
	return add_part(c, name, true);
}

/* Written as requests will come, after normalising: or it would never match. */
static bool add_literal(struct compiler *c, struct weir_str segment)
{
	struct weir_str parts[] = { STR("/"), segment }, path, same;
	enum reason why;

	if (str_find(segment, '{') < segment.len || str_find(segment, '}') < segment.len)
		return fail_path(c, "{name} stands for a whole segment, as in /tariff/{code}");
	if (str_find(segment, '*') < segment.len)
		return fail_path(c, "* stands for everything below, at the end and after a slash: "
				 "/prefix/*");
	path = arena_join(c->arena, parts, 2);
	why = path_normalise(c->arena, path, true, &same);
	if (c->arena->overflowed)
		return fail_memory(c->error);
	if (why != REASON_NONE || (segment.len > 0 && same.len < 2) ||
	    str_find(str_skip(same, 1), '/') < same.len - 1)
		return fail_path(c, "no request has such a segment; write what a client sends, "
				 "with odd characters as %XX");
	return add_part(c, str_skip(same, 1), false);
}

static bool add_segment(struct compiler *c, struct weir_str segment, bool last)
{
	if (segment.len == 0 && !last)
		return fail_path(c, "two slashes in a row; requests come with one");
	if (last && str_eq(segment, STR("*"))) {
		c->p->rest = true;
		return true;
	}
	if (segment.len > 2 && segment.data[0] == '{' && segment.data[segment.len - 1] == '}')
		return add_name(c, str_of(segment.data + 1, segment.len - 2));
	return add_literal(c, segment);
}

static bool read_segments(struct compiler *c)
{
	struct weir_str rest = c->p->text;

	if (rest.len == 0 || rest.data[0] != '/')
		return fail_path(c, "a path begins with /");
	for (;;) {
		size_t cut;

		rest = str_skip(rest, 1);
		cut = str_find(rest, '/');
		if (!add_segment(c, str_head(rest, cut), cut == rest.len))
			return false;
		if (cut == rest.len)
			return true;
		rest = str_skip(rest, cut);
	}
}

/* Every group, and every name of one, is captured. */
static bool groups_fit(const struct regex *re)
{
	uint32_t count = regex_group_count(re);

	for (uint32_t n = 1; n <= regex_group_count(re); n++)
		count += regex_group_name(re, n).data != NULL;
	return count <= ROUTE_CAPTURES && regex_group_count(re) < REGEX_GROUPS;
}

static bool read_regex(struct compiler *c)
{
	struct weir_str text = c->p->text, rest;
	char *leading = arena_take(c->arena, text.len + 1);

	if (leading == NULL)
		return fail_memory(c->error);
	c->p->regex = regex_open(text, true, c->error);
	if (c->p->regex == NULL)
		return false;
	if (!groups_fit(c->p->regex))
		return fail_path(c, "too many groups; 15 can be captured, and (?:...) captures "
				 "nothing");
	rest = str_of(leading, regex_leading_segments(text, leading));
	while (rest.len > 1 && c->p->count < PATTERN_PARTS) {
		rest = str_skip(rest, 1);
		if (!add_part(c, str_head(rest, str_find(rest, '/')), false))
			return false;
		rest = str_skip(rest, str_find(rest, '/'));
	}
	return true;
}

static uint32_t parts_wanted(struct weir_str text)
{
	uint32_t count = 1;

	for (size_t i = 0; i < text.len && count < PATTERN_PARTS; i++)
		count += text.data[i] == '/';
	return count;
}

struct pattern *pattern_open(struct arena *arena, struct weir_str text, bool is_regex,
			     struct weir_error *error)
{
	struct compiler c = { .arena = arena, .error = error };
	bool fine;

	c.p = arena_zero(arena, sizeof(*c.p));
	if (c.p == NULL) {
		fail_memory(error);
		return NULL;
	}
	c.p->any = text.data == NULL;
	c.p->text = arena_copy(arena, c.p->any ? STR("*") : text);
	c.p->parts = arena_zero(arena, parts_wanted(text) * sizeof(*c.p->parts));
	if (c.p->any)
		c.p->rest = fine = true;
	else if (c.p->parts == NULL || arena->overflowed)
		fine = fail_memory(error);
	else
		fine = is_regex ? read_regex(&c) : read_segments(&c);
	if (fine)
		return c.p;
	pattern_close(c.p);
	return NULL;
}

void pattern_close(struct pattern *p)
{
	if (p == NULL)
		return;
	regex_close(p->regex);
	p->regex = NULL;
}

static void capture(struct route_found *found, struct weir_str name, struct weir_str value)
{
	if (found == NULL || found->capture_count == ROUTE_CAPTURES || value.data == NULL)
		return;
	found->captures[found->capture_count++] = (struct route_capture){ name, value };
}

static bool match_regex(const struct pattern *p, struct weir_str path, struct route_found *found)
{
	static const struct weir_str numbers[] = {
		{ "", 0 }, { "1", 1 }, { "2", 1 }, { "3", 1 }, { "4", 1 }, { "5", 1 }, { "6", 1 },
		{ "7", 1 }, { "8", 1 }, { "9", 1 }, { "10", 2 }, { "11", 2 }, { "12", 2 },
		{ "13", 2 }, { "14", 2 }, { "15", 2 },
	};
	struct weir_str groups[REGEX_GROUPS];

	if (!regex_match(p->regex, path, groups, REGEX_GROUPS))
		return false;
	if (found == NULL)
		return true;
	for (uint32_t n = 1; n <= regex_group_count(p->regex); n++) {
		capture(found, numbers[n], groups[n]);
		if (regex_group_name(p->regex, n).data != NULL)
			capture(found, regex_group_name(p->regex, n), groups[n]);
	}
	return true;
}

bool pattern_match(const struct pattern *p, struct weir_str path, struct route_found *found)
{
	struct weir_str rest = path, segment;

	if (found != NULL)
		found->capture_count = 0;
	if (p->any)
		return true;
	if (path.len == 0 || path.data[0] != '/')	/* OPTIONS * is about no path */
		return false;
	if (p->regex != NULL)
		return match_regex(p, path, found);
	for (uint32_t i = 0; i < p->count; i++) {
		if (rest.len == 0)
			return false;
		rest = str_skip(rest, 1);
		segment = str_head(rest, str_find(rest, '/'));
		rest = str_skip(rest, segment.len);
		if (p->parts[i].named ? segment.len == 0 : !str_eq(segment, p->parts[i].text))
			return false;
		if (p->parts[i].named)
			capture(found, p->parts[i].text, segment);
	}
	if (!p->rest)
		return rest.len == 0;
	capture(found, STR("*"), str_skip(rest, 1));
	return true;
}

static bool group_is(const struct regex *re, uint32_t n, struct weir_str name)
{
	char number[12];

	(void)snprintf(number, sizeof(number), "%u", n);
	return str_eq(name, str_from(number)) || str_eq(name, regex_group_name(re, n));
}

bool pattern_captures(const struct pattern *p, struct weir_str name)
{
	for (uint32_t i = 0; i < p->count; i++)
		if (p->parts[i].named && str_eq(p->parts[i].text, name))
			return true;
	for (uint32_t n = 1; p->regex != NULL && n <= regex_group_count(p->regex); n++)
		if (group_is(p->regex, n, name))
			return true;
	return p->rest && !p->any && str_eq(name, STR("*"));
}
