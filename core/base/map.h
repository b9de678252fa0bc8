/* map.h - text to pointer. Keeps the order of insertion; keys are copied. Not for the hot path. */
#ifndef CORE_BASE_MAP_H
#define CORE_BASE_MAP_H

#include "core/base/str.h"

struct map_entry {
	struct weir_str key;	/* owned; ends with NUL */
	void *value;		/* the user's */
};

struct map {
	struct map_entry *entries;	/* in order of insertion */
	uint32_t *index;		/* hash slot -> entry + 1, 0 empty */
	uint32_t count, room, slots;
};

void map_init(struct map *m);
void map_fini(struct map *m);	/* frees keys, not values */

/* The value, or NULL. */
void *map_get(const struct map *m, struct weir_str key);
/* Sets or replaces; false when out of memory. */
bool map_set(struct map *m, struct weir_str key, void *value);

#define map_for_each(entry, m) \
	for (struct map_entry *entry = (m)->entries; \
	     entry != NULL && entry < (m)->entries + (m)->count; entry++)

#endif
