/* test_service.c - services: mistakes in them, when they are ready, and how they end. */
#include "config.h"

#include "core/upstream/describe.h"
#include "tests/upstream/puppet.h"

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

/* As when the threads end while requests of the configuration before still go on. */
static void a_set_that_every_worker_has_sent_home_is_looked_at_no_more(void **state)
{
	static const char *const addresses[] = { "127.0.0.1:9001", "127.0.0.1:9002" };
	struct story *s = *state;
	struct service *before = story_service(s, addresses, 2, NULL);
	struct service *live = story_service(s, addresses, 2, NULL);

	assert_non_null(live->newest);
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		upstream_worker_close(&s->workers[i]);
	upstream_worker_close(&s->control);
	story_turn(s);
	assert_int_equal(before->sets + live->sets, 0);
	assert_null(before->newest);
	assert_null(live->newest);

	upstreams_close(s->world);
	assert_true(before->over && live->over);
}

/* A pick takes a set whose letter still lies in the mailbox; the next set must not post that letter again. */
static void what_a_pick_has_taken_does_not_make_a_letter_go_twice(void **state)
{
	static const char *const two[] = { "127.0.0.1:9001", "127.0.0.1:9002" };
	struct story *s = *state;
	struct service *svc = discovered(s, &use);
	uint32_t refs = atomic_load(&svc->refs);

	assert_true(tells(two, 1, NULL));
	for (int i = 0; i < 3; i++)
		loop_turn(&s->control.loop, 0);
	assert_true(atomic_load(&svc->here[0].under_way));
	service_here_take(&svc->here[0]);
	assert_true(tells(two, 2, NULL));
	for (int i = 0; i < 3; i++)
		loop_turn(&s->control.loop, 0);
	story_turns(s, 0);

	assert_int_equal(count_at(svc, 0), 2);
	assert_false(atomic_load(&svc->here[0].under_way));
	assert_int_equal(atomic_load(&svc->refs), refs);
	story_close(s, svc);
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
		TEST(mistakes_are_refused_with_a_sentence),
		TEST(a_service_that_was_never_opened_ends_quietly),
		TEST(after_the_threads_have_ended_a_service_closes_all_the_same),
		TEST(whatever_is_still_open_at_the_end_is_closed),
		TEST(a_set_that_every_worker_has_sent_home_is_looked_at_no_more),
		TEST(what_a_pick_has_taken_does_not_make_a_letter_go_twice),
		TEST(it_is_ready_when_the_sources_have_spoken_and_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
