/* retry.h - the role that decides whether a failed attempt is followed by another. It never
 * waits. */
#ifndef WEIR_RETRY_H
#define WEIR_RETRY_H

#include <weir/exchange.h>
#include <weir/here.h>

/* What happened. The host has worked out what may be repeated at all; no judgement can widen
 * that. */
struct weir_retry_question {
	size_t size;
	const struct weir_exchange *ex;	/* NULL for calls that no exchange makes */
	uint32_t attempt;		/* how many there have been: 1, 2 ... */
	uint32_t most;			/* route: retry.attempts */
	struct weir_str reason;		/* connect-refused, upstream-reset, upstream-status ... */
	struct weir_str group;		/* connect, reset, timeout, status ...; may be empty */
	uint16_t status;		/* of the upstream's answer; 0: there was none */
	bool listed;			/* retry.when names this end */
	bool safe;			/* repeating is allowed: nothing was sent, or idempotent ... */
	bool idempotent;		/* the method is, or the route is repeatable */
	bool replayable;		/* the whole body is still there, or there is none */
	uint64_t retry_after_ns;	/* of the answer's Retry-After; 0: none */
	uint64_t elapsed_ns;		/* since the first attempt began */
	uint64_t remaining_ns;		/* until the exchange's deadline */
	double budget;			/* route: retry.budget, 0 .. 1: share of requests repeated */
};

struct weir_retry_judgement {
	size_t size;
	bool again;			/* false at first */
	uint64_t delay_ns;		/* to wait before; over the remaining time: no retry */
	struct weir_str why_not;	/* a constant word for the log: budget, attempts, unsafe ... */
};

struct weir_retry {
	size_t size;
	/* An exchange makes its first attempt: for budgets. NULL: not interested. [worker] */
	void (*begin)(const struct weir_here *here);
	/* An attempt failed, or was answered with a status that retry.when names. [worker] */
	void (*judge)(const struct weir_here *here, const struct weir_retry_question *question,
		      struct weir_retry_judgement *judgement);
};

#define WEIR_RETRY(...) { .size = sizeof(struct weir_retry), __VA_ARGS__ }

#endif
