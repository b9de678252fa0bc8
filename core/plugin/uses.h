/* uses.h - all uses of plugins in this process, from the first open to the last close. */
#ifndef CORE_PLUGIN_USES_H
#define CORE_PLUGIN_USES_H

#include "core/plugin/setup.h"
#include "core/plugin/use.h"

struct uses;
struct registry;

/* Everything here belongs to control, or to a helper thread it waits for; what belongs elsewhere
 * says so. */
struct uses *uses_new(struct registry *registry, const struct crew *crew,
		      struct weir_error *error);
/* After every use was released and closed (uses_idle), or after all workers have ended: then what
 * is left is closed here, and control's loop is turned until every background has returned. */
void uses_free(struct uses *uses);

/* What the configuration asks for. Everything in it is copied. */
struct use_order {
	enum role role;
	struct weir_str plugin;			/* the word in the configuration */
	struct weir_str name;			/* `as`; absent: the plugin's */
	struct weir_str path;			/* its place in words, unique within a snapshot: by this
						 * and the plugin it is known again at a reload */
	struct weir_str place;			/* file:line:column, for sentences */
	const struct conf_values *values;	/* checked against the plugin's table; NULL: none given */
	const struct setup_compiler *compiler;	/* of keys and templates */
};

/* Runs the plugin's own check; changes nothing. The sentence has no place before it. [any
 * thread] */
bool uses_check(struct uses *uses, const struct use_order *order, struct weir_error *error);

/* What the policy would decide about a request. False: it does not say. [any thread] */
bool uses_explain(struct uses *uses, const struct use_order *order,
		  const struct weir_question *question, enum weir_verdict *verdict,
		  struct weir_error *said);

/* Gives a hold on a use that is open: the one that is there, if its options are the same; else
 * a new one, with the old one's `self` to learn from. NULL when its check or its open refuses. */
struct weir_use *uses_take(struct uses *uses, const struct use_order *order,
			   struct weir_error *error);

/* Makes it ready on this worker; harmless when it is. False: the reload must be given up.
 * [worker] */
bool use_worker_open(struct weir_use *use, struct worker *w, struct weir_error *error);

/* Holds it once more, for somebody who may need it longer than its snapshot. */
void use_hold(struct weir_use *use);

/* The snapshot that took it is in force: starts `background`, once. */
void use_start(struct weir_use *use);

/* Gives the hold back. With the last one the use ends, in its own time: background cancelled,
 * closed on every worker, closed. No exchange may see it any more. NULL is fine. */
void use_release(struct weir_use *use);

/* The same before the snapshot is in force, for a plugin that must learn before it can serve. */
void use_start_early(struct weir_use *use);
/* False while it has said that it cannot do its work yet. */
bool use_is_ready(struct weir_use *use);
/* True when all uses are, or once were; else `cause` hears each sentence. [any thread] */
bool uses_ready(struct uses *uses, void (*cause)(void *arg, const char *sentence), void *arg);

/* True when nothing is open or closing. */
bool uses_idle(const struct uses *uses);

/* The worker ends: closes what is open on it. On its thread, after its last turn. [worker] */
void uses_worker_end(struct uses *uses, struct worker *w);

/* Calls `visit` for each use that is open, oldest first. [any thread, holds a lock meanwhile] */
void uses_visit(struct uses *uses, void (*visit)(void *arg, const struct weir_use *use), void *arg);

struct weir_host;
/* Lines of plugins in the log, and whether they are ready. */
void uses_fill_host(struct weir_host *host);

#endif
