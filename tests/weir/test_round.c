/* test_round.c - every worker is asked, on its own thread, and the answer comes after the last. */
#include "core/weir/round.h"

#include <stdatomic.h>

#include "tests/plugin/crewed.h"

static struct crewed c;

struct inquiry {
	bool refuses[2];
	atomic_uint asked, away;	/* away: not on the worker's own thread */
	sem_t *gate;			/* worker 0 waits here */
	bool ok, over;
	uint32_t asked_when_over;
	struct fiber *fiber;
	struct weir_error error;
};

static int begin(void **state)
{
	(void)state;
	crewed_begin(&c);
	return 0;
}

static int end(void **state)
{
	(void)state;
	crewed_end(&c);
	round_end();
	return 0;
}

static bool ask(struct worker *w, void *arg, struct weir_error *error)
{
	struct inquiry *q = arg;

	if (q->gate != NULL && w->index == 0)
		while (sem_wait(q->gate) != 0)
			;
	q->away += worker_self() != w;
	q->asked++;
	if (q->refuses[w->index])
		(void)snprintf(error->text, sizeof(error->text), "no time for %u", w->index);
	return !q->refuses[w->index];
}

static void inquire(void *arg)
{
	struct inquiry *q = arg;

	q->fiber = fiber_self();
	q->ok = round_run(&c.crew, ask, q, &q->error);
	q->asked_when_over = q->asked;
	q->over = true;
}

static void every_worker_is_asked_on_its_own_thread_before_the_answer(void **state)
{
	struct inquiry q = { .ok = false };

	(void)state;
	crewed_do(&c.control, inquire, &q);

	assert_true(q.ok);
	assert_int_equal(q.asked_when_over, 2);
	assert_int_equal(q.away, 0);
}

static void one_that_refuses_is_named_and_the_others_are_asked_nevertheless(void **state)
{
	struct inquiry q = { .refuses = { false, true } };

	(void)state;
	crewed_do(&c.control, inquire, &q);

	assert_false(q.ok);
	assert_int_equal(q.asked_when_over, 2);
	assert_non_null(strstr(q.error.text, "worker 1: no time for 1"));
}

static void of_two_sentences_the_first_workers_is_given(void **state)
{
	struct inquiry q = { .refuses = { true, true } };

	(void)state;
	crewed_do(&c.control, inquire, &q);

	assert_false(q.ok);
	assert_int_equal(strncmp(q.error.text, "worker 0: ", 10), 0);
}

static void a_refusal_is_not_remembered_by_the_next_round(void **state)
{
	struct inquiry bad = { .refuses = { true, true } }, good = { .ok = false };

	(void)state;
	crewed_do(&c.control, inquire, &bad);
	crewed_do(&c.control, inquire, &good);

	assert_true(good.ok);
	assert_string_equal(good.error.text, "");
}

/* Begins a round that worker 0 keeps open, wants to end it, and lets worker 0 go on. */
static void begin_and_cancel(void *arg)
{
	struct inquiry *q = arg;
	struct fiber *fiber = fiber_start(&c.control.loop, inquire, q);

	while (q->fiber == NULL)
		(void)wait_sleep(NS_PER_MS);
	fiber_cancel(fiber);
	(void)wait_sleep(NS_PER_MS);
	q->asked_when_over = q->over;	/* until it is over in truth */
	if (!q->over)
		sem_post(q->gate);
	while (!q->over)
		(void)wait_sleep(NS_PER_MS);
}

static void a_fiber_that_is_cancelled_waits_for_all_answers(void **state)
{
	struct inquiry q = { .ok = false };
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	q.gate = &gate;
	crewed_do(&c.control, begin_and_cancel, &q);

	assert_true(q.ok);
	assert_int_equal(q.asked_when_over, 2);
	sem_destroy(&gate);
}

static void two_at_once(void *arg)
{
	struct inquiry *q = arg;

	(void)fiber_start(&c.control.loop, inquire, &q[0]);
	(void)fiber_start(&c.control.loop, inquire, &q[1]);
	while (!q[0].over || !q[1].over)
		(void)wait_sleep(NS_PER_MS);
}

static void two_rounds_at_once_get_each_its_own_answers(void **state)
{
	struct inquiry q[2] = { { .refuses = { true, false } }, { .ok = false } };

	(void)state;
	crewed_do(&c.control, two_at_once, q);

	assert_false(q[0].ok);
	assert_true(q[1].ok);
	assert_int_equal(q[0].asked, 2);
	assert_int_equal(q[1].asked, 2);
}

int main(void)
{
#define crewed(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		crewed(every_worker_is_asked_on_its_own_thread_before_the_answer),
		crewed(one_that_refuses_is_named_and_the_others_are_asked_nevertheless),
		crewed(of_two_sentences_the_first_workers_is_given),
		crewed(a_refusal_is_not_remembered_by_the_next_round),
		crewed(a_fiber_that_is_cancelled_waits_for_all_answers),
		crewed(two_rounds_at_once_get_each_its_own_answers),
	};

	return cmocka_run_group_tests_name("round", tests, NULL, NULL);
}
