/* fields.h - a section of field lines, in heads and trailers. Private to this floor. */
#ifndef CORE_HTTP_FIELDS_H
#define CORE_HTTP_FIELDS_H

#include "core/http/header.h"

enum fields_result {
	FIELDS_DONE,
	FIELDS_MORE,		/* the empty line is not there yet */
	FIELDS_BAD,
	FIELDS_MANY,		/* more than `most` */
	FIELDS_MEMORY,
};

/* Reads field lines from *at on, up to and with the empty line. Strict: only CRLF ends a line, no
 * fold, no space before the colon. `repeated` collects a bit per header id that came more than
 * once. */
enum fields_result fields_read(const char **at, const char *end, unsigned most,
			       struct headers *into, uint64_t *repeated);

static inline uint64_t header_bit(enum header_id id)
{
	return (uint64_t)1 << id;
}

bool headers_grow(struct headers *h);	/* the slow path of headers_push */

/* Puts a checked field at the end; false at the limit or out of memory. */
static inline bool headers_push(struct headers *h, struct weir_str name, struct weir_str value,
				enum header_id id)
{
	struct header *header;

	if (h->count == h->room && !headers_grow(h))
		return false;
	header = &h->at[h->count++];
	header->name = name;
	header->value = value;
	header->id = (uint8_t)id;
	header->gone = false;
	h->present |= header_bit(id);
	return true;
}

/* May this field come after a body? Not what frames, routes, authorises or describes it. */
bool trailer_allowed(const struct header *header);

#endif
