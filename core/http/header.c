/* header.c - the fields of a head: numbers for known names, looking up, setting, removing. */
#include "core/http/header.h"

#include "core/http/fields.h"
#include "core/http/scan.h"

/* Length and first letter tell any two of them apart; a test proves it. */
#define KNOWN(X) \
	X(ACCEPT, 'a', "accept") \
	X(AUTHORIZATION, 'a', "authorization") \
	X(CONNECTION, 'c', "connection") \
	X(CONTENT_ENCODING, 'c', "content-encoding") \
	X(CONTENT_LENGTH, 'c', "content-length") \
	X(CONTENT_TYPE, 'c', "content-type") \
	X(COOKIE, 'c', "cookie") \
	X(DATE, 'd', "date") \
	X(EXPECT, 'e', "expect") \
	X(FORWARDED, 'f', "forwarded") \
	X(HOST, 'h', "host") \
	X(HTTP2_SETTINGS, 'h', "http2-settings") \
	X(KEEP_ALIVE, 'k', "keep-alive") \
	X(LOCATION, 'l', "location") \
	X(PROXY_AUTHENTICATE, 'p', "proxy-authenticate") \
	X(PROXY_AUTHORIZATION, 'p', "proxy-authorization") \
	X(PROXY_CONNECTION, 'p', "proxy-connection") \
	X(RETRY_AFTER, 'r', "retry-after") \
	X(SERVER, 's', "server") \
	X(SET_COOKIE, 's', "set-cookie") \
	X(TE, 't', "te") \
	X(TRACEPARENT, 't', "traceparent") \
	X(TRACESTATE, 't', "tracestate") \
	X(TRAILER, 't', "trailer") \
	X(TRANSFER_ENCODING, 't', "transfer-encoding") \
	X(UPGRADE, 'u', "upgrade") \
	X(USER_AGENT, 'u', "user-agent") \
	X(VIA, 'v', "via") \
	X(WEIR_REASON, 'w', "weir-reason") \
	X(X_FORWARDED_FOR, 'x', "x-forwarded-for") \
	X(X_FORWARDED_HOST, 'x', "x-forwarded-host") \
	X(X_FORWARDED_PROTO, 'x', "x-forwarded-proto") \
	X(X_REQUEST_ID, 'x', "x-request-id")

enum { LONGEST_KNOWN = 19, FIRST_ROOM = 32 };

static const struct weir_str names[HEADER_IDS] = {
#define X(id, first, text) [HEADER_##id] = { text, sizeof(text) - 1 },
	KNOWN(X)
#undef X
};

static const uint8_t by_length_and_letter[LONGEST_KNOWN + 1][32] = {
#define X(id, first, text) [sizeof(text) - 1][(first) & 31] = HEADER_##id,
	KNOWN(X)
#undef X
};

/* Differs only in the case of letters? `known` holds lower-case letters, digits and '-', so that
 * 0x40 tells the letters, where 0x20 may differ. */
static inline bool same_word(uint64_t known, uint64_t got)
{
	return ((known ^ got) & ~((known & 0x4040404040404040ull) >> 1)) == 0;
}

static inline uint64_t bytes_at(const char *p, size_t n)
{
	uint64_t w = 0;

	memcpy(&w, p, n);
	return w;
}

/* `n` bytes at the front and `n` at the end: all, when there are n to 2n of them. */
static inline bool same_ends(struct weir_str known, const char *got, size_t n)
{
	size_t last = known.len - n;

	return same_word(bytes_at(known.data, n), bytes_at(got, n)) &&
	       same_word(bytes_at(known.data + last, n), bytes_at(got + last, n));
}

static bool same_name(struct weir_str known, const char *got)
{
	if (known.len < 4)
		return same_ends(known, got, 2);
	if (known.len < 8)
		return same_ends(known, got, 4);
	return same_ends(known, got, 8) &&
	       (known.len <= 16 || same_word(bytes_at(known.data + 8, 8), bytes_at(got + 8, 8)));
}

enum header_id header_id_of(struct weir_str name)
{
	enum header_id id;

	if (name.len == 0 || name.len > LONGEST_KNOWN)
		return HEADER_OTHER;
	id = by_length_and_letter[name.len][name.data[0] & 31];
	if (id == HEADER_OTHER || !same_name(names[id], name.data))
		return HEADER_OTHER;
	return id;
}

struct weir_str header_name_of(enum header_id id)
{
	return id < HEADER_IDS ? names[id] : STR_ABSENT;
}

bool header_name_valid(struct weir_str name)
{
	return name.len > 0 && token_is_whole(name);
}

bool header_value_valid(struct weir_str value)
{
	const char *end = value.data + value.len;

	if (value.len == 0)
		return true;
	if (value.data[0] == ' ' || value.data[0] == '\t' || end[-1] == ' ' || end[-1] == '\t')
		return false;
	return value_is_whole(value);
}

void headers_init(struct headers *h, struct arena *arena, uint16_t most)
{
	bool fits = most <= UINT16_MAX - HEADERS_OWN;

	*h = (struct headers){ .arena = arena, .most = UINT16_MAX };
	if (fits)
		h->most = (uint16_t)(most + HEADERS_OWN);
}

bool headers_grow(struct headers *h)
{
	unsigned room = h->room == 0 ? FIRST_ROOM : h->room * 2u;
	struct header *at;

	if (room > h->most)
		room = h->most;
	if (room <= h->count)
		return false;
	at = arena_take(h->arena, room * sizeof(*at));
	if (at == NULL)
		return false;
	if (h->count > 0)
		memcpy(at, h->at, h->count * sizeof(*at));
	h->at = at;
	h->room = (uint16_t)room;
	return true;
}

