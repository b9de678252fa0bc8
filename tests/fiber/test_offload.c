/* test_offload.c - work that blocks runs elsewhere while its fiber waits. */
#include "config.h"

#include <pthread.h>

#include "tests/fiber/story.h"

enum { HELPERS = 8 };

/* Jobs that stay until they are let go. */
struct works {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int inside, most, finished;
	bool open;
};

static struct works works = { .lock = PTHREAD_MUTEX_INITIALIZER,
			      .changed = PTHREAD_COND_INITIALIZER };

static void works_let_go(bool open)
{
	pthread_mutex_lock(&works.lock);
	works.open = open;
	pthread_cond_broadcast(&works.changed);
	pthread_mutex_unlock(&works.lock);
}

static void works_until_inside(int count)
{
	pthread_mutex_lock(&works.lock);
	while (works.inside < count)
		pthread_cond_wait(&works.changed, &works.lock);
	pthread_mutex_unlock(&works.lock);
}

static void stays(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&works.lock);
	works.inside++;
	if (works.inside > works.most)
		works.most = works.inside;
	pthread_cond_broadcast(&works.changed);
	while (!works.open)
		pthread_cond_wait(&works.changed, &works.lock);
	works.inside--;
	works.finished++;
	pthread_mutex_unlock(&works.lock);
}

struct client {
	uint64_t patience;
	bool ran, over;
	enum wake after;
};

static void offloads(void *arg)
{
	struct client *c = arg;
	struct deadline d;

	deadline_enter(&d, story_in(c->patience), REASON_TIMEOUT);
	c->ran = loop_offload(stays, NULL);
	c->after = fiber_park();
	c->over = true;
	deadline_leave(&d);
}

struct place {
	pthread_t thread;
	bool differs;
};

static void notes_its_thread(void *arg)
{
	struct place *p = arg;

	p->differs = !pthread_equal(pthread_self(), p->thread) && loop_self() == NULL;
}

static void goes_elsewhere(void *arg)
{
	struct deadline d;

	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	assert_true(loop_offload(notes_its_thread, arg));
	deadline_leave(&d);
}

static void offloaded_work_runs_on_another_thread(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct place p = { .thread = pthread_self() };

	(void)state;
	fiber_start(l, goes_elsewhere, &p);
	story_ends(l);
	assert_true(p.differs);
}

static void no_deadline_ends_the_wait_for_work_that_runs(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct client c = { .patience = NS_SHORT };
	uint64_t begun;

	(void)state;
	works_let_go(false);
	fiber_start(l, offloads, &c);
	loop_turn(l, 0);
	works_until_inside(1);
	begun = l->now;
	while (l->now < begun + 3 * NS_SHORT)
		loop_turn(l, NS_SHORT);
	assert_false(c.over);

	works_let_go(true);
	story_ends(l);
	assert_true(c.ran);
	assert_int_equal(c.after, WAKE_DEADLINE);
}

static void at_most_eight_run_and_who_finds_none_in_time_is_told(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct client busy[HELPERS] = { { 0 } }, late = { .patience = NS_SHORT };
	int finished = works.finished;

	(void)state;
	works_let_go(false);
	works.most = 0;
	for (int i = 0; i < HELPERS; i++) {
		busy[i].patience = 20 * NS_PER_S;
		fiber_start(l, offloads, &busy[i]);
	}
	loop_turn(l, 0);
	works_until_inside(HELPERS);
	fiber_start(l, offloads, &late);
	while (!late.over)
		loop_turn(l, NS_LONG);
	assert_false(late.ran);

	works_let_go(true);
	story_ends(l);
	assert_int_equal(works.most, HELPERS);
	assert_int_equal(works.finished, finished + HELPERS);
}

static void work_that_waits_for_a_helper_gets_one_in_the_end(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct client c[3 * HELPERS] = { { 0 } };
	int finished = works.finished;

	(void)state;
	works_let_go(false);
	works.most = 0;
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		c[i].patience = 20 * NS_PER_S;
		fiber_start(l, offloads, &c[i]);
	}
	loop_turn(l, 0);
	works_until_inside(HELPERS);
	works_let_go(true);
	story_ends(l);

	for (size_t i = 0; i < ARRAY_LEN(c); i++)
		assert_true(c[i].ran);
	assert_int_equal(works.most, HELPERS);
	assert_int_equal(works.finished, finished + 3 * HELPERS);
}

static void nothing_is_begun_when_the_time_is_up_already(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct client c = { .patience = 0 };
	int finished = works.finished;

	(void)state;
	fiber_start(l, offloads, &c);
	story_ends(l);
	assert_false(c.ran);
	assert_int_equal(works.finished, finished);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offloaded_work_runs_on_another_thread),
		cmocka_unit_test(no_deadline_ends_the_wait_for_work_that_runs),
		cmocka_unit_test(at_most_eight_run_and_who_finds_none_in_time_is_told),
		cmocka_unit_test(work_that_waits_for_a_helper_gets_one_in_the_end),
		cmocka_unit_test(nothing_is_begun_when_the_time_is_up_already),
	};

	return cmocka_run_group_tests_name("offload", tests, NULL, NULL);
}
