/* listing.h - endpoints as a source has told them: checked, copied, immutable. For this floor. */
#ifndef CORE_UPSTREAM_LISTING_H
#define CORE_UPSTREAM_LISTING_H

#include <weir/endpoint.h>

#include "core/base/arena.h"
#include "core/upstream/service.h"

enum { WEIGHT_MOST = 1000000, NAMES_MOST = 1000 };

/* The control thread's; sets hold it for its texts. */
struct listing {
	uint32_t refs, count;
	struct weir_endpoint *told;	/* address: the canonical text; id never absent; weight never 0 */
	struct address *addresses;	/* the same, parsed; may be names */
	struct weir_str *names;		/* the host name it was resolved from, or absent */
	uint32_t name_count;		/* addresses that still are names */
	struct arena arena;
};

/* Copies rows of `size` bytes each. NULL when one is not valid or stands there twice. */
struct listing *listing_new(const struct weir_endpoint *rows, uint32_t count, size_t size,
			    struct weir_error *error);
struct listing *listing_of_service(const struct service_endpoint *rows, uint32_t count,
				   struct weir_error *error);

/* With room for `room` rows, to be filled by listing_add(). */
struct listing *listing_begin(uint32_t room);
/* Copies a row with another address; false when out of memory. An address that is there already is left
 * out. `named`: that its host name was looked up. */
bool listing_add(struct listing *l, const struct weir_endpoint *row, const struct address *address,
		 struct weir_str name);

bool listing_same(const struct listing *a, const struct listing *b);
struct listing *listing_ref(struct listing *l);
void listing_unref(struct listing *l);		/* NULL is fine */

#endif
