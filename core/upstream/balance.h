/* balance.h - the service's balancer plugin, as this floor calls it, and what it may ask of the host. */
#ifndef CORE_UPSTREAM_BALANCE_H
#define CORE_UPSTREAM_BALANCE_H

#include <weir/balancer.h>

#include "core/upstream/pick.h"

/* Builds the table of a tier, on a helper thread when the caller is a fiber. Without a balancer there is
 * nothing to build. [control] */
bool balance_build(struct service *svc, struct set_tier *tier, struct weir_error *error);
void balance_free(struct service *svc, struct set_tier *tier);

/* Readies the states beside the tables of a set that has come, with what those of `old` (may be NULL)
 * have learnt. [worker] */
void balance_begin(struct worker *w, struct endpoint_set *set, struct set_view *view,
		   const struct endpoint_set *old, const struct set_view *old_view);

/* Gives a member of the view's tier for which its bit in `out` is clear, or NO_MEMBER. [worker] */
uint32_t balance_pick(struct pick_ask *ask, struct endpoint_set *set, struct set_view *view,
		      const uint64_t *out);
/* How the attempt under way went. [worker] */
void balance_report(struct pick_ask *ask, uint64_t latency, bool ok);

/* The weight of a member in thousandths, less while it starts slowly. */
uint32_t balance_member_weight(const struct service *svc, const struct set_tier *tier, uint32_t i,
			       uint64_t now);

/* For the host table, behind weir_pick_usable() and its like. [worker, in a pick] */
bool balance_usable(const struct weir_pick *pick, uint32_t i);
uint32_t balance_in_flight(const struct weir_pick *pick, uint32_t i);
uint32_t balance_weight(const struct weir_pick *pick, uint32_t i);
/* Whose key weir_pick_key() is to find; NULL: a pick without a request. */
struct weir_exchange *balance_exchange(const struct weir_pick *pick);

#endif
