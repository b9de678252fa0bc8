/* endpoint.h - one address of a service, with what was learnt about it. Shared by all workers. */
#ifndef CORE_UPSTREAM_ENDPOINT_H
#define CORE_UPSTREAM_ENDPOINT_H

#include <stdatomic.h>

#include "core/base/list.h"
#include "core/base/reason.h"
#include "core/net/address.h"

struct roster;
struct check;

/* An endpoint is its service's name, its address's text and its name for TLS. It is found again by them
 * over changes of the set and over reloads, and a minute after it has left its last set; so its health,
 * its ejection and its pools live as long as that. The control thread makes and frees it; workers hold it
 * by the pools they keep of it, and exchanges by a pin of such a pool (pick.h): no request counts
 * references. */

/* What the active checks say. Moved by the control thread. */
enum health {
	HEALTH_UNCHECKED,	/* the service has no checks */
	HEALTH_UNKNOWN,		/* the first check has not come back */
	HEALTH_GOOD,
	HEALTH_BAD,
};

/* What requests have shown. Moved by whichever worker saw it. */
enum ejection {
	EJECTION_NONE,
	EJECTION_OUT,		/* until `ejected_until` */
	EJECTION_TRIAL,		/* a single request tries whether it is well again */
};

/* A state with why and since when: one atomic word, so that readers see all of it or the one before. */
struct endpoint_state {
	uint8_t state;		/* enum health or enum ejection */
	uint8_t why;		/* enum reason */
	uint16_t status;	/* of the answer that moved it; 0: there was none */
	uint32_t since;		/* seconds since 1970 */
};

struct endpoint {
	struct address address;		/* resolved: it has a sockaddr */
	struct roster *roster;		/* the service's name it belongs to; ref held */
	char *server_name;		/* for TLS: its host name, or what discovery has told; or NULL */
	uint32_t slot;			/* dense, of this process: index into each worker's pools */
	_Atomic uint32_t refs;

	/* The control thread's alone. */
	struct list link;		/* in roster->endpoints */
	struct check *check;		/* while its checks run */
	uint32_t mark;			/* of the last set it was found in */
	bool member;			/* of the live set */
	uint64_t left_at;		/* when it was last seen in a set; monotonic ns */

	_Alignas(64) _Atomic uint32_t in_flight;	/* attempts under way, on all workers */

	_Alignas(64) _Atomic uint64_t health;		/* struct endpoint_state */
	_Atomic uint64_t ejection;			/* likewise; only ejection_move() writes it */
	_Atomic uint64_t ejected_until;			/* monotonic ns */
	_Atomic uint64_t warm_from;			/* slow start counts from here; 0: it is warm */
	_Atomic uint32_t failures;			/* in a row */
	_Atomic uint32_t ejections;			/* in a row: each is longer than the last */
	_Atomic uint64_t back_at;			/* end of the last one; monotonic ns */
	_Atomic uint32_t latency_us;			/* a slow average, for people */
	_Atomic bool gone;				/* in no set any more: workers close its pools */
};

struct endpoint *endpoint_ref(struct endpoint *ep);
void endpoint_unref(struct endpoint *ep);		/* any thread; NULL is fine */

static inline struct weir_str endpoint_text(const struct endpoint *ep)
{
	return address_text(&ep->address);
}

/* By which name its certificate is verified, when the service has none for all. Lent. */
struct weir_str endpoint_server_name(const struct endpoint *ep);

struct endpoint_state endpoint_health(const struct endpoint *ep);
struct endpoint_state endpoint_ejection(const struct endpoint *ep);
uint64_t endpoint_state_word(uint8_t state, enum reason why, unsigned status);	/* since now */
struct weir_str health_word(enum health health);	/* "unchecked", "unknown", "healthy", "unhealthy" */
struct weir_str ejection_word(enum ejection ejection);	/* "in", "ejected", "trial" */

#endif
