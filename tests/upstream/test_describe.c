/* test_describe.c - what people are shown of services. */
#include "config.h"

#include "core/upstream/describe.h"
#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

static const char *const two[] = { "127.0.0.1:9001", "127.0.0.1:9002" };

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

/* What a visit saw; texts are copied, for they live no longer. */
struct seen {
	uint32_t services;
	char names[200];
	struct service_row row;
	uint64_t source_age;
	struct endpoint_row endpoints[STORY_ENDPOINTS];
	char state[STORY_ENDPOINTS][32], why[STORY_ENDPOINTS][200];
};

static void see(void *arg, const struct service_row *row)
{
	struct seen *seen = arg;

	seen->services++;
	strncat(seen->names, row->name.data, row->name.len);
	strcat(seen->names, " ");
	seen->row = *row;
	seen->source_age = row->sources[0].age;
	for (uint32_t i = 0; i < row->endpoint_count; i++) {
		seen->endpoints[i] = row->endpoints[i];
		(void)snprintf(seen->state[i], 32, "%.*s", STR_ARG(row->endpoints[i].state));
		(void)snprintf(seen->why[i], 200, "%.*s", STR_ARG(row->endpoints[i].why));
	}
}

static struct seen look(struct story *s)
{
	struct seen seen = { 0 };

	assert_true(upstreams_describe(s->world, see, &seen));
	return seen;
}

static void an_endpoint_at_rest_is_described(void **state)
{
	struct service *svc = story_service(*state, two, 2, NULL);
	struct seen seen = look(*state);

	assert_int_equal(seen.row.endpoint_count, 2);
	assert_int_equal(seen.row.usable, 2);
	assert_int_equal(seen.row.tier, 0);
	assert_true(seen.endpoints[0].used);
	assert_string_equal(seen.state[0], "unchecked");
	assert_string_equal(seen.why[0], "nothing speaks against it");
	assert_true(seen.endpoints[0].since > 1000000000);
	assert_int_equal(seen.source_age, 0);
	story_close(*state, svc);
}

static void load_and_latency_are_shown(void **state)
{
	struct story *s = *state;
	struct service *svc = story_service(s, two, 1, NULL);
	struct pick_ask ask = { .repeatable = true };
	struct seen seen;

	story_picks(s, svc, &ask);
	ask.began -= 5 * NS_PER_MS;
	endpoint_answered(&ask, 200);
	seen = look(s);

	assert_int_equal(seen.endpoints[0].load, 1);
	assert_in_range(seen.endpoints[0].latency_us, 5000, 1000000);
	pick_end(&ask);
	assert_int_equal(look(s).endpoints[0].load, 0);
	assert_int_equal(look(s).row.counts[SERVICE_PICKS], 1);
	story_close(s, svc);
}

static void an_ejected_one_says_why_and_for_how_long(void **state)
{
	struct service_settings settings = { .eject = { .after = 1, .span = 100 * NS_PER_S } };
	struct service *svc = story_service(*state, two, 2, &settings);
	struct seen seen;

	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);
	seen = look(*state);

	assert_string_equal(seen.state[0], "ejected");
	assert_non_null(strstr(seen.why[0], "endpoint refused the connection; tried again in "));
	assert_in_range(seen.endpoints[0].ejected_for, 90 * NS_PER_S, 100 * NS_PER_S);
	assert_false(seen.endpoints[0].used);
	assert_int_equal(seen.row.ejected, 1);
	assert_int_equal(seen.row.ejected_most, 1);
	story_close(*state, svc);
}

static void one_that_would_be_ejected_but_for_the_cap_says_so(void **state)
{
	struct service_settings settings = { .eject = { .after = 2 } };
	struct service *svc = story_service(*state, two, 1, &settings);
	struct seen seen;

	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);
	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);
	seen = look(*state);

	assert_string_equal(seen.why[0], "failed 2 times in a row, but eject.at_most allows only 0 "
					 "to be ejected");
	assert_int_equal(seen.row.counts[SERVICE_EJECTIONS_REFUSED], 1);
	story_close(*state, svc);
}

static void panic_is_shown(void **state)
{
	struct service_settings settings = { .eject = { .after = 1, .at_most = 1 } };
	struct service *svc = story_service(*state, two, 1, &settings);

	story_tries(*state, svc, REASON_CONNECT_REFUSED, 0);

	assert_true(look(*state).row.panic);
	assert_true(look(*state).endpoints[0].used);
	story_close(*state, svc);
}

static void limits_and_who_waits_are_shown(void **state)
{
	struct story *s = *state;
	struct service_settings settings = { .limits = { .requests = 7 } };
	struct service *svc = story_service(s, two, 1, &settings);

	assert_int_equal(service_admit(svc, &s->workers[1]), REASON_NONE);
	assert_int_equal(look(s).row.requests, 1);
	assert_int_equal(look(s).row.requests_most, 7);
	assert_int_equal(look(s).row.connections_most, NO_LIMIT);
	service_release(svc, &s->workers[1]);
	story_close(s, svc);
}

static struct service *named(struct story *s, const char *name)
{
	struct service_endpoint endpoint = { .address = story_address(two[0]) };
	struct service_tier tier = { .endpoints = &endpoint, .endpoint_count = 1 };
	struct service_spec spec = { .name = str_from(name), .tiers = &tier, .tier_count = 1 };

	return story_open(s, &spec);
}

static void services_come_in_the_order_of_their_names(void **state)
{
	struct service *c = named(*state, "c"), *a = named(*state, "a"), *b = named(*state, "b");
	struct seen seen;

	seen = look(*state);
	assert_string_equal(seen.names, "a b c ");
	story_close(*state, b);
	seen = look(*state);
	assert_string_equal(seen.names, "a c ");
	story_close(*state, a);
	story_close(*state, c);
}

static void a_service_that_comes_back_has_its_number_and_its_counts(void **state)
{
	struct service *svc = story_service(*state, two, 1, NULL);
	uint32_t slot = svc->slot;

	story_tries(*state, svc, REASON_NONE, 200);
	story_close(*state, svc);
	svc = story_service(*state, two, 1, NULL);

	assert_int_equal(svc->slot, slot);
	assert_int_equal(look(*state).row.counts[SERVICE_PICKS], 1);
	story_close(*state, svc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_endpoint_at_rest_is_described),
		TEST(load_and_latency_are_shown),
		TEST(an_ejected_one_says_why_and_for_how_long),
		TEST(one_that_would_be_ejected_but_for_the_cap_says_so),
		TEST(panic_is_shown),
		TEST(limits_and_who_waits_are_shown),
		TEST(services_come_in_the_order_of_their_names),
		TEST(a_service_that_comes_back_has_its_number_and_its_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
