/* test_guests.c - connections that must get on are ended when they do not. */
#include "tests/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "core/admin/guests.h"

struct scene {
	struct list guests;
	int pair[2];
};

static int begin(void **state)
{
	static struct scene scene;

	list_init(&scene.guests);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, scene.pair), 0);
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	close(s->pair[0]);
	close(s->pair[1]);
	return 0;
}

static bool is_ended(const struct scene *s)
{
	char byte;

	return read(s->pair[1], &byte, 1) == 0;
}

static void one_that_sends_no_head_is_ended_in_time(void **state)
{
	struct scene *s = *state;
	struct guest *g = guest_new(&s->guests, s->pair[0]);
	uint64_t due = g->until;

	assert_int_equal(guests_end_late(&s->guests, due - 1), due);
	assert_false(is_ended(s));
	assert_int_equal(guests_end_late(&s->guests, due), CLOCK_NEVER);
	assert_true(is_ended(s));
	guest_free(g);
}

static void one_that_has_not_asked_yet_will_ask(void **state)
{
	struct scene *s = *state;
	struct guest *first, *second;

	assert_false(guests_some_will_ask(&s->guests));
	first = guest_new(&s->guests, s->pair[0]);
	second = guest_new(&s->guests, s->pair[0]);
	assert_true(guests_some_will_ask(&s->guests));
	guest_asks(first);
	assert_true(guests_some_will_ask(&s->guests));
	guest_asks(second);
	assert_false(guests_some_will_ask(&s->guests));
	guest_free(first);
	guest_free(second);
}

static void one_that_got_on_has_more_time(void **state)
{
	struct scene *s = *state;
	struct guest *g = guest_new(&s->guests, s->pair[0]);
	uint64_t due = g->until;

	guest_may_take(g, GUEST_VISIT_TIME);
	assert_true(guests_end_late(&s->guests, due) > due);
	assert_false(is_ended(s));
	guest_free(g);
}

static void one_that_waits_for_us_is_left_alone(void **state)
{
	struct scene *s = *state;
	struct guest *g = guest_new(&s->guests, s->pair[0]);

	guest_may_take(g, CLOCK_NEVER);
	assert_int_equal(guests_end_late(&s->guests, CLOCK_NEVER - 1), CLOCK_NEVER);
	assert_false(is_ended(s));
	guest_free(g);
	assert_true(list_empty(&s->guests));
}

#define SCENE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(one_that_sends_no_head_is_ended_in_time),
		SCENE(one_that_has_not_asked_yet_will_ask),
		SCENE(one_that_got_on_has_more_time),
		SCENE(one_that_waits_for_us_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
