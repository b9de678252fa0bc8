/* test_ticket.c - waking an exchange from a thread that nobody knows, also when it is over. */
#include "core/plugin/ticket.h"
#include "tests/plugin/crewed.h"

static struct crewed crewed;

/* An exchange, as far as tickets go. */
struct waiter {
	struct hold_list holds;
	struct arena arena;
	struct weir_ticket ticket;
	enum weir_wait how;
	uint64_t patience;
	pthread_t thread;
	bool wake_first, cancel_first;
};

static void begin(struct waiter *w)
{
	*w = (struct waiter){ .patience = 10 * NS_PER_S };
	arena_init(&w->arena, NULL, 1 << 20);
}

static void end(void *arg)
{
	struct waiter *w = arg;

	holds_drop(&w->holds);
	arena_reset(&w->arena);
}

static void take(void *arg)
{
	struct waiter *w = arg;

	w->ticket = ticket_take(&w->holds, &w->arena);
}

static void *wake(void *arg)
{
	ticket_wake(*(struct weir_ticket *)arg);
	return NULL;
}

static void wait_for_it(void *arg)
{
	struct waiter *w = arg;

	if (w->wake_first)
		ticket_wake(w->ticket);
	if (w->cancel_first)
		fiber_cancel(fiber_self());
	w->how = ticket_wait(w->ticket, w->patience);
}

static void take_and_wait(void *arg)
{
	struct waiter *w = arg;

	take(w);
	(void)pthread_create(&w->thread, NULL, wake, &w->ticket);
	wait_for_it(w);
}

static int start(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	crewed_begin(&crewed);
	return !tickets_open(&crewed.crew, &error);
}

static int stop(void **state)
{
	(void)state;
	tickets_close();
	crewed_end(&crewed);
	tickets_fini();
	return 0;
}

static void a_thread_wakes_an_exchange(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	crewed_do(&crewed.workers[1], take_and_wait, &w);
	pthread_join(w.thread, NULL);
	assert_int_not_equal(w.ticket.id, 0);
	assert_int_equal(w.how, WEIR_OK);
	assert_null(w.holds.first);	/* spent */
	crewed_do(&crewed.workers[1], end, &w);
}

static void a_wake_before_the_wait_counts(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	w.wake_first = true;
	crewed_do(&crewed.workers[0], take, &w);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_OK);
	crewed_do(&crewed.workers[0], end, &w);
}

static void waking_twice_is_waking_once(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	crewed_do(&crewed.workers[0], take, &w);
	ticket_wake(w.ticket);
	ticket_wake(w.ticket);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_OK);
	ticket_wake(w.ticket);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_NOT_HERE);		/* it is spent */
	crewed_do(&crewed.workers[0], end, &w);
}

/* Its slot may belong to another by then, who must not be woken. */
static void a_late_wake_is_harmless(void **state)
{
	struct waiter gone, other;

	(void)state;
	begin(&gone);
	crewed_do(&crewed.workers[0], take, &gone);
	crewed_do(&crewed.workers[0], end, &gone);
	ticket_wake(gone.ticket);

	begin(&other);
	other.patience = NS_PER_MS;
	crewed_do(&crewed.workers[0], take, &other);
	assert_int_equal(other.ticket.id, gone.ticket.id);
	assert_int_not_equal(other.ticket.generation, gone.ticket.generation);
	ticket_wake(gone.ticket);
	crewed_do(&crewed.workers[0], wait_for_it, &other);
	assert_int_equal(other.how, WEIR_TIMED_OUT);
	crewed_do(&crewed.workers[0], end, &other);
}

static void a_wake_under_way_does_not_reach_the_next_owner(void **state)
{
	struct waiter gone, other;

	(void)state;
	for (int i = 0; i < 200; i++) {
		begin(&gone);
		begin(&other);
		crewed_do(&crewed.workers[0], take, &gone);
		ticket_wake(gone.ticket);
		crewed_do(&crewed.workers[0], end, &gone);
		other.patience = 0;
		crewed_do(&crewed.workers[0], take, &other);
		crewed_do(&crewed.workers[0], wait_for_it, &other);
		assert_int_equal(other.how, WEIR_TIMED_OUT);
		crewed_do(&crewed.workers[0], end, &other);
	}
}

static void a_cancelled_wait_says_so(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	w.cancel_first = true;
	crewed_do(&crewed.workers[0], take, &w);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_CANCELLED);
	crewed_do(&crewed.workers[0], end, &w);
}

static void a_wait_that_timed_out_can_go_on(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	w.patience = NS_PER_MS;
	crewed_do(&crewed.workers[0], take, &w);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_TIMED_OUT);
	ticket_wake(w.ticket);
	crewed_do(&crewed.workers[0], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_OK);
	crewed_do(&crewed.workers[0], end, &w);
}

static void only_its_own_worker_may_wait_for_it(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	crewed_do(&crewed.workers[0], take, &w);
	crewed_do(&crewed.workers[1], wait_for_it, &w);
	assert_int_equal(w.how, WEIR_NOT_HERE);
	crewed_do(&crewed.workers[0], end, &w);
}

static void numbers_that_were_never_given_out_are_nothing(void **state)
{
	(void)state;
	ticket_wake((struct weir_ticket){ 0, 0 });
	ticket_wake((struct weir_ticket){ UINT64_MAX, 1 });
	ticket_wake((struct weir_ticket){ (uint64_t)1 << 32 | 60000, 1 });
	ticket_wake((struct weir_ticket){ (uint64_t)3 << 32, 99 });
}

static void take_all(void *arg)
{
	struct waiter *w = arg;

	arena_init(&w->arena, NULL, 64 << 20);
	for (uint32_t i = 0; i <= TICKETS_MOST; i++) {
		take(w);
		if (w->ticket.id == 0)
			w->patience = i;
	}
}

static void they_are_bounded(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	crewed_do(&crewed.workers[0], take_all, &w);
	assert_int_equal(w.patience, TICKETS_MOST);
	crewed_do(&crewed.workers[0], end, &w);
}

/* The loops are gone, a thread of a plugin is not. */
static void waking_after_the_end_is_harmless(void **state)
{
	struct waiter w;

	(void)state;
	begin(&w);
	crewed_do(&crewed.workers[0], take, &w);
	crewed_do(&crewed.workers[0], end, &w);
	tickets_close();
	ticket_wake(w.ticket);
	crewed_do(&crewed.workers[0], take, &w);
	assert_int_equal(w.ticket.id, 0);
}

#define with_crew(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_crew(a_thread_wakes_an_exchange),
		with_crew(a_wake_before_the_wait_counts),
		with_crew(waking_twice_is_waking_once),
		with_crew(a_late_wake_is_harmless),
		with_crew(a_wake_under_way_does_not_reach_the_next_owner),
		with_crew(a_cancelled_wait_says_so),
		with_crew(a_wait_that_timed_out_can_go_on),
		with_crew(only_its_own_worker_may_wait_for_it),
		with_crew(numbers_that_were_never_given_out_are_nothing),
		with_crew(they_are_bounded),
		with_crew(waking_after_the_end_is_harmless),
	};

	return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}
