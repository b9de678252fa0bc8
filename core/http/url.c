/* url.c - an absolute URL of http or https, taken apart. */
#include "core/http/url.h"

#include "core/http/target.h"

static bool read_scheme(struct weir_str text, struct url *u, struct weir_str *rest)
{
	struct weir_str plain = STR("http://"), secure = STR("https://");

	u->secure = str_starts_nocase(text, secure);
	*rest = str_skip(text, u->secure ? secure.len : plain.len);
	return u->secure || str_starts_nocase(text, plain);
}

static size_t authority_end(struct weir_str s)
{
	size_t slash = str_find(s, '/'), mark = str_find(s, '?');

	return slash < mark ? slash : mark;
}

static void read_target(struct arena *arena, struct weir_str text, struct url *u)
{
	size_t mark;

	if (text.len == 0)
		text = STR("/");
	else if (text.data[0] == '?')
		text = arena_join(arena, (struct weir_str[]){ STR("/"), text }, 2);
	mark = str_find(text, '?');
	u->target = text;
	u->path = str_head(text, mark);
	u->query = mark < text.len ? str_skip(text, mark + 1) : STR_ABSENT;
}

bool url_read(struct arena *arena, struct weir_str text, struct url *out)
{
	struct weir_str rest;
	size_t end;

	if (!read_scheme(text, out, &rest))
		return false;
	rest = str_head(rest, str_find(rest, '#'));
	end = authority_end(rest);
	if (!authority_read(arena, str_head(rest, end), &out->authority, &out->host, &out->port))
		return false;
	if (out->port == 0)
		out->port = out->secure ? 443 : 80;
	read_target(arena, str_skip(rest, end), out);
	return !arena->overflowed;
}
