/* test_worker.c - a thread that turns its loop between `begin` and `end`. */
#include "config.h"

#include "core/base/arena.h"
#include "core/fiber/worker.h"
#include "tests/fiber/story.h"

/* Kept in a slot, as a floor would. */
struct tale {
	struct worker *seen_begin, *seen_fiber, *seen_end;
	char thread_name[16];
	bool signals_blocked;
};

static void on_its_fiber(void *arg)
{
	struct tale *t = arg;

	t->seen_fiber = worker_self();
	loop_stop(loop_self());
}

static void at_the_beginning(struct worker *w)
{
	struct tale *t = w->slots[WORKER_PROXY];
	sigset_t blocked;

	t->seen_begin = worker_self();
	(void)pthread_getname_np(pthread_self(), t->thread_name, sizeof(t->thread_name));
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	t->signals_blocked = sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGSEGV);
	fiber_start(&w->loop, on_its_fiber, t);
}

static void at_the_end(struct worker *w)
{
	struct tale *t = w->slots[WORKER_PROXY];

	t->seen_end = worker_self();
}

static void prepare(struct worker *w, uint32_t index, struct tale *t)
{
	struct weir_error error = { .text = "" };

	if (!worker_init(w, index, NULL, &error))
		fail_msg("%s", error.text);
	w->slots[WORKER_PROXY] = t;
	w->begin = at_the_beginning;
	w->end = at_the_end;
}

static void a_worker_runs_its_loop_on_a_thread_of_its_own(void **state)
{
	struct worker w;
	struct tale t = { 0 };

	(void)state;
	prepare(&w, 3, &t);
	assert_true(worker_start(&w, NULL));
	worker_join(&w);

	assert_ptr_equal(t.seen_begin, &w);
	assert_ptr_equal(t.seen_fiber, &w);
	assert_ptr_equal(t.seen_end, &w);
	assert_string_equal(t.thread_name, "weir-3");
	assert_true(t.signals_blocked);
	assert_null(worker_self());
	worker_join(&w);
	worker_fini(&w);
}

static void the_control_thread_runs_one_where_it_is(void **state)
{
	struct worker w;
	struct tale t = { 0 };
	char name[16];

	(void)state;
	(void)pthread_getname_np(pthread_self(), name, sizeof(name));
	prepare(&w, UINT32_MAX, &t);
	worker_run_here(&w);
	(void)pthread_setname_np(pthread_self(), name);

	assert_ptr_equal(t.seen_fiber, &w);
	assert_ptr_equal(t.seen_end, &w);
	assert_string_equal(t.thread_name, "weir-control");
	assert_ptr_equal(w.loop.owner, &w);
	assert_null(worker_self());
	worker_fini(&w);
}

static void a_worker_lends_chunks_and_buffers_and_dice(void **state)
{
	struct worker w;
	struct tale t = { 0 };
	void *chunk, *buffer;

	(void)state;
	prepare(&w, 0, &t);
	chunk = slab_take(&w.chunks);
	buffer = slab_take(&w.buffers);
	assert_non_null(chunk);
	assert_non_null(buffer);
	memset(chunk, 1, ARENA_CHUNK);
	memset(buffer, 1, WORKER_BUFFER);
	slab_give(&w.chunks, chunk);
	slab_give(&w.buffers, buffer);
	assert_true(rng_next(&w.rng) != rng_next(&w.rng));
	worker_fini(&w);
}

static void limits_that_make_no_sense_name_the_worker(void **state)
{
	struct worker w;
	struct weir_error error = { .text = "" };

	(void)state;
	assert_false(worker_init(&w, 1, &(struct fiber_limits){ .stack = 1 }, &error));
	assert_non_null(strstr(error.text, "weir-1: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_runs_its_loop_on_a_thread_of_its_own),
		cmocka_unit_test(the_control_thread_runs_one_where_it_is),
		cmocka_unit_test(a_worker_lends_chunks_and_buffers_and_dice),
		cmocka_unit_test(limits_that_make_no_sense_name_the_worker),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
