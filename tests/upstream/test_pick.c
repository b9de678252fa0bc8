/* test_pick.c - which endpoint gets the next attempt. */
#include "config.h"

#include "tests/upstream/pick_scene.h"

static void without_a_balancer_they_take_turns(void **state)
{
	struct service *svc = story_service(*state, three, 3, NULL);
	uint32_t counts[STORY_ENDPOINTS];

	count_picks(*state, svc, 30, counts);

	for (int i = 0; i < 3; i++)
		assert_int_equal(counts[i], 10);
	story_close(*state, svc);
}

static void an_attempt_is_in_flight_until_it_is_reported(void **state)
{
	struct service *svc = story_service(*state, three, 1, NULL);
	struct pick_ask ask = { .repeatable = true };
	struct endpoint *ep = story_picks(*state, svc, &ask);

	assert_int_equal(atomic_load(&ep->in_flight), 1);
	endpoint_answered(&ask, 200);
	assert_int_equal(atomic_load(&ep->in_flight), 1);
	endpoint_report(&ask, REASON_NONE, 200);
	assert_int_equal(atomic_load(&ep->in_flight), 0);
	endpoint_report(&ask, REASON_NONE, 200);
	assert_int_equal(atomic_load(&ep->in_flight), 0);
	pick_end(&ask);
	story_close(*state, svc);
}

static void an_ask_that_ends_early_leaves_nothing_in_flight(void **state)
{
	struct service *svc = story_service(*state, three, 1, NULL);
	struct pick_ask ask = { .repeatable = true };
	struct endpoint *ep = story_picks(*state, svc, &ask);

	pick_end(&ask);
	pick_end(&ask);

	assert_int_equal(atomic_load(&ep->in_flight), 0);
	assert_int_equal(atomic_load(&ep->failures), 0);
	story_close(*state, svc);
}

static void no_endpoint_is_tried_twice_while_another_is_untried(void **state)
{
	struct service *svc = story_service(*state, three, 3, NULL);

	for (int round = 0; round < 5; round++) {
		struct pick_ask ask = { .repeatable = true };
		struct endpoint *a = story_picks(*state, svc, &ask);
		struct endpoint *b = story_picks(*state, svc, &ask);
		struct endpoint *c = story_picks(*state, svc, &ask);

		assert_true(a != b && b != c && a != c);
		assert_non_null(story_picks(*state, svc, &ask));
		assert_int_equal(ask.attempts, 4);
		pick_end(&ask);
	}
	story_close(*state, svc);
}

static void more_tries_than_are_remembered_are_fine(void **state)
{
	struct service *svc = story_service(*state, three, 2, NULL);
	struct pick_ask ask = { .repeatable = true };

	for (int i = 0; i < 3 * PICK_TRIED; i++)
		assert_non_null(story_picks(*state, svc, &ask));

	assert_int_equal(ask.tried_count, PICK_TRIED);
	pick_end(&ask);
	story_close(*state, svc);
}

static void an_unhealthy_endpoint_is_not_picked(void **state)
{
	struct service *svc = story_service(*state, three, 3, NULL);
	uint32_t counts[STORY_ENDPOINTS];

	set_health(endpoint_at(svc, 1), HEALTH_BAD);
	count_picks(*state, svc, 10, counts);

	assert_int_equal(counts[0], 5);
	assert_int_equal(counts[1], 0);
	story_close(*state, svc);
}

static void an_unchecked_newcomer_waits_for_its_first_check(void **state)
{
	struct service *svc = story_service(*state, three, 2, NULL);
	uint32_t counts[STORY_ENDPOINTS];

	set_health(endpoint_at(svc, 0), HEALTH_GOOD);
	set_health(endpoint_at(svc, 1), HEALTH_UNKNOWN);
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[1], 0);

	set_health(endpoint_at(svc, 0), HEALTH_BAD);
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[1], 10);
	story_close(*state, svc);
}

