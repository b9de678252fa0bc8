/* telemetry_side.h - what is counted and logged, and who may ask: metrics, access log, admin API. */
#ifndef CORE_WEIR_TELEMETRY_SIDE_H
#define CORE_WEIR_TELEMETRY_SIDE_H

#include "core/weir/gateway.h"

struct telemetry_side;

/* NULL with a sentence. [control, before the workers start] */
struct telemetry_side *telemetry_side_new(struct gateway *g, struct weir_error *error);
/* The admin daemons end; workers still run. [control] */
void telemetry_side_stop(struct telemetry_side *t);
void telemetry_side_free(struct telemetry_side *t);	/* workers have ended; NULL is fine */

bool telemetry_side_worker_open(struct telemetry_side *t, struct worker *w,
				struct weir_error *error);		/* [worker] */
void telemetry_side_worker_close(struct telemetry_side *t, struct worker *w);

/* Opens what this configuration wants to log to and listen on, beside what is open; false: nothing has
 * changed. Then changes over, or forgets. [control, a fiber] */
bool telemetry_side_prepare(struct telemetry_side *t, const struct conf *conf,
			    struct diagnostics *d);
void telemetry_side_apply(struct telemetry_side *t, const struct conf *conf);
void telemetry_side_forget(struct telemetry_side *t);	/* the preparation is given up */
/* Another process serves from now on: it answers those who ask. [control] */
void telemetry_side_yield(struct telemetry_side *t);
void telemetry_side_reloaded(struct telemetry_side *t, bool accepted);

void telemetry_side_reopen(struct telemetry_side *t);	/* SIGUSR1 */

/* Lends what measures: for metrics_add(). */
struct metrics *telemetry_side_metrics(struct telemetry_side *t);

/* Adds the Prometheus text. [any thread] */
bool telemetry_side_print(struct telemetry_side *t, struct buffer *out);

#endif
