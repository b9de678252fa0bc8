/* wait.h - deadlines that nest, and the plain waits. */
#ifndef CORE_FIBER_WAIT_H
#define CORE_FIBER_WAIT_H

#include "core/fiber/fiber.h"

/* A scope on the running fiber's own stack: until it is left, no wait lasts beyond `at`.
 * The tightest of all scopes around a wait ends it, and its reason says which one it was. */
struct deadline {
	struct deadline *outer;
	uint64_t at;		/* monotonic ns; CLOCK_NEVER: this scope sets none */
	uint64_t tightest;	/* the earliest of this and all outer ones */
	enum reason reason;	/* of `at` */
	enum reason tightest_reason;
	bool alone;		/* the outer ones do not count */
};

/* Enters the scope; `reason` is what deadline_ended() will say if it comes first. */
void deadline_enter(struct deadline *d, uint64_t at, enum reason reason);
/* The same, but the scopes around it do not count until it is left: for cleaning up after they have
 * ended, such as joining a child that was cancelled. */
void deadline_enter_alone(struct deadline *d, uint64_t at, enum reason reason);
/* Moves it; later is a store, earlier may touch the timer at the next park. Innermost only. */
void deadline_move(struct deadline *d, uint64_t at);
void deadline_leave(struct deadline *d);

/* The reason of the scope that ended the last wait of this fiber with WAKE_DEADLINE. */
enum reason deadline_ended(void);
/* True when the tightest deadline of the running fiber is already past. */
bool deadline_due(void);

/* Parks until `at`; a stray fiber_wake() does not end it. WAKE_EVENT: slept; WAKE_DEADLINE: an
 * outer scope came first. */
enum wake wait_until(uint64_t at);
enum wake wait_sleep(uint64_t span_ns);

/* An event that fibers of one loop wait for: a queue of parked fibers, first come first woken. */
struct wait_queue {
	struct list waiting;	/* struct wait_entry */
};

void wait_queue_init(struct wait_queue *q);
/* Parks until the queue wakes it. A cancelled waiter passes on what woke it. */
enum wake wait_queue_park(struct wait_queue *q);
bool wait_queue_wake_one(struct wait_queue *q);		/* false: nobody waits */
void wait_queue_wake_all(struct wait_queue *q);

#endif
