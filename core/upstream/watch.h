/* watch.h - one source of endpoints: the configuration's own, or a discovery plugin that watches. */
#ifndef CORE_UPSTREAM_WATCH_H
#define CORE_UPSTREAM_WATCH_H

#include <weir/discovery.h>

#include "core/upstream/listing.h"
#include "core/upstream/roster.h"

/* Where a tier's endpoints come from. */
struct service_source {
	struct weir_use *use;		/* borrowed; NULL: */
	struct listing *given;		/* from the configuration */
	struct weir_watch *watch;	/* while the service is open */
};

/* The host keeps the last good listing, looks names up, tells services of changes, and knows how old
 * the news is. A watch is shared by the services of a roster that have the same source, so that a
 * reload that did not change it does not begin anew. Control thread only, but for readers under the
 * world's lock. */
struct weir_watch {
	struct list link;		/* in roster->watches */
	struct roster *roster;
	struct weir_use *use;
	uint32_t users;
	struct listing *raw;		/* as it was last told; may have names */
	struct listing *listing;	/* with names looked up; NULL: nothing is known yet */
	struct list hosts;		/* struct host, of names.c: what names were last */
	uint32_t round;			/* of looking them up */
	struct fiber *fiber, *resolver;
	uint64_t fiber_life, resolver_life;
	struct wait_queue kicked;	/* the resolver waits here for news */
	uint64_t told_at;		/* when the source last said what there is; monotonic ns, 0: never */
	bool known;			/* it has spoken, or failed */
	bool news;			/* for the resolver */
	char failure[160];		/* what it suffers from now, or empty */
};

/* Gives a use of the roster's watch of this source, begun when there was none. NULL: out of memory, or
 * of fibers. */
struct weir_watch *watch_take(struct roster *r, const struct service_source *source,
			      struct weir_error *error);
/* With the last use it ends, which waits for its fibers when called on one. */
void watch_drop(struct weir_watch *watch);

/* For the host table: behind weir_watch_service() and its like. */
struct weir_str watch_service(const struct weir_watch *watch);
bool watch_publish(struct weir_watch *watch, const struct weir_endpoint *rows, uint32_t count,
		   size_t row_size, struct weir_error *error);
void watch_failed(struct weir_watch *watch, struct weir_str sentence);

/* Takes a listing without names, and tells the services if it is another than before. */
void watch_settle(struct weir_watch *watch, struct listing *listing);
/* Sets the failure, or clears it with an empty text. Logs what changes. */
void watch_say(struct weir_watch *watch, const char *text);

/* It has said what there is at this moment; names of the configuration say so when all were found. */
void watch_set_told(struct weir_watch *watch, uint64_t at);

/* names.c: the fiber that looks the names of a watch up, now and again. */
void names_run(void *watch);
void names_forget(struct weir_watch *watch);

#endif
