/* test_balance.c - what balancers are told, and how far they are believed; slow start. */
#include "config.h"

#include "core/plugin/use.h"
#include "core/upstream/balance.h"
#include "tests/upstream/pick_scene.h"

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

static uint32_t pick_last(const struct weir_here *here, const void *table, struct weir_pick *p)
{
	(void)here;
	assert_null(table);
	assert_null(p->state);
	return p->count - 1;
}

static void one_that_only_picks_is_enough(void **state)
{
	static const struct weir_balancer simple = WEIR_BALANCER(.pick = pick_last);
	struct service *svc;

	use.balancer = &simple;
	svc = balanced(*state, 3);
	assert_ptr_equal(story_tries(*state, svc, REASON_NONE, 200), endpoint_at(svc, 2));
	story_close(*state, svc);
	use.balancer = &balancer;
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_newcomer_starts_at_a_tenth_and_grows_with_time),
		TEST(one_in_slow_start_gets_fewer_requests),
		TEST(the_balancer_chooses_and_is_told),
		TEST(one_that_only_picks_is_enough),
		TEST(the_balancer_sees_load_and_what_was_tried),
		TEST(an_answer_of_the_balancer_is_not_believed),
		TEST(none_from_the_balancer_is_no_endpoint),
		TEST(a_cancelled_attempt_is_not_reported_to_the_balancer),
		TEST(an_attempt_is_reported_once),
		TEST(a_set_that_the_balancer_refuses_does_not_open),
		TEST(a_new_snapshot_learns_from_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
