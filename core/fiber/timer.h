/* timer.h - a hierarchical timing wheel of 1 ms ticks. Adding and removing are O(1). */
#ifndef CORE_FIBER_TIMER_H
#define CORE_FIBER_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/list.h"

struct loop;

/* Lives in its owner. `fire` runs on the loop after the fibers, once; it may set it again. */
struct timer {
	struct list link;
	uint64_t at;			/* monotonic ns; 0: not set */
	void (*fire)(struct timer *t);
};

/* 64^5 ms are 12 days; later ones are put in again. */
enum { TIMER_LEVELS = 5, TIMER_SLOTS = 64 };

struct timer_wheel {
	struct list slots[TIMER_LEVELS][TIMER_SLOTS];
	uint64_t occupied[TIMER_LEVELS];	/* a bit per slot that is not empty */
	uint64_t tick;				/* ms already handled */
	uint32_t count;
};

void timer_wheel_init(struct timer_wheel *w, uint64_t now_ns);
void timer_init(struct timer *t, void (*fire)(struct timer *t));
/* Sets or moves. Never fires early; at most a tick late. */
void timer_set(struct timer_wheel *w, struct timer *t, uint64_t at_ns);
void timer_clear(struct timer_wheel *w, struct timer *t);	/* harmless when not set */
static inline bool timer_is_set(const struct timer *t)
{
	return t->at != 0;
}

/* Fires what is due at now_ns. */
void timer_wheel_advance(struct timer_wheel *w, uint64_t now_ns);
/* When it should next be advanced; CLOCK_NEVER when empty. May be early, never late. */
uint64_t timer_wheel_next(const struct timer_wheel *w);

#endif
