/* ask.c - what goes to the one that decides, and how its answer is read. */
#include "plugins/forward_auth/ask.h"

#include <strings.h>

enum ask_says ask_read(uint16_t status)
{
	if (status >= 200 && status < 300)
		return ASK_PASSES;
	if (status >= 300 && status < 500 && status != 304 && status != 408 && status != 429)
		return ASK_REFUSES;
	return ASK_NO_ANSWER;
}

uint64_t ask_seconds(uint64_t pause_ns)
{
	const uint64_t second = 1000000000, most = 3600;

	if (pause_ns >= most * second)
		return most;
	return (pause_ns + second - 1) / second;
}

static bool same(struct weir_str a, struct weir_str b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* A client that could write these would tell the other side what it is asked about. */
static bool is_ours(struct weir_str name)
{
	static const struct weir_str ours[] = {
		{ "x-forwarded-method", 18 }, { "x-forwarded-proto", 17 }, { "x-forwarded-host", 16 },
		{ "x-forwarded-uri", 15 }, { "x-forwarded-for", 15 }, { "forwarded", 9 },
		{ "x-real-ip", 9 }, { "x-request-id", 12 }, { "host", 4 }, { "content-length", 14 },
		{ "transfer-encoding", 17 }, { "connection", 10 }, { "upgrade", 7 }, { "te", 2 },
		{ "expect", 6 }, { "trailer", 7 },
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (same(name, ours[i]))
			return true;
	return false;
}

bool ask_may_send(struct weir_str name, const struct weir_str *names, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (same(name, names[i]))
			return !is_ours(name);
	return false;
}

struct weir_str ask_header(const struct weir_field *fields, size_t count, struct weir_str name)
{
	for (size_t i = 0; i < count; i++)
		if (same(fields[i].name, name))
			return fields[i].value;
	return WEIR_ABSENT;
}
