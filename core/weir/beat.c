/* beat.c - listens to the parent and tells it that every worker turns. */
#include "core/weir/beat.h"

#include <errno.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/error.h"

#define BEAT_EVERY NS_PER_S

static void stop_watching(struct beat *b)
{
	if (!b->watching)
		return;
	poller_remove(&b->loop->poller, &b->source);
	b->watching = false;
}

static void listen_to_parent(struct beat *b)
{
	if (!control_read(b->control))
		stop_watching(b);
}

static void on_message(struct source *s, unsigned events)
{
	(void)events;
	listen_to_parent(container_of(s, struct beat, source));
}

/* A worker that sleeps in the poller has nothing to do and is well. */
static void look_at(struct beat *b, uint32_t i, uint32_t passed_ms)
{
	struct loop *loop = &b->workers[i]->loop;
	uint64_t turns = atomic_load_explicit(&loop->beat, memory_order_relaxed);
	uint32_t stuck = b->stuck_ms[i] + passed_ms;

	if (turns != b->seen[i] || atomic_load_explicit(&loop->asleep, memory_order_relaxed))
		stuck = 0;
	b->seen[i] = turns;
	__atomic_store_n(&b->stuck_ms[i], stuck, __ATOMIC_RELAXED);
}

static void on_timer(struct timer *t)
{
	struct beat *b = container_of(t, struct beat, timer);
	uint64_t now = clock_now(), passed = now - b->looked;

	/* When this thread itself was stopped (a debugger, a paused machine), so were the workers. */
	if (passed > 2 * BEAT_EVERY)
		passed = 2 * BEAT_EVERY;
	b->looked = now;
	for (uint32_t i = 0; i < b->count; i++)
		look_at(b, i, (uint32_t)(passed / NS_PER_MS));
	control_beat(b->control, b->stuck_ms, b->count);
	timer_set(&b->loop->timers, &b->timer, loop_now(b->loop) + BEAT_EVERY);
	if (b->watching)
		listen_to_parent(b);	/* what was held back while it waited for sockets */
}

bool beat_start(struct beat *b, struct control *control, struct loop *loop,
		struct worker *const *workers, uint32_t count, struct weir_error *error)
{
	*b = (struct beat){ .control = control, .loop = loop, .workers = workers, .count = count };
	if (count > MESSAGE_WORKERS)
		return fail(error, "%u workers are too many; the most is %d", (unsigned)count,
			    MESSAGE_WORKERS);
	b->looked = clock_now();
	b->source.fd = control_fd(control);
	b->source.notify = on_message;
	if (!poller_add(&loop->poller, &b->source, SOURCE_LEVEL_IN))
		return fail(error, "cannot watch the parent process: %s", strerror(errno));
	b->watching = true;
	timer_init(&b->timer, on_timer);
	timer_set(&loop->timers, &b->timer, clock_now());
	return true;
}

void beat_stop(struct beat *b)
{
	stop_watching(b);
	timer_clear(&b->loop->timers, &b->timer);
}

uint32_t beat_stuck_ms(const struct beat *b, uint32_t worker)
{
	return worker < b->count ? __atomic_load_n(&b->stuck_ms[worker], __ATOMIC_RELAXED) : 0;
}
