/* upstreams.h - all services of the process: their rosters, each worker's share, and what people may ask. */
#ifndef CORE_UPSTREAM_UPSTREAMS_H
#define CORE_UPSTREAM_UPSTREAMS_H

#include "core/upstream/service.h"

struct upstreams;
struct weir_host;

/* `workers` and `control` must live until upstreams_free(). */
struct upstreams *upstreams_new(struct worker *const *workers, uint32_t count,
				struct worker *control, struct weir_error *error);
/* When the loops of all workers and of control have ended: closes every service that is still open, of
 * whatever snapshot, and sees those to their end that are closing. Before the uses are freed. */
void upstreams_close(struct upstreams *world);
/* After that. Frees what is left, services too that nobody has let go of. */
void upstreams_free(struct upstreams *world);

/* Fill and empty the worker's WORKER_UPSTREAM slot, on its own thread; the control thread too. Active
 * checks want buffers_open() on control. */
bool upstream_worker_open(struct upstreams *world, struct worker *w, struct weir_error *error);
void upstream_worker_close(struct worker *w);

/* Puts what plugins ask of this floor into the host table: picks (but for their keys, which are the
 * exchange's: balance_exchange() of balance.h tells whose) and watches. */
void upstreams_fill_window(struct weir_host *host);

/* What people may ask: describe.h. */

#endif
