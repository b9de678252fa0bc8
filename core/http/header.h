/* header.h - the fields of a head: slices, in order, with the known ones numbered. */
#ifndef CORE_HTTP_HEADER_H
#define CORE_HTTP_HEADER_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* Names that the core itself asks about; lower case. A table gives name and class for each. */
enum header_id {
	HEADER_OTHER,
	HEADER_ACCEPT,
	HEADER_AUTHORIZATION,
	HEADER_CONNECTION,
	HEADER_CONTENT_ENCODING,
	HEADER_CONTENT_LENGTH,
	HEADER_CONTENT_TYPE,
	HEADER_COOKIE,
	HEADER_DATE,
	HEADER_EXPECT,
	HEADER_FORWARDED,
	HEADER_HOST,
	HEADER_HTTP2_SETTINGS,
	HEADER_KEEP_ALIVE,
	HEADER_LOCATION,
	HEADER_PROXY_AUTHENTICATE,
	HEADER_PROXY_AUTHORIZATION,
	HEADER_PROXY_CONNECTION,
	HEADER_RETRY_AFTER,
	HEADER_SERVER,
	HEADER_SET_COOKIE,
	HEADER_TE,
	HEADER_TRACEPARENT,
	HEADER_TRACESTATE,
	HEADER_TRAILER,
	HEADER_TRANSFER_ENCODING,
	HEADER_UPGRADE,
	HEADER_USER_AGENT,
	HEADER_VIA,
	HEADER_WEIR_REASON,
	HEADER_X_FORWARDED_FOR,
	HEADER_X_FORWARDED_HOST,
	HEADER_X_FORWARDED_PROTO,
	HEADER_X_REQUEST_ID,
	HEADER_IDS	/* at most 64: a set of ids is one word */
};

struct header {
	struct weir_str name;	/* as it came or was set; compared without case */
	struct weir_str value;	/* trimmed */
	uint8_t id;		/* enum header_id */
	bool gone;		/* removed: skipped by everything below */
};

/* Room comes from the arena and grows up to `most`; views of removed and replaced values stay
 * valid until the arena ends. */
struct headers {
	struct header *at;
	uint16_t count, room, most;
	uint64_t present;	/* bit per enum header_id that has stood here (never cleared) */
	struct arena *arena;
};

/* `most` is for the peer's fields; HEADERS_OWN more may be added by whoever forwards them, so that
 * a head at its limit still gets its Via and what policies set. */
enum { HEADERS_OWN = 32 };
void headers_init(struct headers *h, struct arena *arena, uint16_t most);

/* The number of a name; HEADER_OTHER when it is none of ours. Any case. */
enum header_id header_id_of(struct weir_str name);
struct weir_str header_name_of(enum header_id id);	/* lower case */

bool header_name_valid(struct weir_str name);	/* 1*tchar, RFC 9110 5.6.2 */
/* RFC 9110 5.5: HTAB, SP, VCHAR, obs-text; no blank at either end. */
bool header_value_valid(struct weir_str value);

/* Lends name and value: they must live as long as the arena. The value is trimmed. False at
 * the limit, out of memory, and for what is not a valid name or value: no line break gets
 * into a head. */
bool headers_add(struct headers *h, struct weir_str name, struct weir_str value);
/* Replaces all of that name by one. */
bool headers_set(struct headers *h, struct weir_str name, struct weir_str value);
bool headers_set_id(struct headers *h, enum header_id id, struct weir_str value);
/* The same, of a value that is known to be a valid one: made by us, or read from another head. */
bool headers_put_id(struct headers *h, enum header_id id, struct weir_str value);
/* Both, of a name and a value that the caller has checked: the number is the name's. */
bool headers_set_checked(struct headers *h, enum header_id id, struct weir_str name,
			 struct weir_str value);
bool headers_add_checked(struct headers *h, enum header_id id, struct weir_str name,
			 struct weir_str value);
/* Gives how many there were. */
unsigned headers_remove(struct headers *h, struct weir_str name);
void headers_remove_known(struct headers *h, enum header_id id);
static inline void headers_remove_id(struct headers *h, enum header_id id)
{
	if ((h->present >> id & 1) != 0)
		headers_remove_known(h, id);
}

/* The n-th value of that name (from 0), or the absent str. */
struct weir_str headers_get_at(const struct headers *h, struct weir_str name, unsigned n);
struct weir_str headers_get_known(const struct headers *h, enum header_id id);
static inline struct weir_str headers_get_id(const struct headers *h, enum header_id id)	/* the first */
{
	return (h->present >> id & 1) != 0 ? headers_get_known(h, id) : STR_ABSENT;
}
/* The n-th of all that stand there (from 0), or NULL. */
const struct header *headers_nth(const struct headers *h, unsigned n);
unsigned headers_count(const struct headers *h, struct weir_str name);
/* All values joined with ", " ("; " for Cookie), in the arena when there are several; absent when
 * none. Set-Cookie cannot be joined (RFC 9110 5.3): the first. */
struct weir_str headers_joined(const struct headers *h, struct weir_str name);

static inline bool headers_has_id(const struct headers *h, enum header_id id)
{
	return headers_get_id(h, id).data != NULL;
}

#define headers_for_each(it, h) \
	for (struct header *it = (h)->at, *it##_end = it != NULL ? it + (h)->count : it; \
	     it < it##_end; it++) \
		if (!it->gone)

#endif
