/* test_watch.c - sources of endpoints: what they tell, when they fail, names, reloads. */
#include "config.h"

#include <stdlib.h>

#include "core/plugin/use.h"
#include "core/upstream/describe.h"
#include "core/upstream/roster.h"
#include "core/upstream/watch.h"
#include "tests/upstream/story.h"

/* A discovery plugin whose strings the test pulls. */
static struct puppet {
	struct weir_watch *watch;
	int begun, ended;
	bool returns;		/* at once, as a plugin that gives up */
} puppet;

static void watch(const struct weir_here *here, struct weir_watch *w)
{
	(void)here;
	puppet.watch = w;
	puppet.begun++;
	if (!puppet.returns)
		(void)wait_sleep(CLOCK_NEVER / 2);
	puppet.ended++;
}

static const struct weir_discovery discovery = WEIR_DISCOVERY(.watch = watch);
static struct use_here places[STORY_WORKERS + 1];
static struct weir_use use = { .role = AS_DISCOVERY, .discovery = &discovery, .here = places,
			       .places = STORY_WORKERS + 1, .name = { "puppet", 6 } };
static struct weir_use other_use = { .role = AS_DISCOVERY, .discovery = &discovery,
				     .here = places, .places = STORY_WORKERS + 1,
				     .name = { "other", 5 } };

static int begin(void **state)
{
	struct story *s = test_calloc(1, sizeof(*s));

	puppet = (struct puppet){ 0 };
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

static struct service *discovered(struct story *s, struct weir_use *by)
{
	struct service_tier tier = { .discover = by };
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = &tier, .tier_count = 1 };

	return story_open(s, &spec);
}

static bool tells(const char *const *addresses, uint32_t count, struct weir_error *error)
{
	struct weir_endpoint rows[STORY_ENDPOINTS] = { 0 };

	for (uint32_t i = 0; i < count; i++)
		rows[i].address = str_from(addresses[i]);
	return watch_publish(puppet.watch, rows, count, sizeof(rows[0]), error);
}

static void tells_one(struct story *s, const char *address)
{
	struct weir_error error = { .text = "" };

	if (!tells(&address, 1, &error))
		fail_msg("%s", error.text);
	story_turns(s, 0);
}

static uint32_t count_of(const struct service *svc)
{
	uint32_t n = 0;

	for (uint32_t t = 0; svc->newest != NULL && t < svc->newest->tier_count; t++)
		n += svc->newest->tiers[t].count;
	return n;
}

/* What the workers read, not what control has sent. */
static uint32_t count_at(struct service *svc, uint32_t place)
{
	return svc->here[place].set->tiers[0].count;
}

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

/* Mistakes ---------------------------------------------------------------------------- */

static void mistakes_are_refused_with_a_sentence(void **state)
{
	struct story *s = *state;
	struct service_endpoint rows[2] = { { .address = story_address("127.0.0.1:1") },
					    { .address = story_address("127.0.0.1:1") } };
	struct service_tier tier = { .endpoints = rows, .endpoint_count = 2 };
	struct service_spec spec = { .name = STR("x"), .tiers = &tier, .tier_count = 1 };
	struct weir_error error = { .text = "" }, none = error, role = error;

	assert_null(service_new(s->world, &spec, &error));
	assert_non_null(strstr(error.text, "stands there twice"));
	spec.tier_count = 0;
	assert_null(service_new(s->world, &spec, &none));
	assert_non_null(strstr(none.text, "endpoints"));
	spec.tier_count = 1;
	tier.endpoint_count = 1;
	spec.balance = &use;
	assert_null(service_new(s->world, &spec, &role));
	assert_non_null(strstr(role.text, "cannot balance"));
}

static void a_service_that_was_never_opened_ends_quietly(void **state)
{
	struct story *s = *state;
	struct service_tier tier = { .discover = &use };
	struct service_spec spec = { .name = STR("x"), .tiers = &tier, .tier_count = 1,
				     .settings.health.path = STR("/healthz") };
	struct service *svc = service_new(s->world, &spec, NULL);

	assert_non_null(svc);
	service_close(svc);
	service_unref(svc);
	assert_int_equal(puppet.begun, 0);
}

static void note_cause(void *arg, const char *text)
{
	(void)snprintf(arg, 200, "%s", text);
}

static void service_close_it(void *svc)
{
	service_close(svc);
}

static void after_the_threads_have_ended_a_service_closes_all_the_same(void **state)
{
	struct story *s = *state;
	struct service *svc = discovered(s, &use);

	tells_one(s, "127.0.0.1:9001");
	upstream_worker_close(&s->control);
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		upstream_worker_close(&s->workers[i]);
	service_close(svc);

	assert_int_equal(puppet.ended, 1);
	assert_int_equal(svc->sets, 0);
	service_unref(svc);
}

static void whatever_is_still_open_at_the_end_is_closed(void **state)
{
	struct story *s = *state;
	struct service *one = discovered(s, &use), *two = discovered(s, &other_use);

	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		upstream_worker_close(&s->workers[i]);
	upstream_worker_close(&s->control);
	/* A fiber is closing one of them as the loops end. */
	assert_non_null(fiber_start(&s->control.loop, service_close_it, one));
	upstreams_close(s->world);

	assert_int_equal(puppet.ended, 2);
	assert_int_equal(one->sets + two->sets, 0);
	assert_int_equal(fiber_count(&s->control.loop), 0);
}

static void it_is_ready_when_the_sources_have_spoken_and_stays_so(void **state)
{
	struct story *s = *state;
	struct service *svc = discovered(s, &use), *later;
	char cause[200] = "";

	assert_false(upstreams_ready(s->world, note_cause, cause));
	assert_string_equal(cause, "service tariff-svc: its endpoints are not known yet");
	tells_one(s, "127.0.0.1:9001");
	assert_true(upstreams_ready(s->world, note_cause, cause));
	later = discovered(s, &other_use);
	assert_true(upstreams_ready(s->world, note_cause, cause));
	story_close(s, svc);
	story_close(s, later);
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
		TEST(mistakes_are_refused_with_a_sentence),
		TEST(a_service_that_was_never_opened_ends_quietly),
		TEST(after_the_threads_have_ended_a_service_closes_all_the_same),
		TEST(whatever_is_still_open_at_the_end_is_closed),
		TEST(it_is_ready_when_the_sources_have_spoken_and_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
