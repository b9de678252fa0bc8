/* predicate.h - one thing that a route asks of a request beside host, path and method. */
#ifndef CORE_ROUTE_PREDICATE_H
#define CORE_ROUTE_PREDICATE_H

#include "core/route/table.h"

struct regex;

struct predicate {
	enum predicate_on on;
	enum predicate_test test;
	enum header_id id;	/* of a header */
	struct weir_str name;
	struct weir_str value;
	struct regex *regex;	/* of TEST_REGEX */
	const void *networks;	/* of ON_CLIENT */
};

/* Copies into the arena. False with a sentence; then there is nothing to close. */
bool predicate_open(struct predicate *p, const struct route_predicate *spec, struct arena *arena,
		    struct weir_error *error);
void predicate_close(struct predicate *p);

bool predicate_holds(const struct predicate *p, const struct route_ask *ask);
bool predicate_same(const struct predicate *a, const struct predicate *b);
uint64_t predicate_hash(const struct predicate *p);

/* "header x-channel", and what is wrong with the request: "is app, not web". */
struct weir_str predicate_why_not(const struct predicate *p, const struct route_ask *ask);

#endif
