/* test_loop.c - the order of a turn, tasks, the clock, and stopping. */
#include "config.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/fiber/story.h"

/* Writes down in which order things happened. */
struct chronicle {
	struct loop *loop;
	char said[64];
	int len;
	struct source source;
	struct task task;
	struct timer timer;
	struct letter letter;
	int again;
};

static void say(struct chronicle *c, char what)
{
	c->said[c->len++] = what;
}

static void fiber_tells(void *arg)
{
	struct chronicle *c = arg;

	say(c, 'f');
	loop_dirty(c->loop, &c->task);
	loop_dirty(c->loop, &c->task);
}

static void source_tells(struct source *s, unsigned events)
{
	struct chronicle *c = container_of(s, struct chronicle, source);

	(void)events;
	say(c, 'e');
	fiber_start(c->loop, fiber_tells, c);
	poller_remove(&c->loop->poller, s);
}

static void task_tells(struct task *t)
{
	struct chronicle *c = container_of(t, struct chronicle, task);

	say(c, 'd');
	if (c->again-- > 0)
		loop_dirty(c->loop, t);
}

static void timer_tells(struct timer *t)
{
	say(container_of(t, struct chronicle, timer), 't');
}

static void letter_tells(struct letter *l)
{
	say(container_of(l, struct chronicle, letter), 'm');
}

static void chronicle_begins(struct chronicle *c, struct loop *l)
{
	*c = (struct chronicle){ .loop = l };
	c->source = (struct source){ .fd = eventfd(1, EFD_CLOEXEC), .notify = source_tells };
	c->letter.open = letter_tells;
	task_init(&c->task, task_tells);
	timer_init(&c->timer, timer_tells);
}

static void a_turn_is_events_then_fibers_then_tasks_then_timers_and_mail(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct chronicle c;

	(void)state;
	chronicle_begins(&c, l);
	assert_true(poller_add(&l->poller, &c.source, SOURCE_LEVEL_IN));
	loop_post(l, &c.letter);
	timer_set(&l->timers, &c.timer, l->now);
	while (clock_now() < l->now + 2 * NS_PER_MS)
		;

	loop_turn(l, NS_LONG);

	assert_string_equal(c.said, "efdtm");
	close(c.source.fd);
	story_ends(l);
}

static void a_task_runs_once_a_turn_and_its_next_time_is_the_next_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct chronicle c;

	(void)state;
	chronicle_begins(&c, l);
	c.again = 1;
	loop_dirty(l, &c.task);
	loop_dirty(l, &c.task);

	loop_turn(l, NS_LONG);
	assert_string_equal(c.said, "d");
	loop_turn(l, NS_LONG);
	assert_string_equal(c.said, "dd");
	loop_turn(l, 0);
	assert_string_equal(c.said, "dd");
	close(c.source.fd);
	story_ends(l);
}

struct times {
	uint64_t now, wall, later_now, later_wall;
};

static void reads_the_clock_twice(void *arg)
{
	struct times *t = arg;
	uint64_t begun = clock_now();

	t->now = loop_self()->now;
	t->wall = loop_self()->wall;
	while (clock_now() < begun + NS_PER_MS)
		;
	t->later_now = loop_now(loop_self());
	t->later_wall = loop_self()->wall;
}

static void time_stands_still_during_a_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct times t = { 0 };
	uint64_t before = clock_now(), wall_before = clock_wall();

	(void)state;
	fiber_start(l, reads_the_clock_twice, &t);
	loop_turn(l, 0);

	assert_true(t.now >= before);
	assert_true(t.wall + NS_PER_S > wall_before);
	assert_true(t.later_now == t.now && t.later_wall == t.wall);
	story_ends(l);
}

struct alarm {
	struct source source;
	struct loop *loop;
	uint64_t told;
};

static void source_reads_the_clock(struct source *s, unsigned events)
{
	struct alarm *a = container_of(s, struct alarm, source);

	(void)events;
	a->told = loop_now(a->loop);
	poller_remove(&a->loop->poller, s);
}

static void an_event_is_told_the_time_after_the_wait(void **state)
{
	const struct itimerspec soon = { .it_value = { .tv_nsec = 50 * NS_PER_MS } };
	struct loop loop, *l = story_begins(&loop);
	struct alarm a = { .loop = l, .source = { .notify = source_reads_the_clock } };
	uint64_t begun = clock_now();

	(void)state;
	a.source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	assert_true(a.source.fd >= 0);
	assert_int_equal(timerfd_settime(a.source.fd, 0, &soon, NULL), 0);
	assert_true(poller_add(&l->poller, &a.source, SOURCE_LEVEL_IN));
	while (a.told == 0)
		loop_turn(l, 10 * NS_PER_S);

	assert_true(a.told >= begun + 50 * NS_PER_MS);
	close(a.source.fd);
	story_ends(l);
}

static void a_turn_waits_no_longer_than_it_was_told(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	uint64_t turns = l->turns, begun = clock_now();

	(void)state;
	loop_turn(l, NS_SHORT);

	assert_true(clock_now() >= begun + NS_SHORT);
	assert_true(l->turns == turns + 1);
	assert_true(atomic_load(&l->beat) == l->turns);
	assert_false(atomic_load(&l->asleep));
	story_ends(l);
}

static void a_timer_ends_the_wait(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	uint64_t due = l->now + NS_SHORT;
	struct chronicle c;

	(void)state;
	chronicle_begins(&c, l);
	timer_set(&l->timers, &c.timer, due);
	while (c.len == 0)
		loop_turn(l, NS_LONG);

	assert_true(l->now >= due);
	assert_string_equal(c.said, "t");
	assert_true(l->turns <= TIMER_LEVELS + 1);	/* it slept, and did not spin */
	close(c.source.fd);
	story_ends(l);
}

/* Stopping -------------------------------------------------------------------- */

static void *stops_it(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void checks_whose_loop(void *arg)
{
	*(bool *)arg = loop_self() != NULL && loop_self() == fiber_self()->loop;
}

static void another_thread_may_stop_it(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	pthread_t thread;
	bool bound = false;

	(void)state;
	for (int i = 0; i < 50; i++) {
		fiber_start(l, checks_whose_loop, &bound);
		assert_int_equal(pthread_create(&thread, NULL, stops_it, l), 0);
		loop_run(l);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	loop_turn(l, 0);
	assert_true(bound);
	assert_null(loop_self());
	story_ends(l);
}

static void limits_that_make_no_sense_are_refused_with_a_sentence(void **state)
{
	struct loop l;
	struct weir_error error = { .text = "" };

	(void)state;
	assert_false(loop_init(&l, &(struct fiber_limits){ .stack = 4096 }, &error));
	assert_non_null(strstr(error.text, "16384"));
	error.text[0] = '\0';
	assert_false(loop_init(&l, &(struct fiber_limits){ .stack = 65537 }, &error));
	assert_non_null(strstr(error.text, "multiple of the page"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_is_events_then_fibers_then_tasks_then_timers_and_mail),
		cmocka_unit_test(a_task_runs_once_a_turn_and_its_next_time_is_the_next_turn),
		cmocka_unit_test(time_stands_still_during_a_turn),
		cmocka_unit_test(an_event_is_told_the_time_after_the_wait),
		cmocka_unit_test(a_turn_waits_no_longer_than_it_was_told),
		cmocka_unit_test(a_timer_ends_the_wait),
		cmocka_unit_test(another_thread_may_stop_it),
		cmocka_unit_test(limits_that_make_no_sense_are_refused_with_a_sentence),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
