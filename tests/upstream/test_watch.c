/* test_watch.c - sources of endpoints: what they tell, when they fail, names, reloads. */
#include "config.h"

#include "core/upstream/describe.h"
#include "tests/upstream/puppet.h"

static void what_a_source_tells_reaches_every_worker(void **state)
{
	struct service *svc = discovered(*state, &use);

	assert_int_equal(count_of(svc), 0);
	assert_false(service_is_known(svc));
	tells_one(*state, "127.0.0.1:9001");

	assert_true(service_is_known(svc));
	for (uint32_t p = 0; p <= STORY_WORKERS; p++)
		assert_int_equal(count_at(svc, p), 1);
	story_close(*state, svc);
	assert_int_equal(puppet.ended, 1);
}

static void the_same_again_makes_no_new_set(void **state)
{
	struct service *svc = discovered(*state, &use);
	struct endpoint_set *set;

	tells_one(*state, "127.0.0.1:9001");
	set = svc->newest;
	tells_one(*state, "127.0.0.1:9001");
	assert_ptr_equal(svc->newest, set);

	tells_one(*state, "127.0.0.1:9002");
	assert_ptr_not_equal(svc->newest, set);
	story_close(*state, svc);
}

static void an_endpoint_that_stays_is_the_same_one(void **state)
{
	static const char *const two[] = { "127.0.0.1:9002", "127.0.0.1:9001" };
	struct service *svc = discovered(*state, &use);
	struct endpoint *ep;

	tells_one(*state, "127.0.0.1:9001");
	ep = svc->newest->tiers[0].members[0];
	assert_true(tells(two, 2, NULL));
	story_turns(*state, 0);

	assert_ptr_equal(svc->newest->tiers[0].members[1], ep);
	assert_int_equal(svc->roster->endpoint_count, 2);
	story_close(*state, svc);
}

static void a_newcomer_starts_slowly_but_not_the_first_set(void **state)
{
	static const char *const two[] = { "127.0.0.1:9001", "127.0.0.1:9002" };
	struct service *svc = discovered(*state, &use);

	tells_one(*state, "127.0.0.1:9001");
	assert_true(tells(two, 2, NULL));
	story_turns(*state, 0);

	assert_int_equal(atomic_load(&svc->newest->tiers[0].members[0]->warm_from), 0);
	assert_true(atomic_load(&svc->newest->tiers[0].members[1]->warm_from) > 0);
	story_close(*state, svc);
}

static void nonsense_is_refused_and_the_last_good_set_stays(void **state)
{
	static const char *const twice[] = { "127.0.0.1:9001", "127.0.0.1:9001" };
	static const char *const bad[] = { "127.0.0.1:70000" };
	struct service *svc = discovered(*state, &use);
	struct weir_error error = { .text = "" }, again = error;

	tells_one(*state, "127.0.0.1:9005");
	assert_false(tells(twice, 2, &error));
	assert_non_null(strstr(error.text, "twice"));
	assert_false(tells(bad, 1, &again));
	assert_non_null(strstr(again.text, "endpoint 1"));
	story_turns(*state, 0);

	assert_int_equal(count_at(svc, 0), 1);
	story_close(*state, svc);
}

static void an_empty_set_is_believed(void **state)
{
	struct service *svc = discovered(*state, &use);

	tells_one(*state, "127.0.0.1:9001");
	assert_true(tells(NULL, 0, NULL));
	story_turns(*state, 0);

	assert_int_equal(count_at(svc, 1), 0);
	story_close(*state, svc);
}

struct seen {
	uint32_t endpoints;
	uint64_t age;
	char failure[160];
};

static void see(void *arg, const struct service_row *row)
{
	struct seen *seen = arg;

	seen->endpoints = row->endpoint_count;
	seen->age = row->sources[0].age;
	(void)snprintf(seen->failure, sizeof(seen->failure), "%.*s",
		       STR_ARG(row->sources[0].failure));
}

static struct seen look(struct story *s)
{
	struct seen seen = { 0 };

	assert_true(upstreams_describe(s->world, see, &seen));
	return seen;
}

static void a_failing_source_keeps_its_last_good_set_and_says_how_old_it_is(void **state)
{
	struct service *svc = discovered(*state, &use);
	struct seen seen;

	assert_true(look(*state).age == CLOCK_NEVER);
	tells_one(*state, "127.0.0.1:9001");
	watch_failed(puppet.watch, STR("no leader"));
	seen = look(*state);
	assert_int_equal(seen.endpoints, 1);
	assert_string_equal(seen.failure, "no leader");
	assert_true(seen.age < 60 * NS_PER_S);

	tells_one(*state, "127.0.0.1:9001");
	assert_string_equal(look(*state).failure, "");
	story_close(*state, svc);
}

static bool begun_three_times(void *arg)
{
	(void)arg;
	return puppet.begun >= 3;
}

static void a_watch_that_returns_is_begun_again(void **state)
{
	struct service *svc;

	puppet.returns = true;
	svc = discovered(*state, &use);
	story_until(*state, begun_three_times, NULL);

	assert_non_null(strstr(look(*state).failure, "begun again"));
	story_close(*state, svc);
}

/* Reloads ------------------------------------------------------------------------- */

