/* test_pick.c - which endpoint gets the next attempt. */
#include "config.h"

#include "core/plugin/use.h"
#include "core/upstream/balance.h"
#include "core/upstream/ejection.h"
#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

static const char *const three[] = { "127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003" };

static int begin(void **state)
{
	struct story *s = test_calloc(1, sizeof(*s));

	story_begin(s);
	*state = s;
	return 0;
}

static int end(void **state)
{
	story_end(*state);
	test_free(*state);
	return 0;
}

/* How often each of the service's endpoints is picked in `n` tries that go well. */
static void count_picks(struct story *s, struct service *svc, uint32_t n, uint32_t *counts)
{
	memset(counts, 0, STORY_ENDPOINTS * sizeof(*counts));
	for (uint32_t i = 0; i < n; i++) {
		struct endpoint *ep = story_tries(s, svc, REASON_NONE, 200);

		assert_non_null(ep);
		counts[ep->address.port - 9001]++;
	}
}

static struct endpoint *endpoint_at(struct service *svc, uint32_t i)
{
	return svc->newest->tiers[0].members[i];
}

static void set_health(struct endpoint *ep, enum health health)
{
	atomic_store(&ep->health, endpoint_state_word((uint8_t)health, REASON_NONE, 0));
	roster_touch(ep->roster);
}

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

/* Slow start -------------------------------------------------------------------- */

static void a_newcomer_starts_at_a_tenth_and_grows_with_time(void **state)
{
	struct service_settings settings = { .slow_start = 10 * NS_PER_S };
	struct service *svc = story_service(*state, three, 2, &settings);
	struct endpoint *ep = endpoint_at(svc, 0);
	const struct set_tier *tier = &svc->newest->tiers[0];
	uint64_t t = 1000 * NS_PER_S;

	assert_int_equal(balance_member_weight(svc, tier, 0, t), 1000);
	atomic_store(&ep->warm_from, t);

	assert_int_equal(balance_member_weight(svc, tier, 0, t), 100);
	assert_int_equal(balance_member_weight(svc, tier, 0, t + 5 * NS_PER_S), 500);
	assert_int_equal(balance_member_weight(svc, tier, 0, t + 9 * NS_PER_S), 900);
	assert_int_equal(balance_member_weight(svc, tier, 0, t + 10 * NS_PER_S), 1000);
	story_close(*state, svc);
}

static void one_in_slow_start_gets_fewer_requests(void **state)
{
	struct service_settings settings = { .slow_start = 3600 * NS_PER_S };
	struct service *svc = story_service(*state, three, 2, &settings);
	uint32_t counts[STORY_ENDPOINTS];

	atomic_store(&endpoint_at(svc, 0)->warm_from, clock_now());
	roster_touch(svc->roster);
	count_picks(*state, svc, 1000, counts);

	assert_in_range(counts[0], 20, 250);	/* a tenth of its turns, by dice */
	story_close(*state, svc);
}

/* Balancers --------------------------------------------------------------------- */

/* Always the same index, and a record of what it was told. */
static uint32_t wish, usable_seen, weight_seen, in_flight_seen, reports, report_index;
static bool report_ok;
static int tables, carried;

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	(void)here, (void)endpoints;
	if (count == 0)
		return weir_fail(error, "an empty ring turns for nobody");
	*table = test_malloc(8 + count);
	tables++;
	return true;
}

static void table_free(void *table)
{
	test_free(table);
	tables--;
}

static size_t state_size(const struct weir_here *here, const void *table, uint32_t count)
{
	(void)here, (void)table, (void)count;
	return 24;
}

static void state_carry(const struct weir_here *here, const void *table, void *now,
			const void *old_table, const void *old_state)
{
	(void)here, (void)table, (void)old_table;
	memcpy(now, old_state, 24);
	carried++;
}

static uint32_t pick(const struct weir_here *here, const void *table, struct weir_pick *p)
{
	(void)here, (void)table;
	++*(uint64_t *)p->state;
	usable_seen = 0;
	for (uint32_t i = 0; i < p->count; i++)
		usable_seen |= (uint32_t)balance_usable(p, i) << i;
	weight_seen = balance_weight(p, 0);
	in_flight_seen = balance_in_flight(p, 0);
	return wish;
}

static void report(const struct weir_here *here, const void *table, void *at, uint32_t index,
		   uint64_t latency_ns, bool ok)
{
	(void)here, (void)table, (void)at, (void)latency_ns;
	reports++;
	report_index = index;
	report_ok = ok;
}

static const struct weir_balancer balancer = WEIR_BALANCER(
	.build = build, .table_free = table_free, .state_size = state_size,
	.state_carry = state_carry, .pick = pick, .report = report);

static struct use_here places[STORY_WORKERS + 1];
static struct weir_use use = { .role = AS_BALANCER, .balancer = &balancer, .here = places,
			       .places = STORY_WORKERS + 1,
			       .name = { "stubborn", 8 } };

