/* test_waits.c - sleeping, descriptors and helper threads, in the window's words. */
#include <unistd.h>

#include "core/plugin/waits.h"
#include "core/plugin/window.h"
#include "tests/plugin/crewed.h"

static struct crewed crewed;

struct wait {
	int fds[2];
	unsigned events;
	uint64_t span;
	bool cancel, forbidden;
	enum weir_wait how;
};

static void nap(void *arg)
{
	struct wait *w = arg;

	if (w->cancel)
		fiber_cancel(fiber_self());
	if (w->forbidden)
		fiber_no_wait_begin();
	w->how = window_table()->sleep(NULL, w->span);
	if (w->forbidden)
		fiber_no_wait_end();
}

static void look(void *arg)
{
	struct wait *w = arg;
	int fd = (w->events & WEIR_WRITABLE) != 0 ? w->fds[1] : w->fds[0];

	if (w->cancel)
		fiber_cancel(fiber_self());
	w->how = window_table()->wait_fd(NULL, fd, w->events, w->span);
}

static void *fill(void *arg)
{
	struct wait *w = arg;

	assert_int_equal(write(w->fds[1], "x", 1), 1);
	return NULL;
}

static void look_while_another_fills(void *arg)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, fill, arg);
	look(arg);
	(void)pthread_join(thread, NULL);
}

static void set_true(void *arg)
{
	*(bool *)arg = true;
}

static bool was_run;

static void ask_helper(void *arg)
{
	struct wait *w = arg;

	if (w->cancel)
		fiber_cancel(fiber_self());
	w->how = window_table()->offload(NULL, set_true, &was_run);
}

static int start(void **state)
{
	static struct wait w;

	crewed_begin(&crewed);
	w = (struct wait){ .events = WEIR_READABLE, .span = NS_PER_MS };
	*state = &w;
	was_run = false;
	return pipe(w.fds);
}

static int stop(void **state)
{
	struct wait *w = *state;

	crewed_end(&crewed);
	(void)close(w->fds[0]);
	(void)close(w->fds[1]);
	return 0;
}

static enum weir_wait doing(void **state, void (*act)(void *arg))
{
	struct wait *w = *state;

	crewed_do(&crewed.workers[0], act, w);
	return w->how;
}

static void sleep_is_over_when_it_is_over(void **state)
{
	assert_int_equal(doing(state, nap), WEIR_OK);
}

static void a_cancelled_sleep_says_so(void **state)
{
	struct wait *w = *state;

	w->cancel = true;
	w->span = 3600 * NS_PER_S;
	assert_int_equal(doing(state, nap), WEIR_CANCELLED);
}

static void where_nothing_may_wait_nothing_does(void **state)
{
	struct wait *w = *state;

	w->forbidden = true;
	assert_int_equal(doing(state, nap), WEIR_NOT_HERE);
	assert_int_equal(window_table()->sleep(NULL, 0), WEIR_NOT_HERE);	/* no fiber */
}

static void a_readable_descriptor_ends_the_wait(void **state)
{
	struct wait *w = *state;

	w->span = 20 * NS_PER_S;
	assert_int_equal(doing(state, look_while_another_fills), WEIR_OK);
	assert_int_equal(doing(state, look), WEIR_OK);	/* and it still is */
}

static void an_empty_pipe_times_out(void **state)
{
	assert_int_equal(doing(state, look), WEIR_TIMED_OUT);
}

static void room_in_a_pipe_ends_the_wait(void **state)
{
	struct wait *w = *state;

	w->events = WEIR_WRITABLE;
	assert_int_equal(doing(state, look), WEIR_OK);
}

static void what_cannot_be_watched_says_so(void **state)
{
	struct wait *w = *state;

	(void)close(w->fds[0]);
	assert_int_equal(doing(state, look), WEIR_NO_ANSWER);
	w->events = 0;
	assert_int_equal(doing(state, look), WEIR_NOT_HERE);
}

static void a_cancelled_look_says_so(void **state)
{
	struct wait *w = *state;

	w->cancel = true;
	w->span = 3600 * NS_PER_S;
	assert_int_equal(doing(state, look), WEIR_CANCELLED);
}

static void a_helper_does_it_even_when_cancelled(void **state)
{
	struct wait *w = *state;

	assert_int_equal(doing(state, ask_helper), WEIR_OK);
	assert_true(was_run);
	was_run = false;
	w->cancel = true;
	assert_int_equal(doing(state, ask_helper), WEIR_CANCELLED);
	assert_true(was_run);
}

#define with_crew(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_crew(sleep_is_over_when_it_is_over),
		with_crew(a_cancelled_sleep_says_so),
		with_crew(where_nothing_may_wait_nothing_does),
		with_crew(a_readable_descriptor_ends_the_wait),
		with_crew(an_empty_pipe_times_out),
		with_crew(room_in_a_pipe_ends_the_wait),
		with_crew(what_cannot_be_watched_says_so),
		with_crew(a_cancelled_look_says_so),
		with_crew(a_helper_does_it_even_when_cancelled),
	};

	return cmocka_run_group_tests_name("waits", tests, NULL, NULL);
}
