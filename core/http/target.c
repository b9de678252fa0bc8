/* target.c - the four forms of a request target, and the one authority of a request. */
#include "core/http/target.h"

#include "core/http/fields.h"
#include "core/http/scan.h"

static struct weir_str scheme_of(struct weir_str target)
{
	if (str_starts_nocase(target, STR("http://")))
		return STR("http");
	if (str_starts_nocase(target, STR("https://")))
		return STR("https");
	return STR_ABSENT;
}

bool request_line_valid(struct weir_str method, struct weir_str target)
{
	const char *end = target.data + target.len;

	return method.len <= 32 && header_name_valid(method) && target.len > 0 &&
	       target.data[0] == '/' && scan_visible(target.data, end) == end;
}

/* Cuts the query off; what is left is the path, or stands for `when_empty`. */
static enum reason read_path(struct request *r, struct weir_str text, bool keep_encoded_slash,
			     struct weir_str when_empty)
{
	size_t mark = str_find(text, '?');

	if (mark < text.len) {
		r->query = str_skip(text, mark + 1);
		if (!query_valid(r->query))
			return REASON_BAD_PATH;
	}
	r->path = when_empty;
	if (mark == 0)
		return REASON_NONE;
	return path_normalise(r->headers.arena, str_head(text, mark), keep_encoded_slash, &r->path);
}

static enum reason read_authority(struct request *r, struct weir_str text)
{
	bool fits = authority_read(r->headers.arena, text, &r->authority, &r->host, &r->port);

	return fits ? REASON_NONE : REASON_BAD_HOST;
}

/* The Host header must be alone and valid even when the target overrules it. */
static enum reason read_host(struct request *r)
{
	struct weir_str value = headers_get_id(&r->headers, HEADER_HOST);

	if (value.data == NULL)
		return r->minor == 0 ? REASON_NONE : REASON_BAD_HOST;
	if (headers_count(&r->headers, STR("host")) != 1)
		return REASON_BAD_HOST;
	return read_authority(r, value);
}

/* RFC 9112 3.2.4: an OPTIONS without a path is about the whole server. */
static enum reason read_absolute(struct request *r, const struct target_rules *rules)
{
	struct weir_str rest = str_skip(r->target, r->scheme.len + 3);
	bool whole_server;
	size_t cut = 0;
	enum reason why;

	while (cut < rest.len && rest.data[cut] != '/' && rest.data[cut] != '?')
		cut++;
	why = read_authority(r, str_head(rest, cut));
	if (why != REASON_NONE)
		return why;
	whole_server = r->method == METHOD_OPTIONS && cut == rest.len;
	return read_path(r, str_skip(rest, cut), rules->keep_encoded_slash,
			 whole_server ? STR("*") : STR("/"));
}

static enum reason read_form(struct request *r, const struct target_rules *rules)
{
	if (r->method == METHOD_CONNECT)
		return read_authority(r, r->target);
	if (r->target.len > 0 && r->target.data[0] == '/')
		return read_path(r, r->target, rules->keep_encoded_slash, STR_ABSENT);
	if (str_eq(r->target, STR("*"))) {
		r->path = r->target;
		return r->method == METHOD_OPTIONS ? REASON_NONE : REASON_BAD_PATH;
	}
	r->scheme = scheme_of(r->target);
	return r->scheme.data != NULL ? read_absolute(r, rules) : REASON_BAD_REQUEST;
}

/* What was cut from the target or brought to one form is what the upstream shall see too. */
static enum reason agree_on_host(struct request *r)
{
	struct weir_str value = headers_get_id(&r->headers, HEADER_HOST);

	if (r->authority.data == NULL || (value.data != NULL && str_eq(value, r->authority)))
		return REASON_NONE;
	return headers_set_id(&r->headers, HEADER_HOST, r->authority) ? REASON_NONE
								      : REASON_OUT_OF_MEMORY;
}

enum reason target_read(struct request *r, const struct target_rules *rules)
{
	enum reason why;

	r->scheme = r->authority = r->host = r->path = r->query = STR_ABSENT;
	r->port = 0;
	if (rules->longest > 0 && r->target.len > rules->longest)
		return REASON_TARGET_TOO_LONG;
	why = read_host(r);
	if (why == REASON_NONE)
		why = read_form(r, rules);
	return why == REASON_NONE ? agree_on_host(r) : why;
}
