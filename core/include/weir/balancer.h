/* balancer.h - the role that picks one endpoint of a service for an attempt. It never waits. */
#ifndef WEIR_BALANCER_H
#define WEIR_BALANCER_H

#include <weir/endpoint.h>
#include <weir/here.h>

#define WEIR_PICK_NONE UINT32_MAX	/* no endpoint will do */

/* One pick. Lent for the call. The host's part stands behind it. */
struct weir_pick {
	size_t size;
	uint32_t count;		/* endpoints are 0 .. count-1, in the order given to `build` */
	uint32_t attempt;	/* 1: the first of this exchange */
	void *state;		/* this worker's bytes for this table, or NULL */
};

/* A table is built whenever the set of endpoints changes, and is shared by all workers until
 * the next one is in use; what changes per pick lives in the state. Order in all: build; on
 * each worker state_size, state_init, maybe state_carry; pick and report; table_free. */
struct weir_balancer {
	size_t size;
	size_t endpoint_size;	/* set by WEIR_BALANCER */

	/* Gives an immutable table. The endpoints (count may be 0) are lent for the call. On a helper
	 * thread: it may take its time, but must not wait. False: the old table stays in use.
	 * NULL: there is no table. here->worker is NULL. */
	bool (*build)(const struct weir_here *here, const struct weir_endpoint *endpoints,
		      uint32_t count, void **table, struct weir_error *error);
	void (*table_free)(void *table);	/* [control] */

	/* How many zeroed bytes each worker keeps beside the table. NULL: none. */
	size_t (*state_size)(const struct weir_here *here, const void *table, uint32_t count);
	/* Fills them in (random start). NULL: zeros will do. [worker] */
	void (*state_init)(const struct weir_here *here, const void *table, void *state,
			   uint32_t count, uint64_t dice);
	/* Carries over what the state of the table before has learnt. NULL: nothing. [worker] */
	void (*state_carry)(const struct weir_here *here, const void *table, void *state,
			    const void *old_table, const void *old_state);

	/* Gives an index for which weir_pick_usable() is true, or WEIR_PICK_NONE. [worker] */
	uint32_t (*pick)(const struct weir_here *here, const void *table, struct weir_pick *pick);

	/* How an attempt went: `latency_ns` to the head of its answer or its failure. Every attempt whose
	 * endpoint this table gave is reported once, cancelled ones excepted. NULL: not interested. */
	void (*report)(const struct weir_here *here, const void *table, void *state, uint32_t index,
		       uint64_t latency_ns, bool ok);
};

#define WEIR_BALANCER(...) \
	{ .size = sizeof(struct weir_balancer), .endpoint_size = sizeof(struct weir_endpoint), \
	  __VA_ARGS__ }

/* Healthy, not ejected, below its limits, and not yet tried by this exchange. */
static inline bool weir_pick_usable(const struct weir_pick *pick, uint32_t i)
{
	return weir_host_slot->pick_usable(pick, i);
}

/* Requests that all workers have under way there. */
static inline uint32_t weir_pick_in_flight(const struct weir_pick *pick, uint32_t i)
{
	return weir_host_slot->pick_in_flight(pick, i);
}

/* Its weight now, in thousandths: 1000 times the configured one, less while it starts slowly;
 * never 0. */
static inline uint32_t weir_pick_weight(const struct weir_pick *pick, uint32_t i)
{
	return weir_host_slot->pick_weight(pick, i);
}

/* What the key is for this request, as a hash. False: a part of it is missing (the hash is still
 * usable), or there is no request. */
static inline bool weir_pick_key(const struct weir_pick *pick, const struct weir_key *key,
				 uint64_t *hash)
{
	return weir_host_slot->pick_key(pick, key, hash);
}

#endif
