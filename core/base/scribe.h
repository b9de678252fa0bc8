/* scribe.h - the log thread: sleeps until there are lines, and takes care of all sinks. For
 * sink.c only. */
#ifndef CORE_BASE_SCRIBE_H
#define CORE_BASE_SCRIBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <weir/error.h>

struct sink;

/* What became of one round over a sink. */
struct sink_round {
	bool moved;	/* lines were taken or written */
	bool more;	/* not all of them */
	bool blocked;	/* lines wait for the output */
	bool waiting;	/* something is to be done later: look again soon */
	bool over;	/* closed and done with: it has been freed */
};

/* In sink.c; called on the log thread. */
struct sink_round sink_work(struct sink *s, bool hurry);
bool sink_quiet(struct sink *s);	/* no line waits in a ring */
void sink_renew(struct sink *s);	/* reopen */
struct sink **sink_link(struct sink *s);

/* Gives the sink to the log thread, which is started for the first. */
bool scribe_take(struct sink *s, struct weir_error *error);
/* One sink less: after the last, waits for the thread to end. The sink has been told to close. */
void scribe_release(void);

/* True while the thread sleeps until it is woken: read after a line was published. */
extern atomic_bool scribe_dozing;
void scribe_wake(void);			/* cheap when it was woken already */

#endif
