/* fiber.h - a small stackful coroutine pinned to one loop; its code is written as if it blocked. */
#ifndef CORE_FIBER_FIBER_H
#define CORE_FIBER_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/reason.h"
#include "core/fiber/stack.h"
#include "core/fiber/switch.h"
#include "core/fiber/timer.h"

struct loop;
struct deadline;

/* A fiber is started by anyone on its loop's thread, runs when the loop comes to it, parks in the
 * middle of a line when it must wait, is woken at most once per park, and ends when its function
 * returns. Only the loop switches: waking marks a fiber runnable and no more.
 * All of this belongs to the loop's own thread. */
enum fiber_state { FIBER_IDLE, FIBER_RUNNABLE, FIBER_RUNNING, FIBER_PARKED };

/* Why a park ended. */
enum wake {
	WAKE_EVENT,	/* what it waited for may have happened */
	WAKE_DEADLINE,	/* the innermost deadline that is due; see deadline_ended() */
	WAKE_CANCEL,	/* somebody wants it to end; sticky until the fiber ends */
};

struct fiber {
	struct list link;		/* in the run queue, or in the pool of idle ones */
	struct loop *loop;
	struct side side;		/* where it will go on */
	struct deadline *deadline;	/* innermost scope, or NULL */
	uint8_t state;			/* enum fiber_state */
	uint8_t cause;			/* enum wake of the wake-up under way */
	bool cancelled;
	enum reason ended;		/* reason of the deadline that last ended a wait */
	uint32_t shield;		/* >0: cancellation is kept back */
	uint32_t work;			/* operations (high byte), bytes since it parked */
	struct timer timer;		/* its only one: never later than the deadline */
	void (*run)(void *arg);
	void *arg;
	struct list joiners;		/* of those who wait for its end */
	uint64_t generation;		/* grows at each end: with it a life is named */
	void *local;			/* whoever runs on it may keep one pointer here */
	struct stack stack;
	struct fiber *made_before;	/* all that the loop ever made; freed with the loop */
};

/* What a loop may use. */
struct fiber_limits {
	size_t stack;		/* bytes of each stack, a multiple of the page; 0: 1 MiB */
	uint32_t most;		/* fibers alive at once; 0: 10000 */
	uint32_t warm;		/* idle ones that keep their stacks for good; 0: 16. Others
				 * give them back after a second without use */
};

/* Makes a fiber runnable with `run(arg)`. NULL at the ceiling or without memory. */
struct fiber *fiber_start(struct loop *loop, void (*run)(void *arg), void *arg);

/* The fiber that runs now on this thread, or NULL on the loop itself. */
struct fiber *fiber_self(void);

/* Parks the running fiber until woken, cancelled or its innermost deadline. A fiber that is
 * cancelled and not shielded does not park at all. Parking without a deadline scope aborts:
 * nothing waits without one. Never inside a no-wait section. */
enum wake fiber_park(void);

/* Goes to the end of the run queue. For long work; nothing is woken by it. */
void fiber_yield(void);

/* Lets the others that are runnable come this far first, at most 32 of them: sends that follow each
 * other closely cost the kernel less than sends between other work. Not a wait: it ends within
 * the turn, also for a fiber that is cancelled. Nothing happens where there is nobody else. */
void fiber_gate(void);

/* Counts work done without waiting, and yields after 256 KiB or 64 operations. */
void fiber_worked(struct fiber *f, size_t bytes);

/* Marks a parked fiber runnable; harmless when it is not parked. */
void fiber_wake(struct fiber *f);

/* Asks it to end: its current wait and all later ones give WAKE_CANCEL, unless shielded.
 * Harmless when it has ended; its memory stays until the loop's end. */
void fiber_cancel(struct fiber *f);
static inline bool fiber_cancelled(const struct fiber *f)	/* and not shielded */
{
	return f->cancelled && f->shield == 0;
}

/* Between these two, the running fiber does not notice its cancellation. They nest. */
void fiber_shield(void);
void fiber_unshield(void);

/* Parks (shielded) until `f` of that generation has ended. Cancel it first if it may wait long.
 * It still needs a deadline scope around it; false when that came first. Where the scope may be
 * past already and the child must be gone, deadline_enter_alone() around it. */
bool fiber_join(struct fiber *f, uint64_t generation);

/* Between these two nothing may park: library callbacks, picks, judgements. They nest;
 * fiber_park() aborts inside. */
void fiber_no_wait_begin(void);
void fiber_no_wait_end(void);

/* The most bytes of stack any fiber of this loop has touched, as far as is known: each call looks
 * at the pages of 256 stacks, in turn (about 0.3 ms); those given back were looked at before. */
size_t fiber_high_water(struct loop *loop);
uint32_t fiber_count(const struct loop *loop);		/* alive now */

/* Installs the SIGSEGV handler that says "fiber stack overflow" with the fiber's addresses when the
 * fault lies in a guard page, on an alternate stack of the calling thread. Once per thread. */
bool fiber_guard_install(void);
void fiber_guard_remove(void);		/* before the thread ends */

#endif