static void failed_checks_are_believed_even_when_none_is_left(void **state)
{
	struct service *svc = story_service(*state, three, 2, NULL);
	struct pick_ask ask = { .repeatable = true };
	struct endpoint *ep;

	set_health(endpoint_at(svc, 0), HEALTH_BAD);
	set_health(endpoint_at(svc, 1), HEALTH_BAD);

	assert_int_equal(service_pick(svc, &((struct story *)*state)->workers[0], &ask, &ep),
			 REASON_NO_ENDPOINT);
	assert_null(ep);
	story_close(*state, svc);
}

static void a_service_without_endpoints_says_so(void **state)
{
	struct service *svc = story_service(*state, three, 0, NULL);
	struct pick_ask ask = { .repeatable = true };

	assert_null(story_picks(*state, svc, &ask));
	story_close(*state, svc);
}

/* Tiers ---------------------------------------------------------------------- */

static struct service *two_tiers(struct story *s)
{
	struct service_endpoint first[2] = { { .address = story_address(three[0]) },
					     { .address = story_address(three[1]) } };
	struct service_endpoint second[1] = { { .address = story_address(three[2]) } };
	struct service_tier tiers[2] = {
		{ .endpoints = first, .endpoint_count = 2 },
		{ .endpoints = second, .endpoint_count = 1 },
	};
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = tiers, .tier_count = 2,
				     .settings.eject = { .after = 1, .at_most = 1 } };

	return story_open(s, &spec);
}

static void the_next_tier_stands_in_when_none_of_the_first_is_healthy(void **state)
{
	struct service *svc = two_tiers(*state);
	uint32_t counts[STORY_ENDPOINTS];

	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[2], 0);

	set_health(endpoint_at(svc, 0), HEALTH_BAD);
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[1], 10);

	set_health(endpoint_at(svc, 1), HEALTH_BAD);
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[2], 10);

	set_health(endpoint_at(svc, 0), HEALTH_GOOD);
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[0], 10);
	story_close(*state, svc);
}

static void ejections_too_lead_to_the_next_tier(void **state)
{
	struct service *svc = two_tiers(*state);
	uint32_t counts[STORY_ENDPOINTS];

	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);
	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);
	count_picks(*state, svc, 10, counts);

	assert_int_equal(counts[2], 10);
	story_close(*state, svc);
}

/* Admission ------------------------------------------------------------------------ */

static void requests_are_limited_and_released(void **state)
{
	struct service_settings settings = { .limits.requests = 1 };
	struct service *svc = story_service(*state, three, 1, &settings);
	struct worker *w = &((struct story *)*state)->workers[0];

	assert_int_equal(service_admit(svc, w), REASON_NONE);
	assert_int_equal(service_admit(svc, w), REASON_QUEUE_FULL);
	service_release(svc, w);
	assert_int_equal(service_admit(svc, w), REASON_NONE);
	service_release(svc, w);
	story_close(*state, svc);
}

static void without_a_limit_nothing_is_counted(void **state)
{
	struct service *svc = story_service(*state, three, 1, NULL);

	assert_int_equal(service_admit(svc, &((struct story *)*state)->workers[0]), REASON_NONE);
	assert_null(svc->roster->requests);
	story_close(*state, svc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(without_a_balancer_they_take_turns),
		TEST(an_attempt_is_in_flight_until_it_is_reported),
		TEST(an_ask_that_ends_early_leaves_nothing_in_flight),
		TEST(no_endpoint_is_tried_twice_while_another_is_untried),
		TEST(more_tries_than_are_remembered_are_fine),
		TEST(an_unhealthy_endpoint_is_not_picked),
		TEST(an_unchecked_newcomer_waits_for_its_first_check),
		TEST(failed_checks_are_believed_even_when_none_is_left),
		TEST(a_service_without_endpoints_says_so),
		TEST(the_next_tier_stands_in_when_none_of_the_first_is_healthy),
		TEST(ejections_too_lead_to_the_next_tier),
		TEST(requests_are_limited_and_released),
		TEST(without_a_limit_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
