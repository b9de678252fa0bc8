/* trace_side.h - `trace:` as it is configured: changed over at a reload, flushed at the end. */
#ifndef CORE_WEIR_TRACE_SIDE_H
#define CORE_WEIR_TRACE_SIDE_H

#include "core/weir/gateway.h"

struct trace_side;
struct world;

/* NULL with a sentence. [control, as all of this; after the telemetry side] */
struct trace_side *trace_side_new(struct gateway *g, struct weir_error *error);
void trace_side_free(struct trace_side *t);	/* before the telemetry side; NULL is fine */

/* Makes what this world wants, whose tracers are open on every worker; false: nothing has changed.
 * Then changes over, or forgets. [a fiber] */
bool trace_side_prepare(struct trace_side *t, const struct world *w, struct diagnostics *d);
void trace_side_apply(struct trace_side *t);
void trace_side_forget(struct trace_side *t);

/* No request is left: hands on what there is, for as long as `trace.flush` says. [a fiber] */
void trace_side_end(struct trace_side *t);

#endif
