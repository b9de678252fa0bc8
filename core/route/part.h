/* part.h - one word of the language of keys and templates, read and asked for. Private to this
 * floor. */
#ifndef CORE_ROUTE_PART_H
#define CORE_ROUTE_PART_H

#include "core/route/key.h"

struct part {
	enum key_part what;
	bool or_capture;	/* {host}: the path's segment of that name comes first */
	bool masked;		/* client.ip/64 */
	uint8_t bits;
	struct weir_str name;	/* lent by the text it was read from */
};

/* Reads a key as written. False with a sentence that says what is possible. */
bool part_read_key(struct part *part, struct weir_str text, struct weir_error *error);
/* Reads what stands in the braces of a template: a key, a name, `*`, a number. */
bool part_read_brace(struct part *part, struct weir_str text, struct weir_error *error);

/* The value now; absent when there is none. `captured`: it is a slice of the request's path. */
struct weir_str part_value(const struct part *part, const struct key_asker *asker, void *arg,
			   struct arena *arena, bool *captured);

#endif
