/* set.h - the endpoints of a service at one moment: immutable, published whole by the control thread. */
#ifndef CORE_UPSTREAM_SET_H
#define CORE_UPSTREAM_SET_H

#include "core/fiber/loop.h"
#include "core/upstream/endpoint.h"

struct service;
struct listing;
struct weir_endpoint;

enum { SET_MOST = 10000 };	/* endpoints of one tier; more are refused with a sentence */
#define NO_MEMBER UINT32_MAX

/* The endpoints of one tier, with the table that the service's balancer built for them. */
struct set_tier {
	struct endpoint **members;		/* a reference to each */
	const struct weir_endpoint *told;	/* weight, id, labels ... of each; lent by the listing */
	uint32_t count;
	bool built;				/* there is a table, which may be NULL */
	void *table;
	size_t state_bytes;			/* that each worker keeps beside it */
	struct listing *listing;
};

/* What one worker makes of the set at the moment; only this worker touches it. */
struct set_view {
	_Alignas(64) uint32_t version;	/* of the roster, when it was last looked at */
	bool looked;
	bool panic;			/* every member is ejected: ejections are ignored */
	bool warming;			/* some member is in slow start */
	uint32_t tier;			/* the one that is used; tier_count: none may be */
	uint32_t usable;		/* members of it that may be picked */
	uint32_t trial_tier, trial;	/* a member whose trial is due, or NO_MEMBER */
	uint32_t turn;			/* where the host's own rotation stands */
	uint64_t due;			/* when to look again though nothing has moved */
	uint64_t *out;			/* a bit for each member of the tier that may not be picked */
	uint64_t *scratch;		/* the same and those that were tried, during one pick */
	void **states;			/* of the balancer, by tier */
};

/* A set is born with a reference for each worker that will read it. A worker reads the one it was sent
 * by plain loads, and no pick waits, so nothing is pinned. It is freed by the control thread when
 * every worker has been sent a newer one. */
struct endpoint_set {
	struct service *svc;		/* which outlives its sets */
	uint64_t number;		/* grows with each one of the roster */
	uint32_t tier_count, place_count;
	struct set_tier *tiers;
	struct set_view *views;		/* by the worker's place */
	struct service *before;		/* the snapshot before had the same balancer, which may carry
					 * over what it has learnt; or NULL */
	_Atomic uint32_t refs;
	struct letter letter;		/* home */
};

static inline bool bit_is_set(const uint64_t *bits, uint32_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static inline void bit_set(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= (uint64_t)1 << (i % 64);
}

#endif
