/* ticket.h - how a thread of a plugin's own wakes an exchange that may be over by then. */
#ifndef CORE_PLUGIN_TICKET_H
#define CORE_PLUGIN_TICKET_H

#include <weir/wait.h>

#include "core/plugin/crew.h"
#include "core/plugin/hold.h"

enum { TICKETS_MOST = 65536 };	/* at once, per worker */

/* Each worker has a table of slots. A ticket names a slot and its generation, which grows when
 * the exchange that took it ends, or has been woken: a late wake then names a life that is
 * over, and is nothing. */
bool tickets_open(const struct crew *crew, struct weir_error *error);	/* [control, at boot] */
/* Wakes that come from now on are nothing. Before the loops end. [control] */
void tickets_close(void);
/* Frees the tables: only where no thread can be left that has a ticket, as at the end of a test. */
void tickets_fini(void);

/* id 0: the table is full, or this is no fiber. [worker, control] */
struct weir_ticket ticket_take(struct hold_list *holds, struct arena *arena);
void ticket_wake(struct weir_ticket ticket);	/* [any thread; never waits long] */
/* In the deadlines of the running fiber and at most `timeout_ns`. */
enum weir_wait ticket_wait(struct weir_ticket ticket, uint64_t timeout_ns);

struct weir_host;
void ticket_fill_host(struct weir_host *host);

#endif
