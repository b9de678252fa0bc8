/* snapshot.h - the world a request sees: listeners, routes, services. One immutable whole. */
#ifndef CORE_PROXY_SNAPSHOT_H
#define CORE_PROXY_SNAPSHOT_H

#include "core/fiber/worker.h"
#include "core/http/h1.h"
#include "core/proxy/plan.h"

struct table;
struct tls_server;

struct network_list;	/* trusted_proxies: see net/network.h */

/* What a listener tells its sessions. */
struct listener_plan {
	struct weir_str name;
	uint32_t slot;
	struct chain chain;			/* before a route is chosen */
	const struct table *routes;		/* compiled for this listener */
	struct h1_limits limits;		/* the widest of its own and its routes' */
	size_t head_limit;			/* its own: bytes and headers */
	uint16_t header_limit;
	uint64_t body_limit;
	uint32_t connections;			/* at once, on all workers */
	uint64_t head_timeout, body_timeout, idle_timeout;	/* ns */
	const struct network_list *trusted;	/* NULL: nobody */
	bool tell_reasons;			/* weir-reason header and problem's reason */
	struct tls_server *tls;			/* NULL: plain */
	uint64_t tls_timeout;			/* ns */
	bool forward_client_cert;		/* as x-forwarded-client-cert */
	struct plan *redirect;			/* every request goes here; NULL: routes */
	bool named_only;
};

/* A worker's hold on a snapshot. `pins` is plain: only the worker touches it. When the worker has
 * moved on and the last pin is gone it tells the control thread by the letter, once. */
struct snapshot_reader {
	struct snapshot *snapshot;
	uint32_t pins;
	bool left;			/* the worker has moved on */
	struct letter gone;
} __attribute__((aligned(64)));

struct snapshot {
	uint64_t generation;
	uint32_t workers;
	struct snapshot_reader *readers;	/* one per worker, and the control thread's last */
	struct listener_plan **listeners;	/* by dense listener slot; NULL: none of that number */
	uint32_t listener_slots;
	struct plan **plans;			/* in the order of the file */
	uint32_t plan_count;
	struct service **services;		/* sorted by name */
	uint32_t service_count;
	struct plan *call_plan;			/* how weir_call reaches a service */
	struct plan *mirror_plan;		/* and mirrors, which are not repeated */
	struct listener_plan *call_listener;	/* and within which limits */
	void *world;				/* of whoever made it: configuration, uses */
	void (*unread)(struct snapshot *s);	/* control: no reader is left */
	_Atomic(uint32_t) unread_left;
	struct loop *control;
};

/* [worker] Holds it for one exchange. */
static inline struct snapshot_reader *snapshot_pin(struct snapshot_reader *r)
{
	r->pins++;
	return r;
}

/* The service of this name, or NULL. */
struct service *snapshot_service(const struct snapshot *s, struct weir_str name);

void snapshot_unpin(struct snapshot_reader *r);		/* [worker] */
/* [worker] The worker uses another one from now on. */
void snapshot_leave(struct snapshot_reader *r);

#endif
