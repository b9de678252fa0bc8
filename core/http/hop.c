/* hop.c - what belongs to one hop only, what only a trusted hop may say, and by whom a message came. */
#include "core/http/hop.h"

#include "core/http/fields.h"
#include "core/http/scan.h"

#define BIT(name) ((uint64_t)1 << HEADER_##name)

static const uint64_t one_hop = BIT(CONNECTION) | BIT(KEEP_ALIVE) | BIT(PROXY_CONNECTION) |
	BIT(TE) | BIT(TRAILER) | BIT(TRANSFER_ENCODING) | BIT(UPGRADE) | BIT(HTTP2_SETTINGS) |
	BIT(PROXY_AUTHENTICATE) | BIT(PROXY_AUTHORIZATION);

static const uint64_t frames = BIT(CONNECTION) | BIT(CONTENT_LENGTH) | BIT(HTTP2_SETTINGS) |
	BIT(KEEP_ALIVE) | BIT(PROXY_CONNECTION) | BIT(TE) | BIT(TRAILER) | BIT(TRANSFER_ENCODING) |
	BIT(UPGRADE);

/* Connection must not talk us out of these: they frame, route, identify or trace the message. */
static const uint64_t not_by_name = BIT(HOST) | BIT(CONTENT_LENGTH) | BIT(TRANSFER_ENCODING) |
	BIT(AUTHORIZATION) | BIT(CONTENT_TYPE) | BIT(CONTENT_ENCODING) | BIT(COOKIE) |
	BIT(SET_COOKIE) | BIT(DATE) | BIT(EXPECT) | BIT(FORWARDED) | BIT(LOCATION) | BIT(VIA) |
	BIT(X_FORWARDED_FOR) | BIT(X_FORWARDED_HOST) | BIT(X_FORWARDED_PROTO) | BIT(X_REQUEST_ID) |
	BIT(TRACEPARENT) | BIT(TRACESTATE) | BIT(WEIR_REASON);

static void remove_nominated(struct headers *h, struct weir_str options)
{
	struct weir_str option;

	while (str_next(&options, ',', &option)) {
		enum header_id id = header_id_of(option);

		if (id == HEADER_OTHER)
			headers_remove(h, option);
		else if ((not_by_name & header_bit(id)) == 0)
			headers_remove_id(h, id);
	}
}

void headers_strip_hop_by_hop(struct headers *h)
{
	if ((h->present & one_hop) == 0)
		return;
	/* By index and with gone ones: an option may name Connection itself. */
	for (unsigned i = 0; i < h->count; i++)
		if (h->at[i].id == HEADER_CONNECTION)
			remove_nominated(h, h->at[i].value);
	headers_for_each(header, h)
		if ((one_hop & header_bit(header->id)) != 0)
			header->gone = true;
}

bool header_frames(enum header_id id)
{
	return (frames & header_bit(id)) != 0;
}

static char dashed(char c)
{
	return c == '_' ? '-' : ascii_lower(c);
}

/* Many servers hand both spellings to the application as one. */
static bool same_spelling(struct weir_str a, struct weir_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (dashed(a.data[i]) != dashed(b.data[i]))
			return false;
	return true;
}

unsigned headers_remove_spellings(struct headers *h, struct weir_str name)
{
	unsigned removed = 0;

	headers_for_each(header, h) {
		if (!same_spelling(header->name, name))
			continue;
		header->gone = true;
		removed++;
	}
	return removed;
}

static bool said_by_proxies(struct weir_str name)
{
	static const struct weir_str whole[] = {
		{ "forwarded", 9 }, { "x-real-ip", 9 }, { "x-client-cert", 13 },
		{ "x-forwarded-client-cert", 23 }, { "x-envoy-external-address", 24 },
		{ "true-client-ip", 14 }, { "client-cert", 11 }, { "client-cert-chain", 17 },
	};
	static const struct weir_str start = { "x-forwarded-", 12 };

	if (name.len > start.len && same_spelling(str_head(name, start.len), start))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (name.len == whole[i].len && same_spelling(name, whole[i]))
			return true;
	return false;
}

static const uint64_t trusted = BIT(FORWARDED) | BIT(X_FORWARDED_FOR) | BIT(X_FORWARDED_HOST) |
	BIT(X_FORWARDED_PROTO);

/* Most names need no closer look: all of those above begin with one of four letters. */
static bool worth_a_look(struct weir_str name)
{
	switch (name.data[0] | 0x20) {
	case 'c':
	case 'f':
	case 't':
	case 'x':
		return name.len >= 9;
	default:
		return false;
	}
}

void headers_strip_trusted(struct headers *h)
{
	headers_for_each(header, h) {
		if (header->id != HEADER_OTHER ? (trusted & header_bit(header->id)) != 0
					       : worth_a_look(header->name) &&
						 said_by_proxies(header->name))
			header->gone = true;
	}
}

struct weir_str header_list_add(struct arena *arena, struct weir_str list, struct weir_str one)
{
	if (list.data == NULL)
		return one;
	return arena_join(arena, (struct weir_str[]){ list, STR(", "), one }, 3);
}

struct weir_str headers_via(const struct headers *h)
{
	return headers_has_id(h, HEADER_VIA) ? headers_joined(h, STR("via")) : STR_ABSENT;
}

void headers_add_via(struct headers *h, struct weir_str by)
{
	(void)headers_put_id(h, HEADER_VIA, header_list_add(h->arena, headers_via(h), by));
}
