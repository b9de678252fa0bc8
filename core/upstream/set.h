/* set.h - the endpoints of a service at one moment: immutable, published whole by the control thread. */
#ifndef CORE_UPSTREAM_SET_H
#define CORE_UPSTREAM_SET_H

#include "core/upstream/endpoint.h"

struct service;
struct worker;

enum { SET_MOST = 10000 };	/* endpoints of one service; more are refused with a sentence */

struct set_member {
	struct endpoint *ep;	/* ref held by the set */
	uint32_t weight;	/* 1..65535 */
	struct weir_str name;	/* the host name it was resolved from; absent: it was an address */
};

/* The members of one tier, with the table that the service's balancer built for them. */
struct set_tier {
	const struct set_member *members;
	uint32_t count;
	void *table;
};

/* What one worker makes of the set at the moment; only this worker touches it. */
struct set_view {
	_Alignas(64) uint32_t version;	/* of the roster, when it was last looked at */
	uint64_t due;			/* when it should be looked at again though nothing moved */
	uint32_t tier;			/* the one that is used; count of tiers: none may be */
	uint32_t usable;		/* members of it */
	uint32_t warming;		/* of them in slow start */
	uint32_t trial;			/* a member whose trial is due, or UINT32_MAX */
	uint32_t turn;			/* where the host's own rotation stands */
	bool panic;			/* every member is ejected: ejections are ignored */
	uint64_t *out;			/* a bit per member of the tier that may not be picked */
	uint64_t *scratch;		/* the same and those that were tried, during one pick */
};

/* A set is born with one reference for each worker that will read it. A worker reads the one it was
 * sent by plain loads, and no pick waits, so nothing is pinned. It is freed by the control thread
 * when every worker has been sent a newer one. */
struct endpoint_set {
	struct service *svc;		/* not held: a service outlives its sets */
	uint64_t number;		/* grows with each publication of the service */
	uint32_t member_count, tier_count, place_count;
	struct set_member *members;	/* tier by tier */
	struct set_tier *tiers;
	struct set_view *views;		/* by the worker's place */
	_Atomic uint32_t refs;
};

#endif
