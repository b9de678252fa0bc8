/* record.h - what one exchange was: flat numbers and slices, filled by finish exactly once. */
#ifndef CORE_TELEMETRY_RECORD_H
#define CORE_TELEMETRY_RECORD_H

#include "core/base/reason.h"
#include "core/base/str.h"

/* Access log, counters and spans all read this and nothing else. It lives on finish's stack;
 * every slice need only live until finish returns: who keeps one, copies it. Zeroed is a valid
 * record, but for the slots: use record_init(). An absent str or a 0 is "there was none". */

enum { RECORD_ATTEMPTS = 8, RECORD_EXTRAS = 16, RECORD_KEY = 64 };
#define RECORD_NO_SLOT UINT32_MAX

/* A thing of the configuration: its name, and its dense slot number (core/base/slots.h). */
struct record_part {
	struct weir_str name;
	uint32_t slot;			/* RECORD_NO_SLOT: none was found */
};

struct record_attempt {
	struct weir_str endpoint;	/* address as text */
	enum reason why;		/* REASON_NONE: its answer was used */
	uint16_t status;		/* of its answer; 0: there was none */
	bool reused;			/* on a connection that came from the pool */
	uint64_t ns;			/* from its start to its head or failure */
	/* Of traces alone; monotonic ns, 0: it did not come to it. */
	uint64_t start, connected, secured;
	uint64_t span;			/* its id */
	bool secure;			/* over TLS */
};

struct record_extra {
	struct weir_str key, value;	/* what policies put into the log */
};

struct record {
	/* When, in monotonic ns; 0: did not come to it. In the order in which they come. What
	 * came in is dated by the loop's turn, so that waiting for other work of the turn is the
	 * gateway's; what went out (first_attempt, answered) by the clock at that moment. */
	uint64_t start;			/* the first byte of the head was there */
	uint64_t head_read;		/* the head was whole */
	uint64_t policies_done;		/* the last request policy has let it pass */
	uint64_t first_attempt;		/* the first attempt began */
	uint64_t upstream_head;		/* the last attempt's head came, or it failed */
	uint64_t answered;		/* the head of the answer was given to the kernel */
	uint64_t end;			/* the last byte was, or it was cut */
	uint64_t wall;			/* of `start`: ns since 1970 */

	struct weir_str client;		/* address as text, trusted proxies looked through */
	struct weir_str identity;	/* of the client's certificate or token */
	struct weir_str method, scheme, host, path, query, protocol;	/* protocol: "HTTP/1.1" */
	struct weir_str user_agent, referer;
	struct weir_str request_id, trace_id, span_id;

	struct record_part listener, route, service;
	struct weir_str endpoint;	/* the one whose answer was used, or the last tried */

	uint16_t status;		/* sent to the client; 0: nothing was */
	enum reason why;		/* REASON_NONE: the upstream's own answer, whole */
	uint64_t bytes_in, bytes_out;	/* of the bodies, client's side */

	uint32_t attempts;		/* how many there were: the first ones and the last */
	struct record_attempt attempt[RECORD_ATTEMPTS];
	uint32_t extras;
	struct record_extra extra[RECORD_EXTRAS];
};

/* Empties it without touching the arrays behind the counts. */
void record_init(struct record *r);

/* When the room is full, the last attempt takes the place of the one before. */
void record_add_attempt(struct record *r, const struct record_attempt *a);
/* Sets or replaces. A key is up to RECORD_KEY letters, digits, '_', '-' and '.'. False, and
 * nothing is added, when it is not, or when the room is full. */
bool record_add_extra(struct record *r, struct weir_str key, struct weir_str value);

/* How many of `attempt` are filled. */
static inline uint32_t record_attempts_kept(const struct record *r)
{
	return r->attempts < RECORD_ATTEMPTS ? r->attempts : RECORD_ATTEMPTS;
}

/* All of it, from the first byte of the head to the last of the answer. */
uint64_t record_total_ns(const struct record *r);
/* From the first attempt's start to the last one's head: waits between attempts included. */
uint64_t record_upstream_ns(const struct record *r);
/* What the gateway itself adds: from the whole head to the head of the answer, less the upstream's
 * time. Neither a slow client nor the time of the body is in it; a policy that waits is. */
uint64_t record_gateway_ns(const struct record *r);

#endif
