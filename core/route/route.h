/* route.h - one route of the table, compiled, and whether a request is for it. Private here. */
#ifndef CORE_ROUTE_ROUTE_H
#define CORE_ROUTE_ROUTE_H

#include "core/route/pattern.h"
#include "core/route/predicate.h"

struct route_host {
	struct weir_str name;	/* lower case; of "*.x" the x */
	bool below;		/* one or more labels before it */
};

struct route {
	uint32_t number;
	uint32_t weight;		/* how many predicates: the method is one */
	struct weir_str name;
	struct pattern *pattern;
	struct route_host *hosts;	/* none: every host */
	uint32_t host_count;
	uint32_t methods;		/* a bit per enum method; 0 and no others: every method */
	uint32_t other_count, predicate_count;
	struct weir_str *others;	/* methods without a number */
	struct predicate *predicates;
};

/* Copies into the arena. False with a sentence that begins with the route's name; closed again
 * then. */
bool route_open(struct route *r, const struct route_spec *spec, struct arena *arena,
		struct weir_error *error);
void route_close(struct route *r);

/* True for hosts that it names, and for every host when it names none. How many bytes of the host
 * are matched: more is more precise; the whole host (exact) is most, 0 is none named. */
bool route_takes_host(const struct route *r, struct weir_str host, size_t *precision);
bool route_takes_method(const struct route *r, const struct request *request);
/* Does it name this method, which has no number? */
bool route_names_method(const struct route *r, struct weir_str method);
/* All but host, path and method. */
bool route_takes_rest(const struct route *r, const struct route_ask *ask);

/* Do both ask the same, host and path aside? */
bool route_same_predicates(const struct route *a, const struct route *b);
uint64_t route_predicates_hash(const struct route *r);

#endif