bool headers_add_checked(struct headers *h, enum header_id id, struct weir_str name,
			 struct weir_str value)
{
	return headers_push(h, name, value, id);
}

bool headers_add(struct headers *h, struct weir_str name, struct weir_str value)
{
	value = str_trim(value);
	if (!header_name_valid(name) || !header_value_valid(value))
		return false;
	return headers_push(h, name, value, header_id_of(name));
}

/* Is it this name? The id decides for known names; only for others does the text matter. */
static bool is_named(const struct header *header, enum header_id id, struct weir_str name)
{
	if (header->gone || header->id != id)
		return false;
	return id != HEADER_OTHER ||
	       (header->name.len == name.len && str_eq_nocase(header->name, name));
}

static struct header *find_known(const struct headers *h, enum header_id id, unsigned from)
{
	for (struct header *at = h->at + from, *end = h->at + h->count; at < end; at++)
		if (at->id == id && !at->gone)
			return at;
	return NULL;
}

static struct header *find_other(const struct headers *h, struct weir_str name, unsigned from)
{
	for (struct header *at = h->at + from, *end = h->at + h->count; at < end; at++)
		if (at->id == HEADER_OTHER && at->name.len == name.len && !at->gone &&
		    str_eq_nocase(at->name, name))
			return at;
	return NULL;
}

/* The first at `from` or after it; NULL when there is none. */
static struct header *find(const struct headers *h, enum header_id id, struct weir_str name,
			   unsigned from)
{
	if ((h->present & header_bit(id)) == 0)
		return NULL;
	return id != HEADER_OTHER ? find_known(h, id, from) : find_other(h, name, from);
}

static unsigned remove_from(struct headers *h, enum header_id id, struct weir_str name,
			    unsigned from)
{
	unsigned removed = 0;
	struct header *header;

	for (; (header = find(h, id, name, from)) != NULL; removed++)
		header->gone = true;
	return removed;
}

static __attribute__((noinline)) bool set_again(struct headers *h, enum header_id id,
						 struct weir_str name, struct weir_str value)
{
	struct header *header = find(h, id, name, 0);

	if (header == NULL)
		return headers_push(h, name, value, id);
	header->value = value;
	remove_from(h, id, name, (unsigned)(header - h->at) + 1);
	return true;
}

bool headers_set_checked(struct headers *h, enum header_id id, struct weir_str name,
			 struct weir_str value)
{
	if ((h->present & header_bit(id)) == 0)		/* the usual case */
		return headers_push(h, name, value, id);
	return set_again(h, id, name, value);
}

bool headers_set(struct headers *h, struct weir_str name, struct weir_str value)
{
	value = str_trim(value);
	return header_name_valid(name) && header_value_valid(value) &&
	       headers_set_checked(h, header_id_of(name), name, value);
}

bool headers_set_id(struct headers *h, enum header_id id, struct weir_str value)
{
	value = str_trim(value);
	return header_value_valid(value) && headers_set_checked(h, id, names[id], value);
}

bool headers_put_id(struct headers *h, enum header_id id, struct weir_str value)
{
	return headers_set_checked(h, id, names[id], value);
}

unsigned headers_remove(struct headers *h, struct weir_str name)
{
	return remove_from(h, header_id_of(name), name, 0);
}

void headers_remove_known(struct headers *h, enum header_id id)
{
	remove_from(h, id, STR_ABSENT, 0);
}

struct weir_str headers_get_at(const struct headers *h, struct weir_str name, unsigned n)
{
	enum header_id id = header_id_of(name);
	struct header *header = find(h, id, name, 0);

	for (; header != NULL && n > 0; n--)
		header = find(h, id, name, (unsigned)(header - h->at) + 1);
	return header != NULL ? header->value : STR_ABSENT;
}

struct weir_str headers_get_known(const struct headers *h, enum header_id id)
{
	struct header *header = find(h, id, STR_ABSENT, 0);

	return header != NULL ? header->value : STR_ABSENT;
}

unsigned headers_count(const struct headers *h, struct weir_str name)
{
	enum header_id id = header_id_of(name);
	unsigned count = 0;

	for (unsigned i = 0; i < h->count; i++)
		count += is_named(&h->at[i], id, name);
	return count;
}

const struct header *headers_nth(const struct headers *h, unsigned n)
{
	headers_for_each(field, h)
		if (n-- == 0)
			return field;
	return NULL;
}

static char *put(char *at, struct weir_str s)
{
	if (s.len > 0)
		memcpy(at, s.data, s.len);
	return at + s.len;
}

static struct weir_str join(const struct headers *h, enum header_id id, struct weir_str name,
			    struct weir_str between)
{
	size_t room = 0;
	char *text, *at;

	for (unsigned i = 0; i < h->count; i++)
		if (is_named(&h->at[i], id, name))
			room += h->at[i].value.len + between.len;
	text = at = arena_take(h->arena, room);
	if (text == NULL)
		return STR("");
	for (unsigned i = 0; i < h->count; i++)
		if (is_named(&h->at[i], id, name))
			at = put(put(at, h->at[i].value), between);
	return str_of(text, room - between.len);
}

struct weir_str headers_joined(const struct headers *h, struct weir_str name)
{
	enum header_id id = header_id_of(name);
	const struct header *first = NULL;

	if ((h->present & header_bit(id)) == 0)
		return STR_ABSENT;
	for (unsigned i = 0; i < h->count; i++) {
		if (!is_named(&h->at[i], id, name))
			continue;
		if (first != NULL)
			return join(h, id, name, id == HEADER_COOKIE ? STR("; ") : STR(", "));
		first = &h->at[i];
		if (id == HEADER_SET_COOKIE)
			break;
	}
	return first != NULL ? first->value : STR_ABSENT;
}
