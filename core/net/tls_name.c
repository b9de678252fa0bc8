/* tls_name.c - host names of TLS and SPIFFE identities. Pure. */
#include "core/net/tls_name.h"

enum { NAME_MOST = 253, LABEL_MOST = 63, SPIFFE_MOST = 2048 };

static bool is_name_char(char c)
{
	char lower = ascii_lower(c);

	return ascii_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '_';
}

static bool labels_valid(struct weir_str name)
{
	size_t label = 0;

	if (name.len == 0 || name.len > NAME_MOST)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!is_name_char(name.data[i]) || ++label > LABEL_MOST) {
			return false;
		}
	}
	return label > 0;
}

bool tls_name_valid(struct weir_str name)
{
	return labels_valid(str_starts(name, STR("*.")) ? str_skip(name, 2) : name);
}

/* "*.com" would be half of the world. */
static bool wildcard_covers(struct weir_str base, struct weir_str host)
{
	size_t dot = str_find(host, '.');

	return dot > 0 && dot < host.len && str_find(base, '.') < base.len &&
	       str_eq(str_skip(host, dot + 1), base);
}

bool tls_name_covers(struct weir_str name, struct weir_str host)
{
	if (str_starts(name, STR("*.")))
		return wildcard_covers(str_skip(name, 2), host);
	return name.len > 0 && str_eq(name, host);
}

struct weir_str tls_name_fold(struct weir_str asked, char *room)
{
	if (asked.len > 0 && asked.data[asked.len - 1] == '.')
		asked.len--;
	if (!labels_valid(asked))
		return STR_ABSENT;
	for (size_t i = 0; i < asked.len; i++)
		room[i] = ascii_lower(asked.data[i]);
	return str_of(room, asked.len);
}

/* SPIFFE ------------------------------------------------------------------------------------ */

static bool is_domain_char(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

static bool is_segment_char(char c)
{
	return is_name_char(c) || c == '.';
}

/* Splits off the trust domain; false when it is none. */
static bool spiffe_split(struct weir_str id, struct weir_str *domain, struct weir_str *path)
{
	struct weir_str rest;
	size_t slash;

	if (id.len > SPIFFE_MOST || !str_starts(id, STR("spiffe://")))
		return false;
	rest = str_skip(id, 9);
	slash = str_find(rest, '/');
	*domain = str_head(rest, slash);
	*path = str_skip(rest, slash);
	if (domain->len == 0 || domain->len > 255)
		return false;
	for (size_t i = 0; i < domain->len; i++)
		if (!is_domain_char(domain->data[i]))
			return false;
	return true;
}

static bool segment_valid(struct weir_str s)
{
	if (s.len == 0 || str_eq(s, STR(".")) || str_eq(s, STR("..")))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_segment_char(s.data[i]))
			return false;
	return true;
}

/* The next segment of "/a/b"; false after the last. */
static bool next_segment(struct weir_str *path, struct weir_str *segment)
{
	struct weir_str rest;

	if (path->len == 0)
		return false;
	rest = str_skip(*path, 1);
	*segment = str_head(rest, str_find(rest, '/'));
	*path = str_skip(rest, segment->len);
	return true;
}

bool spiffe_valid(struct weir_str id)
{
	struct weir_str domain, path, segment;

	if (!spiffe_split(id, &domain, &path))
		return false;
	while (next_segment(&path, &segment))
		if (!segment_valid(segment))
			return false;
	return true;
}