static void a_reload_with_the_same_source_does_not_begin_it_anew(void **state)
{
	struct service *old = discovered(*state, &use), *svc;

	tells_one(*state, "127.0.0.1:9001");
	svc = discovered(*state, &use);
	assert_int_equal(count_at(svc, 0), 1);
	story_close(*state, old);
	assert_int_equal(puppet.begun, 1);
	assert_int_equal(puppet.ended, 0);

	tells_one(*state, "127.0.0.1:9002");
	assert_str(endpoint_text(svc->here[0].set->tiers[0].members[0]), "127.0.0.1:9002");
	story_close(*state, svc);
	assert_int_equal(puppet.ended, 1);
}

static void until_a_new_source_has_spoken_the_old_endpoints_stay(void **state)
{
	struct service *old = discovered(*state, &use), *svc;

	tells_one(*state, "127.0.0.1:9001");
	svc = discovered(*state, &other_use);
	story_close(*state, old);
	assert_false(service_is_known(svc));
	assert_int_equal(count_at(svc, 0), 1);

	tells_one(*state, "127.0.0.1:9002");
	assert_str(endpoint_text(svc->here[0].set->tiers[0].members[0]), "127.0.0.1:9002");
	story_close(*state, svc);
}

static void an_untaken_set_is_replaced_by_a_newer_one(void **state)
{
	struct story *s = *state;
	struct service *svc = discovered(s, &use);

	for (int i = 0; i < 20; i++) {
		char address[32];
		const char *text = address;

		(void)snprintf(address, sizeof(address), "127.0.0.1:%d", 9001 + i);
		assert_true(tells(&text, 1, NULL));
		/* Control publishes, and the workers sleep. */
		for (int n = 0; n < 5; n++)
			loop_turn(&s->control.loop, NS_PER_MS);
	}
	story_turns(s, 0);

	assert_str(endpoint_text(svc->here[0].set->tiers[0].members[0]), "127.0.0.1:9020");
	assert_int_equal(svc->sets, 1);
	story_close(s, svc);
}

/* Names ----------------------------------------------------------------------------- */

static bool has_endpoints(void *arg)
{
	return count_of(arg) > 0;
}

static void a_host_name_becomes_its_addresses(void **state)
{
	static const char *const names[] = { "localhost:9001", "127.0.0.9:9002" };
	struct service *svc = story_service(*state, names, 2, NULL);
	const struct set_tier *tier;

	story_until(*state, has_endpoints, svc);

	assert_true(look(*state).age < 60 * NS_PER_S);
	tier = &svc->newest->tiers[0];
	assert_true(tier->count >= 2);
	assert_int_equal(tier->members[0]->address.port, 9001);
	assert_true(address_is_local(&tier->members[0]->address));
	assert_str(endpoint_text(tier->members[tier->count - 1]), "127.0.0.9:9002");
	story_close(*state, svc);
}

static bool has_failed(void *arg)
{
	return look(arg).failure[0] != '\0';
}

static void a_name_that_is_unknown_is_said_and_the_others_are_used(void **state)
{
	static const char *const names[] = { "no-such-host.invalid:9001", "127.0.0.9:9002" };
	struct service *svc = story_service(*state, names, 2, NULL);

	story_until(*state, has_failed, *state);
	story_until(*state, has_endpoints, svc);

	assert_non_null(strstr(look(*state).failure, "no-such-host.invalid"));
	assert_true(look(*state).age == CLOCK_NEVER);
	assert_true(service_is_known(svc));
	assert_int_equal(count_of(svc), 1);
	story_close(*state, svc);
}

static bool is_at_9003(void *arg)
{
	const struct service *svc = arg;

	return count_of(svc) > 0 && svc->newest->tiers[0].members[0]->address.port == 9003;
}

static void a_plugin_may_tell_names_and_take_them_back(void **state)
{
	struct service *svc = discovered(*state, &use);

	tells_one(*state, "localhost:9001");
	story_until(*state, has_endpoints, svc);
	assert_int_equal(svc->newest->tiers[0].members[0]->address.port, 9001);

	tells_one(*state, "127.0.0.9:9002");
	assert_int_equal(count_of(svc), 1);
	assert_int_equal(svc->newest->tiers[0].members[0]->address.port, 9002);

	tells_one(*state, "localhost:9003");
	story_until(*state, is_at_9003, svc);
	story_close(*state, svc);
}

static void a_reload_does_not_forget_what_a_name_was(void **state)
{
	static const char *const names[] = { "localhost:9001" };
	struct service *old = story_service(*state, names, 1, NULL), *svc;

	story_until(*state, has_endpoints, old);
	svc = story_service(*state, names, 1, NULL);

	assert_true(count_of(svc) > 0);
	story_close(*state, old);
	story_close(*state, svc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_a_source_tells_reaches_every_worker),
		TEST(the_same_again_makes_no_new_set),
		TEST(an_endpoint_that_stays_is_the_same_one),
		TEST(a_newcomer_starts_slowly_but_not_the_first_set),
		TEST(nonsense_is_refused_and_the_last_good_set_stays),
		TEST(an_empty_set_is_believed),
		TEST(a_failing_source_keeps_its_last_good_set_and_says_how_old_it_is),
		TEST(a_watch_that_returns_is_begun_again),
		TEST(a_reload_with_the_same_source_does_not_begin_it_anew),
		TEST(until_a_new_source_has_spoken_the_old_endpoints_stay),
		TEST(an_untaken_set_is_replaced_by_a_newer_one),
		TEST(a_host_name_becomes_its_addresses),
		TEST(a_name_that_is_unknown_is_said_and_the_others_are_used),
		TEST(a_plugin_may_tell_names_and_take_them_back),
		TEST(a_reload_does_not_forget_what_a_name_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
