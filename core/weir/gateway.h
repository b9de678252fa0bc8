/* gateway.h - the serving process: its workers, and the control side that builds the world they see. */
#ifndef CORE_WEIR_GATEWAY_H
#define CORE_WEIR_GATEWAY_H

#include "core/base/slots.h"
#include "core/conf/conf.h"
#include "core/plugin/crew.h"
#include "core/proxy/proxy.h"
#include "core/proxy/snapshot.h"
#include "core/weir/beat.h"
#include "core/weir/serve.h"
#include "core/weir/watch.h"

struct door;
struct registry;
struct telemetry_side;
struct trace_side;
struct tls_side;
struct upstreams;
struct uses;

enum gateway_phase { PHASE_STARTING, PHASE_READY, PHASE_DRAINING, PHASE_STOPPED };

/* One per process, on the control thread; fields that other threads read are atomics or guarded by
 * `lock`. */
struct gateway {
	const struct serve_options *options;
	struct control *parent;			/* the process that owns our sockets */
	struct worker control;			/* the control thread's own loop */
	struct worker *workers;
	struct worker **worker_list;
	uint32_t count;
	uint32_t started;			/* workers whose threads run */
	struct crew crew;
	struct beat beat;

	struct registry *registry;
	struct uses *uses;
	struct upstreams *upstreams;
	struct slots listener_slots, route_slots;
	struct telemetry_side *telemetry;
	struct trace_side *trace;
	struct tls_side *tls;

	struct conf *first;			/* read before anything ran; taken by the first apply */
	bool from_kept;				/* it is not what stands on disk */
	struct snapshot *snapshot;		/* in force */
	uint64_t generation;
	struct list doors;			/* struct door: open listeners */
	bool doors_busy;			/* workers may look at them now */
	struct watch watch;			/* --watch */
	uint64_t read_at;			/* wall clock before the files were read */
	pthread_mutex_t lock;			/* around `snapshot` for threads that are no workers,
						 * and `errands` */
	struct list errands;			/* of other threads, not begun yet */
	bool errands_over;			/* no further one is taken */
	uint32_t errands_running;		/* on fibers of control */

	struct shared_limit requests, connections;	/* of the whole process */
	_Atomic int phase;			/* enum gateway_phase */
	atomic_bool yielded;			/* another process serves in our place */
	struct fiber *busy;			/* the fiber that starts, reloads or drains, or NULL */
	uint32_t worlds;			/* that are not freed yet */
	bool reload_again;
	uint64_t drain_time, stop_delay, flush_time;	/* ns, of the configuration in force */
	uint32_t undrained;			/* workers that still have sessions */
	int status;				/* of exit */
};

static inline enum gateway_phase gateway_phase(struct gateway *g)
{
	return (enum gateway_phase)atomic_load_explicit(&g->phase, memory_order_acquire);
}

/* Everything but traffic: workers run, nobody listens. */
bool gateway_open(struct gateway *g, const struct serve_options *options, struct control *parent,
		  struct conf *conf, struct weir_error *error);
void gateway_close(struct gateway *g);

#endif
