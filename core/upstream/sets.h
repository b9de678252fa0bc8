/* sets.h - making sets and giving them up. For this floor. */
#ifndef CORE_UPSTREAM_SETS_H
#define CORE_UPSTREAM_SETS_H

#include "core/upstream/roster.h"

/* Gives a set of what the service's sources have told so far, with one reference for each place. NULL:
 * the balancer refused it, or no memory. Waits for tables when called on a fiber. [control] */
struct endpoint_set *set_new(struct service *svc, struct weir_error *error);
/* One place is done with it; the last sends it home to be freed. NULL is fine. [any worker] */
void set_unref(struct endpoint_set *set);
void set_free(struct endpoint_set *set);	/* [control] */

/* Which tier is used at this moment, and how good a member of it must be. [any thread] */
struct set_picture {
	uint32_t tier;		/* tier_count: none can be */
	int worst;		/* of enum level, in set_look.c */
	bool panic;
};
struct set_picture set_picture(const struct endpoint_set *set);
bool set_may_be_picked(const struct set_picture *picture, const struct endpoint *ep);

/* Brings a view up to date with what is known of its endpoints at `now`. [worker] */
void set_look(struct endpoint_set *set, struct set_view *view, uint64_t now);

/* Builds a set of what the sources have told, and sends it to every worker. False with a sentence when it
 * cannot be built: the one before stays. [control] */
bool service_publish(struct service *svc, struct weir_error *error);
/* A source has news: the same, by a fiber of its own. [control] */
void service_changed(struct service *svc);
/* Sends every worker the news that there is none any more. */
void service_withdraw(struct service *svc);

/* What a worker has of a service begins, and ends with the worker. */
void service_here_init(struct service_here *here, struct service *svc, uint32_t place);
void service_here_end(struct service_here *here);
/* Freed although letters of it may be under way, which nobody will open. */
void service_free_now(struct service *svc);

#endif
