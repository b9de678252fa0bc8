/* attempt.h - one try: an endpoint, a connection, the request out, the head back. */
#ifndef CORE_PROXY_ATTEMPT_H
#define CORE_PROXY_ATTEMPT_H

#include "core/codec/h1_stream.h"
#include "core/upstream/pool.h"

struct exchange;

/* Carries the client's body to the upstream on a fiber of its own, while the exchange's fiber already
 * waits for the head. Belongs to its attempt: cancelled and joined before the attempt ends. */
struct feeder {
	struct exchange *ex;
	struct fiber *fiber;		/* NULL: none was needed */
	uint64_t generation;
	bool done;			/* the body is out, or it ended with `why` */
	bool blocked;			/* the upstream did not take the last piece at once */
	enum reason why;
	uint64_t done_at;		/* monotonic ns */
};

struct attempt {
	struct endpoint *ep;
	struct upstream *up;		/* NULL: no connection */
	struct inlet inlet;
	struct h1_stream h1;
	struct stream *stream;
	struct feeder feeder;
	uint64_t begun;
	uint64_t connected, secured;	/* monotonic ns; 0: a kept connection, or none */
	uint64_t span;			/* the id of its span; 0: not traced */
	uint16_t status;		/* of the answer's head, whatever policies made of it; 0: none */
	bool reused;			/* the connection came from the pool */
	bool secure;			/* it is encrypted */
	bool keep_alive;		/* the answer's head allows another exchange */
	bool open;
};

/* Leases, sends the head and the body in hand, starts the feeder, reads the head of the answer into
 * ex->res. Whatever it gives, attempt_end() follows. May wait. */
enum reason attempt_run(struct exchange *ex, struct endpoint *ep, enum trust trust);

/* Sends a piece of the request's body, and with the last one its trailers. May wait. */
enum reason attempt_send(struct exchange *ex, struct weir_str data, bool last);

/* Stops the feeder and tells the endpoint's account how it went. If all ended well and exactly, the
 * connection goes back to its pool; otherwise it is discarded. Harmless when there is no attempt. */
void attempt_end(struct exchange *ex, enum reason why);

/* Gives back the buffer in which the answer's head lies: no slice of it is used any more. */
void attempt_forget(struct exchange *ex);

#endif
