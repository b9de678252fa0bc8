/* pattern.c - which names and fingerprints a certificate may have. Pure. */
#include "plugins/mtls/pattern.h"

#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same_nocase(struct weir_str a, struct weir_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

static size_t find(struct weir_str s, char c)
{
	const char *at = s.len > 0 ? memchr(s.data, c, s.len) : NULL;

	return at != NULL ? (size_t)(at - s.data) : s.len;
}

static struct weir_str skip(struct weir_str s, size_t n)
{
	n = n < s.len ? n : s.len;
	return (struct weir_str){ s.data + n, s.len - n };
}

static bool begins(struct weir_str s, const char *with)
{
	size_t len = strlen(with);

	return s.len >= len && memcmp(s.data, with, len) == 0;
}

static bool is_word(struct weir_str s, const char *word)
{
	return s.len == strlen(word) && begins(s, word);
}

/* DNS -------------------------------------------------------------------------------------- */

static bool is_label_char(char c)
{
	char small = lower(c);

	return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool dns_pattern_valid(struct weir_str pattern)
{
	struct weir_str name = begins(pattern, "*.") ? skip(pattern, 2) : pattern;
	size_t label = 0;

	if (name.len == 0 || name.len > 253)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '.' && label == 0)
			return false;
		if (name.data[i] != '.' && !is_label_char(name.data[i]))
			return false;
		label = name.data[i] == '.' ? 0 : label + 1;
	}
	return label > 0;
}

bool dns_matches(struct weir_str pattern, struct weir_str name)
{
	size_t dot = find(name, '.');

	if (!begins(pattern, "*."))
		return same_nocase(pattern, name);
	return dot > 0 && dot < name.len && same_nocase(skip(pattern, 1), skip(name, dot));
}

/* SPIFFE ------------------------------------------------------------------------------------ */

static bool is_domain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool split(struct weir_str id, struct weir_str *domain, struct weir_str *path)
{
	struct weir_str rest;
	size_t slash;

	if (id.len > 2048 || !begins(id, "spiffe://"))
		return false;
	rest = skip(id, 9);
	slash = find(rest, '/');
	*domain = (struct weir_str){ rest.data, slash };
	*path = skip(rest, slash);
	for (size_t i = 0; i < domain->len; i++)
		if (!is_domain_char(domain->data[i]))
			return false;
	return domain->len > 0;
}

static bool segment_valid(struct weir_str s)
{
	if (s.len == 0 || is_word(s, ".") || is_word(s, ".."))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_label_char(s.data[i]) && s.data[i] != '.')
			return false;
	return true;
}

/* The next segment of "/a/b"; false after the last. */
static bool next_segment(struct weir_str *path, struct weir_str *segment)
{
	struct weir_str rest;

	if (path->len == 0)
		return false;
	rest = skip(*path, 1);
	*segment = (struct weir_str){ rest.data, find(rest, '/') };
	*path = skip(rest, segment->len);
	return true;
}

bool spiffe_pattern_valid(struct weir_str pattern)
{
	struct weir_str domain, path, segment;

	if (!split(pattern, &domain, &path))
		return false;
	while (next_segment(&path, &segment)) {
		if (is_word(segment, "**"))
			return path.len == 0;
		if (!is_word(segment, "*") && !segment_valid(segment))
			return false;
	}
	return true;
}

bool spiffe_matches(struct weir_str pattern, struct weir_str id)
{
	struct weir_str wanted_domain, wanted_path, domain, path, wanted, segment;

	if (!split(pattern, &wanted_domain, &wanted_path) || !split(id, &domain, &path) ||
	    !weir_str_eq(wanted_domain, domain))
		return false;
	while (next_segment(&wanted_path, &wanted)) {
		if (!next_segment(&path, &segment) || !segment_valid(segment))
			return false;
		if (is_word(wanted, "**"))
			return true;
		if (!is_word(wanted, "*") && !weir_str_eq(wanted, segment))
			return false;
	}
	return path.len == 0;
}

/* Fingerprints ------------------------------------------------------------------------------- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool fingerprint_read(struct weir_str text, char out[FINGERPRINT])
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = lower(text.data[i]);

		if (c == ':' && n > 0 && n % 2 == 0)
			continue;
		if (!is_hex(c) || n == FINGERPRINT)
			return false;
		out[n++] = c;
	}
	return n == FINGERPRINT;
}
