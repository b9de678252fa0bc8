/* test_roster.c - what is known under a service's name: its number, and how it is forgotten. */
#include "core/upstream/describe.h"
#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

enum { SWEEPS = 100 };	/* more than any roster stays quiet for */

static void sweeps(struct story *s)
{
	for (int i = 0; i < SWEEPS; i++)
		s->world->sweep.fire(&s->world->sweep);
}

static struct weir_str name_of(struct story *s, uint32_t slot)
{
	static char room[64];

	return slots_name(upstreams_names(s->world), slot, room, sizeof(room));
}

static void a_name_has_the_same_number_as_long_as_it_is_known(void **state)
{
	struct story s;
	struct roster *r;

	(void)state;
	story_begin(&s);
	r = roster_of(s.world, STR("a"));
	assert_non_null(r);
	assert_int_not_equal(roster_of(s.world, STR("b"))->slot, r->slot);
	assert_ptr_equal(roster_of(s.world, STR("a")), r);
	assert_str(name_of(&s, r->slot), "a");
	story_end(&s);
}

/* However many names there have been: numbers stand in arrays with an end. */
static void a_number_that_nobody_has_is_given_to_another(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	for (int i = 0; i < 200; i++) {
		char name[32];
		struct roster *r;

		(void)snprintf(name, sizeof(name), "service-%d", i);
		r = roster_of(s.world, str_from(name));
		assert_non_null(r);
		assert_int_equal(r->slot, 0);
		assert_str(name_of(&s, 0), name);
		sweeps(&s);
		assert_null(name_of(&s, 0).data);
	}
	assert_int_equal(slots_count(upstreams_names(s.world)), 1);
	story_end(&s);
}

static void the_number_of_a_service_in_use_is_never_given_away(void **state)
{
	static const char *const addresses[] = { "127.0.0.1:9" };
	struct story s;
	struct service *svc;

	(void)state;
	story_begin(&s);
	svc = story_service(&s, addresses, 1, NULL);
	sweeps(&s);

	assert_int_not_equal(roster_of(s.world, STR("another"))->slot, svc->slot);
	assert_str(name_of(&s, svc->slot), "tariff-svc");
	story_close(&s, svc);
	story_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_the_same_number_as_long_as_it_is_known),
		cmocka_unit_test(a_number_that_nobody_has_is_given_to_another),
		cmocka_unit_test(the_number_of_a_service_in_use_is_never_given_away),
	};

	return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
