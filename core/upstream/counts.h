/* counts.h - what is counted of each service, and under which name it is shown. */
#ifndef CORE_UPSTREAM_COUNTS_H
#define CORE_UPSTREAM_COUNTS_H

#include "core/base/str.h"

/* name, metric (weir_service_<metric>_total), help */
#define SERVICE_COUNT_ROWS(X) \
	X(PICKS, "picks", "attempts for which an endpoint was picked") \
	X(NO_ENDPOINT, "no_endpoint", "picks that found no endpoint") \
	X(PANICS, "panic_picks", "picks while every endpoint was ejected") \
	X(TRIALS, "trials", "requests that tried an ejected endpoint") \
	X(DIALS, "dials", "connections begun") \
	X(DIAL_FAILURES, "dial_failures", "connections that could not be made") \
	X(HITS, "reuses", "leases of a kept connection") \
	X(STALE, "stale", "kept connections that the endpoint ended") \
	X(EXPIRED, "expired", "kept connections closed unused") \
	X(QUEUED, "queued", "waits at a limit") \
	X(QUEUE_FULL, "queue_full", "refused because the queue was full") \
	X(QUEUE_SLOW, "queue_slow", "refused because the wait was too long") \
	X(FAILURES, "failures", "attempts that failed by the endpoint") \
	X(EJECTIONS, "ejections", "endpoints ejected") \
	X(EJECTIONS_REFUSED, "ejections_refused", "ejections that at_most did not allow")

enum service_count {
#define X(name, metric, help) SERVICE_##name,
	SERVICE_COUNT_ROWS(X)
#undef X
	SERVICE_COUNTS
};

#endif
