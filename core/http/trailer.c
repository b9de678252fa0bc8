/* trailer.c - which fields come too late when they come after the body (RFC 9110 6.5.1). */
#include "core/http/fields.h"

#include "core/base/mem.h"

/* Every name we number matters to somebody before the body, but for these. */
static const uint64_t harmless = (uint64_t)1 << HEADER_OTHER | (uint64_t)1 << HEADER_DATE |
	(uint64_t)1 << HEADER_SERVER | (uint64_t)1 << HEADER_USER_AGENT;

static const struct weir_str forbidden[] = {
	{ "age", 3 }, { "authentication-info", 19 }, { "cache-control", 13 },
	{ "content-location", 16 }, { "content-range", 13 }, { "expires", 7 },
	{ "if-match", 8 }, { "if-modified-since", 17 }, { "if-none-match", 13 },
	{ "if-range", 8 }, { "if-unmodified-since", 19 }, { "max-forwards", 12 },
	{ "pragma", 6 }, { "proxy-authentication-info", 25 }, { "range", 5 }, { "vary", 4 },
	{ "warning", 7 }, { "www-authenticate", 16 }, { "x-real-ip", 9 },
};

static const struct weir_str forbidden_start[] = {
	{ "x-forwarded-", 12 }, { "x_forwarded_", 12 }, { "access-control-", 15 },
};

bool trailer_allowed(const struct header *header)
{
	if ((harmless & header_bit(header->id)) == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		if (str_eq_nocase(header->name, forbidden[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(forbidden_start); i++)
		if (str_starts_nocase(header->name, forbidden_start[i]))
			return false;
	return true;
}