static struct service *balanced(struct story *s, uint32_t count)
{
	struct service_endpoint endpoints[3];
	struct service_tier tier = { .endpoints = endpoints, .endpoint_count = count };
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = &tier, .tier_count = 1,
				     .balance = &use };

	for (uint32_t i = 0; i < count; i++)
		endpoints[i] = (struct service_endpoint){ .address = story_address(three[i]),
							  .weight = 2 + i };
	reports = 0;
	return story_open(s, &spec);
}

static void the_balancer_chooses_and_is_told(void **state)
{
	struct service *svc = balanced(*state, 3);
	struct endpoint *ep;

	wish = 2;
	ep = story_tries(*state, svc, REASON_NONE, 200);

	assert_ptr_equal(ep, endpoint_at(svc, 2));
	assert_int_equal(usable_seen, 7);
	assert_int_equal(weight_seen, 2000);
	assert_int_equal(reports, 1);
	assert_int_equal(report_index, 2);
	assert_true(report_ok);
	story_close(*state, svc);
	assert_int_equal(tables, 0);
}

static void the_balancer_sees_load_and_what_was_tried(void **state)
{
	struct service *svc = balanced(*state, 3);
	struct pick_ask ask = { .repeatable = true }, other = { .repeatable = true };

	wish = 0;
	story_picks(*state, svc, &ask);
	wish = 1;
	story_picks(*state, svc, &other);
	assert_int_equal(in_flight_seen, 1);
	endpoint_report(&ask, REASON_CONNECT_REFUSED, 0);
	assert_false(report_ok);
	story_picks(*state, svc, &ask);
	assert_int_equal(usable_seen, 6);
	pick_end(&ask);
	pick_end(&other);
	story_close(*state, svc);
}

static void an_answer_of_the_balancer_is_not_believed(void **state)
{
	struct service *svc = balanced(*state, 3);
	uint32_t counts[STORY_ENDPOINTS];

	set_health(endpoint_at(svc, 1), HEALTH_BAD);
	wish = 1;
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[1], 0);
	wish = 77;
	count_picks(*state, svc, 10, counts);
	assert_int_equal(counts[0] + counts[2], 10);
	story_close(*state, svc);
}

static void none_from_the_balancer_is_no_endpoint(void **state)
{
	struct service *svc = balanced(*state, 3);

	wish = WEIR_PICK_NONE;

	assert_null(story_tries(*state, svc, REASON_NONE, 200));
	story_close(*state, svc);
}

static void a_cancelled_attempt_is_not_reported_to_the_balancer(void **state)
{
	struct service *svc = balanced(*state, 3);

	wish = 0;
	story_tries(*state, svc, REASON_CLIENT_GONE, 0);

	assert_int_equal(reports, 0);
	story_close(*state, svc);
}

static void an_attempt_is_reported_once(void **state)
{
	struct service *svc = balanced(*state, 3);
	struct pick_ask ask = { .repeatable = true };

	wish = 0;
	story_picks(*state, svc, &ask);
	endpoint_answered(&ask, 200);
	endpoint_report(&ask, REASON_UPSTREAM_CUT, 200);
	pick_end(&ask);

	assert_int_equal(reports, 1);
	assert_int_equal(atomic_load(&endpoint_at(svc, 0)->failures), 1);
	story_close(*state, svc);
}

static void a_set_that_the_balancer_refuses_does_not_open(void **state)
{
	struct story *s = *state;
	struct service_tier tier = { .endpoint_count = 0 };
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = &tier, .tier_count = 1,
				     .balance = &use };
	struct weir_error error = { .text = "" };
	struct service *svc = service_new(s->world, &spec, &error);

	assert_false(service_open(svc, &error));
	assert_string_equal(error.text, "an empty ring turns for nobody");
	service_unref(svc);
	story_turns(s, 0);
	assert_int_equal(tables, 0);
}

static void a_new_snapshot_learns_from_the_one_before(void **state)
{
	struct service *old = balanced(*state, 3), *svc;

	wish = 0;
	story_tries(*state, old, REASON_NONE, 200);
	carried = 0;
	svc = balanced(*state, 2);
	story_close(*state, old);

	assert_int_equal(carried, STORY_WORKERS + 1);
	assert_int_equal(*(uint64_t *)svc->here[0].view->states[0], 1);
	story_close(*state, svc);
	assert_int_equal(tables, 0);
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
		TEST(a_newcomer_starts_at_a_tenth_and_grows_with_time),
		TEST(one_in_slow_start_gets_fewer_requests),
		TEST(the_balancer_chooses_and_is_told),
		TEST(the_balancer_sees_load_and_what_was_tried),
		TEST(an_answer_of_the_balancer_is_not_believed),
		TEST(none_from_the_balancer_is_no_endpoint),
		TEST(a_cancelled_attempt_is_not_reported_to_the_balancer),
		TEST(an_attempt_is_reported_once),
		TEST(a_set_that_the_balancer_refuses_does_not_open),
		TEST(a_new_snapshot_learns_from_the_one_before),
		TEST(requests_are_limited_and_released),
		TEST(without_a_limit_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
