/* guests.h - the open connections of one server, and how long each may take. */
#ifndef CORE_ADMIN_GUESTS_H
#define CORE_ADMIN_GUESTS_H

#include "core/base/clock.h"
#include "core/base/list.h"

#define GUEST_HEAD_TIME (10 * NS_PER_S)		/* from the connection to the end of a head */
#define GUEST_VISIT_TIME (60 * NS_PER_S)	/* from there to the end of the answer */
#define GUEST_IDLE_TIME (60 * NS_PER_S)		/* between two requests, the next head included */

/* libmicrohttpd ends connections that are silent; one that sends a byte now and then it leaves
 * alone. So each has a time by which it must have got on, else its socket is shut down, and
 * libmicrohttpd sees the end of it. Used on the server's thread only. */
struct guest {
	struct list link;
	int fd;
	uint64_t until;		/* CLOCK_NEVER: we are the ones who take long */
	bool asked;		/* the first request has begun to come */
};

/* NULL: no memory; the connection then has no such limit. */
struct guest *guest_new(struct list *guests, int fd);
void guest_free(struct guest *g);		/* NULL is fine */

/* It has got on, and may take that long for what comes next. NULL is fine. */
void guest_may_take(struct guest *g, uint64_t span);

/* Its request has begun to come. NULL is fine. */
void guest_asks(struct guest *g);

/* True when one was let in and has asked nothing yet: its first question is on its way. */
bool guests_some_will_ask(const struct list *guests);

/* Shuts down those whose time has come; gives when the next one's comes. */
uint64_t guests_end_late(struct list *guests, uint64_t now);

#endif
