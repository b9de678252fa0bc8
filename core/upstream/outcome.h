/* outcome.h - what attempts teach about endpoints: latency, failures in a row, passive ejection. */
#ifndef CORE_UPSTREAM_OUTCOME_H
#define CORE_UPSTREAM_OUTCOME_H

#include "core/upstream/pick.h"

/* An attempt is a failure of the endpoint when its reason is the upstream's (but for UPSTREAM_STALE and
 * UPSTREAM_TOO_LARGE), or when it answered 5xx (but 501 and 505). It is a success when there was an
 * answer otherwise. Everything else says nothing about the endpoint: a client that left, a full
 * queue.
 *
 * `after` failures in a row eject it, unless `at_most` of the service's endpoints are out already:
 * then it stays and the refusal is counted. The first ejection lasts `for`, each repetition twice as
 * long, at most ten times. Then a single request is its trial: success puts it back in, into slow
 * start; failure ejects it again. Each move is logged with its why. */

/* The head of an answer is there. A trial ends here, and the balancer learns the latency, which counts
 * from the pick. [worker, does not wait] */
void endpoint_answered(struct pick_ask *ask, unsigned status);

/* Ends the attempt that service_pick() began; once, whatever became of it (a second time is
 * harmless). `why` NONE: it answered, and its body ended well. UPSTREAM_STATUS for a status that
 * is retried. `status` is that of the answer, 0 when there was none. [worker, does not wait] */
void endpoint_report(struct pick_ask *ask, enum reason why, unsigned status);

#endif
