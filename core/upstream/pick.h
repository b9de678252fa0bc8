/* pick.h - which endpoint gets the next attempt. */
#ifndef CORE_UPSTREAM_PICK_H
#define CORE_UPSTREAM_PICK_H

#include "core/upstream/service.h"

struct weir_exchange;

enum { PICK_TRIED = 8 };

/* The picks that one exchange makes of one service, one attempt after the other; zeroed before the
 * first but for the first two members. The endpoints in it stay alive until pick_end(), also after they
 * have left the service: finish may still read their addresses. A hedge has its own. */
struct pick_ask {
	struct weir_exchange *ex;	/* for the balancer, which may read its key from it; or NULL */
	bool repeatable;		/* a failed try can be repeated: it may be the trial of an ejected one */

	/* Written by the calls below. */
	bool under_way, answered;
	bool trial, judged;		/* this attempt tries an ejected endpoint; it was judged */
	struct service *svc;
	struct worker *worker;
	struct endpoint *ep;		/* of the attempt under way, or of the last */
	uint64_t began;			/* when it was picked */
	uint64_t set_number;		/* of the set it came from */
	uint32_t tier, index;		/* its place in there */
	bool from_table;		/* the balancer chose it, and wants to know */
	uint32_t attempts;
	uint32_t tried_count;
	struct endpoint *tried[PICK_TRIED];	/* the last so many, oldest first */
};

/* Asks the service's balancer, and never waits. Given is an endpoint
 *   of the first tier that has one which may be used: not failed in its checks, not ejected;
 *   that was not tried yet while there is such a one;
 *   whose checks have come back, while there is such a one;
 *   less often while it is in slow start.
 * An endpoint whose ejection has run out gets one repeatable request as its trial. When every endpoint
 * that its checks allow is ejected (`at_most: 100%`), ejections are ignored: the pick is counted as a
 * panic. Failed checks are believed even then: NO_ENDPOINT.
 * The attempt counts as in flight until endpoint_report(ask) of outcome.h. [worker] */
enum reason service_pick(struct service *svc, struct worker *w, struct pick_ask *ask,
			 struct endpoint **out);

/* Reports what is still under way as left, and lets the endpoints go. Harmless twice. [worker] */
void pick_end(struct pick_ask *ask);

/* Before the first pick: takes one of the service's `requests`, and waits in its queue when there is
 * none. NONE, QUEUE_FULL, QUEUE_SLOW, the reason of an outer deadline, CLIENT_GONE when cancelled. */
enum reason service_admit(struct service *svc, struct worker *w);
void service_release(struct service *svc, struct worker *w);	/* after NONE only */

#endif
