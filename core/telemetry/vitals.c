/* vitals.c - what only a worker can say about itself. */
#include "core/telemetry/vitals.h"

#include "core/base/clock.h"

static void look(struct timer *t)
{
	struct vitals *v = container_of(t, struct vitals, timer);

	gauge_set(&v->stats->fibers, fiber_count(v->loop));
	gauge_set(&v->stats->stack_high_water, (int64_t)fiber_high_water(v->loop));
	timer_set(&v->loop->timers, t, loop_now(v->loop) + VITALS_EVERY);
}

void vitals_start(struct vitals *v, struct loop *loop, struct stats *stats)
{
	*v = (struct vitals){ .loop = loop, .stats = stats };
	timer_init(&v->timer, look);
	timer_set(&loop->timers, &v->timer, loop_now(loop) + VITALS_EVERY);
}

void vitals_stop(struct vitals *v)
{
	if (v->loop == NULL)
		return;
	timer_clear(&v->loop->timers, &v->timer);
	v->loop = NULL;
}
