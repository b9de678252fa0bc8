/* loop.c - the turns. */
#include "config.h"

#include "core/fiber/loop.h"

#include <limits.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/fiber/checkers.h"
#include "core/fiber/inside.h"

/* Fibers run in one phase at most, so that those who wake each other do not keep the loop
 * from its descriptors and timers. */
enum { RUNS_PER_TURN = 2048 };

/* So many gather at the gate at most: what they hold in hand must stay in the cache. */
enum { GATE_MOST = 32 };

enum { STACK_LEAST = 16384, FIBERS_MOST = 10000, FIBERS_WARM = 16 };

__thread struct loop *loop_here;

static bool settle_limits(struct fiber_limits *limits, struct weir_error *error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (limits->stack == 0)
		limits->stack = STACK_DEFAULT;
	if (limits->most == 0)
		limits->most = FIBERS_MOST;
	if (limits->warm == 0)
		limits->warm = FIBERS_WARM;
	if (limits->stack < STACK_LEAST || limits->stack % page != 0)
		return fail(error, "a fiber stack must have %d bytes or more and be a multiple "
			    "of the page of %zu bytes, got %zu", STACK_LEAST, page, limits->stack);
	return true;
}

static void read_clock(struct loop *l)
{
	l->now = clock_now();
	l->wall = clock_wall();
}

/* Whoever is told of an event must not take the time before the wait for now. */
static void on_woken(struct poller *p)
{
	read_clock(container_of(p, struct loop, poller));
}

bool loop_init(struct loop *l, const struct fiber_limits *limits, struct weir_error *error)
{
	*l = (struct loop){ 0 };
	if (limits != NULL)
		l->limits = *limits;
	if (!settle_limits(&l->limits, error))
		return false;
	list_init(&l->runnable);
	list_init(&l->yielded);
	list_init(&l->gated);
	list_init(&l->dirty);
	fiber_pool_init(&l->pool);
	read_clock(l);
	timer_wheel_init(&l->timers, l->now);
	if (!poller_open(&l->poller, error))
		return false;
	l->poller.woken = on_woken;
	if (!mailbox_open(l, error)) {
		poller_close(&l->poller);
		return false;
	}
	return true;
}

void loop_fini(struct loop *l)
{
	if (l->fibers > 0)
		fiber_abort("a loop came to its end with fibers alive");
	mailbox_close(l);
	poller_close(&l->poller);
	fiber_pool_fini(l);
}

struct loop *loop_self(void)
{
	return loop_here;
}

/* Moves all of one ring to the end of another. */
static void move_all(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* Those at the gate go on, in the order in which they came, before all others. */
static void open_gate(struct loop *l)
{
	move_all(&l->gated, &l->runnable);
	move_all(&l->runnable, &l->gated);
	l->at_gate = 0;
}

/* Those that are woken meanwhile run as well; those that yield do not. */
static void run_fibers(struct loop *l)
{
	for (int i = 0; i < RUNS_PER_TURN; i++) {
		struct list *item;

		if (list_empty(&l->runnable) || l->at_gate >= GATE_MOST)
			open_gate(l);
		item = list_pop_front(&l->runnable);
		if (item == NULL)
			break;
		fiber_run(l, container_of(item, struct fiber, link));
	}
	open_gate(l);
	move_all(&l->runnable, &l->yielded);
}

void task_init(struct task *t, void (*run)(struct task *t))
{
	list_init(&t->link);
	t->run = run;
}

void loop_dirty(struct loop *l, struct task *t)
{
	if (list_empty(&t->link))
		list_push_back(&l->dirty, &t->link);
}

/* A task that is asked for again meanwhile runs in the next turn. */
static void flush_dirty(struct loop *l)
{
	struct list now, *item;

	list_init(&now);
	move_all(&now, &l->dirty);
	while ((item = list_pop_front(&now)) != NULL) {
		struct task *t = container_of(item, struct task, link);

		t->run(t);
	}
}

static bool has_work(const struct loop *l)
{
	return !list_empty(&l->runnable) || !list_empty(&l->dirty);
}

/* How long the poller may wait, rounded up to its milliseconds; -1: for ever. */
static int poll_span(const struct loop *l, uint64_t most_ns)
{
	uint64_t due = timer_wheel_next(&l->timers), now, span;

	if (due == CLOCK_NEVER && most_ns == CLOCK_NEVER)
		return -1;
	if (due == CLOCK_NEVER) {
		span = most_ns;
	} else {
		now = clock_now();	/* the turn may have been long */
		span = due > now ? due - now : 0;
		if (span > most_ns)
			span = most_ns;
	}
	span = span / NS_PER_MS + (span % NS_PER_MS != 0);
	return span < INT_MAX ? (int)span : INT_MAX;
}

static void mark_events(struct loop *l, uint64_t most_ns)
{
	int span = has_work(l) ? 0 : poll_span(l, most_ns);

	if (span == 0 || !mailbox_sleep(l)) {
		(void)poller_wait(&l->poller, 0);
		return;
	}
	(void)poller_wait(&l->poller, span);
	mailbox_awake(l);
}

static void turn(struct loop *l, uint64_t max_wait_ns)
{
	mark_events(l, max_wait_ns);
	run_fibers(l);
	flush_dirty(l);
	timer_wheel_advance(&l->timers, l->now);
	mailbox_read(l);
	l->turns++;
	atomic_store_explicit(&l->beat, l->turns, memory_order_relaxed);
}

void loop_turn(struct loop *l, uint64_t max_wait_ns)
{
	struct loop *before = loop_here;

	loop_here = l;
	checkers_thread(&l->side);
	turn(l, max_wait_ns);
	loop_here = before;
}

void loop_run(struct loop *l)
{
	struct loop *before = loop_here;

	loop_here = l;
	checkers_thread(&l->side);
	while (!atomic_load_explicit(&l->stopping, memory_order_relaxed))
		turn(l, CLOCK_NEVER);
	mailbox_read(l);
	atomic_store(&l->stopping, false);
	loop_here = before;
}
