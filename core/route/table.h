/* table.h - the compiled match table of a listener: a request head in, the best route out. */
#ifndef CORE_ROUTE_TABLE_H
#define CORE_ROUTE_TABLE_H

#include <weir/error.h>

#include "core/base/arena.h"
#include "core/http/message.h"

/* What a predicate asks of one header, query parameter, cookie or claim. */
enum predicate_on { ON_HEADER, ON_QUERY, ON_COOKIE, ON_CLAIM, ON_CLIENT, ON_IDENTITY };
enum predicate_test { TEST_IS, TEST_PRESENT, TEST_ABSENT, TEST_REGEX };

/* Where a header, parameter or claim stands several times, one that passes is enough (for TEST_ABSENT:
 * none stands there). A regular expression passes when it matches anywhere in the value. */
struct route_predicate {
	enum predicate_on on;
	enum predicate_test test;
	struct weir_str name;
	struct weir_str value;		/* of TEST_IS and TEST_REGEX; the text of networks */
	const void *networks;		/* of ON_CLIENT: for route_ask.client_in(); lent for good */
};

/* One route as it is written; lent to table_build(), which copies. */
struct route_spec {
	uint32_t number;		/* what is found; also the position: smaller wins */
	struct weir_str name;		/* for sentences */
	const struct weir_str *hosts;	/* api.example.com or *.example.com; none: every host */
	uint32_t host_count;
	struct weir_str path;		/* exact, with {names}, with a final star; absent: all */
	bool path_is_regex;		/* then `path` is a regular expression for the whole path */
	const struct weir_str *methods;	/* none: every method */
	uint32_t method_count;
	const struct route_predicate *predicates;
	uint32_t predicate_count;
};

enum { ROUTE_CAPTURES = 16 };

struct route_capture {
	struct weir_str name;		/* of a {segment}; "*" for the rest; "1" ... for groups */
	struct weir_str value;		/* a slice of the request's path */
};

/* What find gives. */
struct route_found {
	uint32_t number;
	uint32_t steps;			/* places of the table that were looked at: for tests */
	uint32_t capture_count;
	struct route_capture captures[ROUTE_CAPTURES];
};

enum route_result {
	ROUTE_FOUND,
	ROUTE_NONE,
	ROUTE_METHOD,		/* some routes fail by their method alone: `allowed` */
};

/* The request as the table sees it. */
struct route_ask {
	const struct request *request;
	/* The n-th value of a claim of the client, absent after the last; NULL: there are none at all. */
	struct weir_str (*claim)(void *arg, struct weir_str name, uint32_t n);
	struct weir_str identity;	/* who the client is; absent: nobody knows */
	/* Is the client in these networks? NULL: never. */
	bool (*client_in)(void *arg, const void *networks);
	void *arg;
	struct arena *arena;		/* for decoded query parameters and for Allow */
};

struct table;

/* Compiles. NULL with a sentence that names both when two routes match the same, or one cannot be
 * compiled. Any thread; time grows with the number of routes, not with its square. */
struct table *table_build(const struct route_spec *const *specs, uint32_t count,
			  struct weir_error *error);
void table_free(struct table *t);

/* Allocates nothing, and its time does not grow with the number of routes. With ROUTE_METHOD,
 * `allowed` is the value of Allow, in the arena. */
enum route_result table_find(const struct table *t, const struct route_ask *ask,
			     struct route_found *found, struct weir_str *allowed);

/* The captured value of that name, or absent. */
struct weir_str route_capture(const struct route_found *found, struct weir_str name);

/* Tells each route that no request can reach, because at each of its hosts another with the same path takes
 * all that it would: `hidden` and `by` are their numbers. What is not certain is not told. False: out of
 * memory. */
bool table_hidden(const struct table *t, void (*say)(void *arg, uint32_t hidden, uint32_t by),
		  void *arg);

/* One set of predicates alone, for `when:`: true when all hold. */
struct matcher;
struct matcher *matcher_build(const struct route_spec *spec, struct weir_error *error);
void matcher_free(struct matcher *m);
bool matcher_holds(const struct matcher *m, const struct route_ask *ask);

#endif
