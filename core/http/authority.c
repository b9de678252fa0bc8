/* authority.c - "host[:port]": checked, cut and brought to lower case. */
#include <arpa/inet.h>

#include "core/http/scan.h"
#include "core/http/target.h"

enum { LONGEST_HOST = 255 };

/* "[v6]": the libc knows what is one; no zone, no IPvFuture. */
static bool literal_valid(struct weir_str host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	size_t len = host.len - 2;

	if (host.len < 4 || len >= sizeof(text) || host.data[host.len - 1] != ']')
		return false;
	memcpy(text, host.data + 1, len);
	text[len] = '\0';
	return strlen(text) == len && inet_pton(AF_INET6, text, &address) == 1;
}

/* Labels of unreserved bytes with a dot between; one dot may end it. Escapes and the sub-delims
 * that RFC 3986 would let stand are in no name that is served, and servers differ over them. */
static bool name_valid(struct weir_str host)
{
	char before = '.';

	for (size_t i = 0; i < host.len; i++) {
		if (!byte_is(host.data[i], BYTE_UNRESERVED))
			return false;
		if (host.data[i] == '.' && before == '.')
			return false;
		before = host.data[i];
	}
	return host.len > 0;
}

/* *DIGIT; 0 is for an absent or empty port, and may not be written. */
static bool port_read(struct weir_str text, uint16_t *port)
{
	uint64_t n;

	*port = 0;
	if (text.len == 0)
		return true;
	if (text.len > 5 || !str_to_u64(text, &n) || n == 0 || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

static size_t host_length(struct weir_str authority)
{
	size_t close;

	if (authority.len == 0 || authority.data[0] != '[')
		return str_find(authority, ':');
	close = str_find(authority, ']');
	return close < authority.len ? close + 1 : 0;
}

/* Already "host" or "host:port" in lower case, with nothing to drop? */
static bool is_canonical(struct weir_str host, struct weir_str rest)
{
	const char *end = host.data + host.len;

	if (rest.len == 1 || end[-1] == '.')
		return false;
	if (host.data[0] != '[')
		return scan_class(host.data, end, BYTE_HOST) == end;
	for (const char *p = host.data; p < end; p++)
		if (*p != ascii_lower(*p))
			return false;
	return true;
}

static bool copy_lower(struct arena *arena, struct weir_str host, struct weir_str rest,
		       struct weir_str *whole, struct weir_str *out)
{
	char *copy;

	if (host.data[host.len - 1] == '.')	/* "example.com." is the same name */
		host.len--;
	if (rest.len == 1)
		rest.len = 0;
	copy = arena_take(arena, host.len + rest.len);
	if (copy == NULL || host.len == 0)
		return false;
	for (size_t i = 0; i < host.len; i++)
		copy[i] = ascii_lower(host.data[i]);
	memcpy(copy + host.len, rest.data, rest.len);
	*whole = str_of(copy, host.len + rest.len);
	*out = str_of(copy, host.len);
	return true;
}

bool authority_read(struct arena *arena, struct weir_str authority, struct weir_str *whole,
		    struct weir_str *host, uint16_t *port)
{
	struct weir_str name = str_head(authority, host_length(authority));
	struct weir_str rest = str_skip(authority, name.len);

	if (name.len == 0 || name.len > LONGEST_HOST)
		return false;
	if (rest.len > 0 && rest.data[0] != ':')
		return false;
	if (!port_read(str_skip(rest, 1), port))
		return false;
	if (!(name.data[0] == '[' ? literal_valid(name) : name_valid(name)))
		return false;
	if (!is_canonical(name, rest))
		return copy_lower(arena, name, rest, whole, host);
	*whole = authority;
	*host = name;
	return true;
}
