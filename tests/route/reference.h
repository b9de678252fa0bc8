/* reference.h - the rules of routing, written down as plainly as possible: every route is looked
 * at, and nothing is shared with the table. */
#ifndef TESTS_ROUTE_REFERENCE_H
#define TESTS_ROUTE_REFERENCE_H

#include "core/route/table.h"

enum { MOST_SEGMENTS = 16 };

/* A regular expression of the test, with what the rules say about it in words of its own. */
struct known_regex {
	const char *text;
	unsigned leading;		/* segments that it plainly begins with */
	bool (*takes)(struct weir_str path);
};

extern const struct known_regex known_regexes[];
extern const unsigned known_regex_count;

/* What table_find() must say. */
enum route_result reference_find(const struct route_spec *const *specs, uint32_t count,
				 const struct request *r, uint32_t *number, uint32_t *methods);
/* Do two of them match the same? */
bool reference_has_twins(const struct route_spec *const *specs, uint32_t count);

#endif
