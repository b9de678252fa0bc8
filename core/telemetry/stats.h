/* stats.h - what one worker counts. It writes without locks; a reader on another thread sums up. */
#ifndef CORE_TELEMETRY_STATS_H
#define CORE_TELEMETRY_STATS_H

#include "core/base/counter.h"
#include "core/base/slots.h"
#include "core/telemetry/record.h"

enum { CODE_CLASSES = 6 };	/* none, 1xx .. 5xx */

struct route_stats {
	struct counter requests[CODE_CLASSES];
	struct histogram duration;
};

struct listener_stats {
	struct slot_array routes;	/* struct route_stats */
	struct route_stats unrouted;	/* of requests that came to no route */
	struct histogram gateway;
	struct counter bytes_in, bytes_out, accepted;
	struct gauge connections, active;
	struct counter handshakes[REASON_COUNT];	/* REASON_NONE: whole ones that succeeded */
	struct counter resumed;
};

struct service_stats {
	struct counter requests[CODE_CLASSES];
	struct counter reasons[REASON_COUNT];	/* how requests ended */
	struct counter attempts[REASON_COUNT];	/* REASON_NONE: the answer was used */
	struct counter retries[REASON_COUNT];	/* attempts that another one followed */
	struct histogram upstream;
};

struct stats {
	struct slot_array listeners;	/* struct listener_stats */
	struct slot_array services;	/* struct service_stats */
	struct counter reasons[REASON_COUNT];
	struct counter uncounted;	/* records that found no memory for their place */
	struct gauge fibers, stack_high_water;
};

/* 100 us to a minute, and 2 us to half a second: the bounds of the histograms. */
const struct histogram_scale *stats_scale(void);
const struct histogram_scale *stats_gateway_scale(void);

void stats_init(struct stats *s);
void stats_fini(struct stats *s);

/* --- [worker] -------------------------------------------------------------------------------- */

/* The places of a listener, of a route on it, of a service come to be at their first request, which
 * is the only time that counting allocates. */

/* A connection was accepted on a listener (+1), or has ended (-1): until then hold its number. */
void stats_connection(struct stats *s, uint32_t listener, int change);
/* A TLS handshake has ended. */
void stats_handshake(struct stats *s, uint32_t listener, enum reason why, bool resumed);
/* An exchange has begun; stats_count() ends it. */
void stats_begin(struct stats *s, uint32_t listener);
/* Once for each exchange, at its end. Well under 200 ns. */
void stats_count(struct stats *s, const struct record *r);

/* --- when a number gets another name: nobody writes to its places then. [control] ------------- */

void stats_forget_listener(struct stats *s, uint32_t listener);
void stats_forget_route(struct stats *s, uint32_t listeners, uint32_t route);
void stats_forget_service(struct stats *s, uint32_t service);

static inline unsigned code_class(unsigned status)
{
	return status >= 100 && status < 600 ? status / 100 : 0;
}

struct weir_str code_class_word(unsigned class);	/* "none", "1xx" .. "5xx" */

#endif
