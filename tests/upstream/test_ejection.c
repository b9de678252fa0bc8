/* test_ejection.c - endpoints that fail are left alone for a while; never too many of them. */
#include "config.h"

#include <unistd.h>

#include "core/base/log.h"
#include "core/upstream/describe.h"
#include "core/upstream/ejection.h"
#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

static const char *const four[] = { "127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003",
				    "127.0.0.1:9004" };

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

static struct service *service_of(struct story *s, uint32_t count, uint32_t after, uint64_t span,
				  double at_most)
{
	struct service_settings settings = {
		.eject = { .after = after, .span = span, .at_most = at_most },
	};

	return story_service(s, four, count, &settings);
}

static struct endpoint *endpoint_at(struct service *svc, uint32_t i)
{
	return svc->newest->tiers[0].members[i];
}

static enum ejection state_of(struct service *svc, uint32_t i)
{
	return endpoint_ejection(endpoint_at(svc, i)).state;
}

static void fails(struct story *s, struct service *svc, uint32_t times)
{
	while (times-- > 0)
		assert_non_null(story_tries(s, svc, REASON_CONNECT_REFUSED, 0));
}

static uint64_t counted(struct service *svc, enum service_count what)
{
	return atomic_load(&svc->roster->tallies[0].counts[what]);
}

static void so_many_failures_in_a_row_eject(void **state)
{
	struct service *svc = service_of(*state, 2, 3, 0, 0);

	fails(*state, svc, 4);		/* two each */
	assert_int_equal(state_of(svc, 0), EJECTION_NONE);
	fails(*state, svc, 1);

	assert_int_equal(state_of(svc, 0), EJECTION_OUT);
	assert_int_equal(endpoint_ejection(endpoint_at(svc, 0)).why, REASON_CONNECT_REFUSED);
	assert_int_equal(counted(svc, SERVICE_EJECTIONS), 1);
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(story_tries(*state, svc, REASON_NONE, 200), endpoint_at(svc, 1));
	story_close(*state, svc);
}

static void a_success_in_between_begins_the_count_anew(void **state)
{
	struct service *svc = service_of(*state, 1, 2, 0, 1);

	for (int i = 0; i < 5; i++) {
		fails(*state, svc, 1);
		story_tries(*state, svc, REASON_NONE, 200);
	}

	assert_int_equal(state_of(svc, 0), EJECTION_NONE);
	story_close(*state, svc);
}

/* What one attempt with this end adds to the count of failures, after there was one. */
static uint32_t failures_after(struct story *s, enum reason why, unsigned status)
{
	struct service *svc = service_of(s, 1, 100, 0, 1);
	uint32_t failures;

	fails(s, svc, 1);
	story_tries(s, svc, why, status);
	failures = atomic_load(&endpoint_at(svc, 0)->failures);
	atomic_store(&endpoint_at(svc, 0)->failures, 0);
	story_close(s, svc);
	return failures;
}

static void only_what_the_endpoint_did_counts(void **state)
{
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_RESET, 0), 2);
	assert_int_equal(failures_after(*state, REASON_HEAD_TIMEOUT, 0), 2);
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_CUT, 200), 2);
	assert_int_equal(failures_after(*state, REASON_NONE, 500), 2);
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_STATUS, 503), 2);
	assert_int_equal(failures_after(*state, REASON_NONE, 200), 0);
	assert_int_equal(failures_after(*state, REASON_NONE, 404), 0);
	assert_int_equal(failures_after(*state, REASON_NONE, 501), 0);
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_STATUS, 429), 0);
	assert_int_equal(failures_after(*state, REASON_CLIENT_GONE, 0), 1);
	assert_int_equal(failures_after(*state, REASON_CLIENT_GONE, 200), 0);
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_STALE, 0), 1);
	assert_int_equal(failures_after(*state, REASON_UPSTREAM_TOO_LARGE, 0), 1);
	assert_int_equal(failures_after(*state, REASON_QUEUE_FULL, 0), 1);
}

static void the_routes_time_counts_when_the_endpoint_had_enough_of_it(void **state)
{
	struct service *svc = service_of(*state, 1, 100, 0, 1);
	struct pick_ask ask = { .repeatable = true };

	story_picks(*state, svc, &ask);
	endpoint_report(&ask, REASON_TIMEOUT, 0);
	assert_int_equal(atomic_load(&endpoint_at(svc, 0)->failures), 0);

	story_picks(*state, svc, &ask);
	ask.began -= 2 * NS_PER_S;
	endpoint_report(&ask, REASON_TIMEOUT, 0);
	assert_int_equal(atomic_load(&endpoint_at(svc, 0)->failures), 1);
	pick_end(&ask);
	story_close(*state, svc);
}

static void never_more_than_at_most_are_ejected(void **state)
{
	struct service *svc = service_of(*state, 4, 1, 0, 0.5);
	uint32_t out = 0;

	fails(*state, svc, 20);
	for (uint32_t i = 0; i < 4; i++)
		out += state_of(svc, i) == EJECTION_OUT;

	assert_int_equal(out, 2);
	assert_int_equal(atomic_load(&svc->roster->ejected), 2);
	assert_int_equal(counted(svc, SERVICE_EJECTIONS_REFUSED), 18);
	story_close(*state, svc);
}

static void the_only_endpoint_stays(void **state)
{
	struct service *svc = service_of(*state, 1, 1, 0, 0.5);

	fails(*state, svc, 3);

	assert_int_equal(state_of(svc, 0), EJECTION_NONE);
	story_close(*state, svc);
}

static void when_all_are_ejected_ejections_are_ignored_and_counted(void **state)
{
	struct service *svc = service_of(*state, 2, 1, 0, 1);

	fails(*state, svc, 2);
	assert_int_equal(atomic_load(&svc->roster->ejected), 2);
	fails(*state, svc, 3);

	assert_int_equal(counted(svc, SERVICE_PANICS), 3);
	story_close(*state, svc);
}

/* After its time --------------------------------------------------------------------- */

static void time_is_over(struct service *svc, uint32_t i)
{
	atomic_store(&endpoint_at(svc, i)->ejected_until, 1);
	roster_touch(svc->roster);
}

static void afterwards_a_single_request_tries_it(void **state)
{
	struct story *s = *state;
	struct service *svc = service_of(s, 2, 1, 0, 0.5);
	struct pick_ask trial = { .repeatable = true };

	fails(s, svc, 1);
	time_is_over(svc, 0);

	assert_ptr_equal(story_picks(s, svc, &trial), endpoint_at(svc, 0));
	assert_int_equal(state_of(svc, 0), EJECTION_TRIAL);
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(story_tries(s, svc, REASON_NONE, 200), endpoint_at(svc, 1));
	endpoint_answered(&trial, 200);
	assert_int_equal(state_of(svc, 0), EJECTION_NONE);
	assert_int_equal(atomic_load(&svc->roster->ejected), 0);
	pick_end(&trial);
	story_close(s, svc);
}

static void a_trial_that_fails_ejects_for_twice_as_long(void **state)
{
	struct service *svc = service_of(*state, 2, 1, 10 * NS_PER_S, 0.5);
	struct endpoint *ep = endpoint_at(svc, 0);
	uint64_t now;

	fails(*state, svc, 1);
	time_is_over(svc, 0);
	assert_ptr_equal(story_tries(*state, svc, REASON_UPSTREAM_RESET, 0), ep);

	now = loop_now(&((struct story *)*state)->workers[0].loop);
	assert_int_equal(state_of(svc, 0), EJECTION_OUT);
	assert_int_equal(atomic_load(&ep->ejected_until) - now, 20 * NS_PER_S);
	for (int i = 0; i < 6; i++) {
		time_is_over(svc, 0);
		assert_ptr_equal(story_tries(*state, svc, REASON_UPSTREAM_RESET, 0), ep);
	}
	now = loop_now(&((struct story *)*state)->workers[0].loop);
	assert_int_equal(atomic_load(&ep->ejected_until) - now, 100 * NS_PER_S);
	story_close(*state, svc);
}

static void a_trial_without_an_outcome_is_repeated(void **state)
{
	struct service *svc = service_of(*state, 2, 1, 0, 0.5);

	fails(*state, svc, 1);
	time_is_over(svc, 0);
	assert_ptr_equal(story_tries(*state, svc, REASON_CLIENT_GONE, 0), endpoint_at(svc, 0));
	assert_int_equal(state_of(svc, 0), EJECTION_OUT);

	assert_ptr_equal(story_tries(*state, svc, REASON_NONE, 200), endpoint_at(svc, 0));
	assert_int_equal(state_of(svc, 0), EJECTION_NONE);
	story_close(*state, svc);
}

static void what_may_not_be_repeated_is_no_trial(void **state)
{
	struct story *s = *state;
	struct service *svc = service_of(s, 2, 1, 3600 * NS_PER_S, 0.5);
	struct pick_ask post = { .repeatable = false }, later = post;

	fails(s, svc, 1);
	atomic_store(&endpoint_at(svc, 0)->ejected_until, loop_now(&s->workers[0].loop));
	roster_touch(svc->roster);
	assert_ptr_equal(story_picks(s, svc, &post), endpoint_at(svc, 1));
	pick_end(&post);

	/* Unless nothing else has come for as long as it was out. */
	atomic_store(&endpoint_at(svc, 0)->ejected_until,
		     loop_now(&s->workers[0].loop) - 3601 * NS_PER_S);
	roster_touch(svc->roster);
	assert_ptr_equal(story_picks(s, svc, &later), endpoint_at(svc, 0));
	pick_end(&later);
	story_close(s, svc);
}

static void a_retry_is_no_trial(void **state)
{
	struct service *svc = service_of(*state, 3, 1, 0, 0.4);
	struct pick_ask ask = { .repeatable = true };

	fails(*state, svc, 1);
	story_picks(*state, svc, &ask);
	time_is_over(svc, 0);

	assert_ptr_not_equal(story_picks(*state, svc, &ask), endpoint_at(svc, 0));
	pick_end(&ask);
	story_close(*state, svc);
}

static void one_that_is_back_starts_slowly(void **state)
{
	struct story *s = *state;
	struct service_settings settings = { .eject = { .after = 1 }, .slow_start = NS_PER_S };
	struct service *svc = story_service(s, four, 2, &settings);

	fails(s, svc, 1);
	time_is_over(svc, 0);
	story_tries(s, svc, REASON_NONE, 200);

	assert_int_equal(atomic_load(&endpoint_at(svc, 0)->warm_from),
			 loop_now(&s->workers[0].loop));
	story_close(s, svc);
}

/* Changes of the set ------------------------------------------------------------------- */

static void an_ejection_survives_a_reload(void **state)
{
	struct service *old = service_of(*state, 4, 1, 0, 0.5), *svc;
	struct endpoint *ep = endpoint_at(old, 0);

	fails(*state, old, 1);
	svc = service_of(*state, 2, 1, 0, 0.5);
	story_close(*state, old);

	assert_ptr_equal(endpoint_at(svc, 0), ep);
	assert_int_equal(state_of(svc, 0), EJECTION_OUT);
	assert_int_equal(atomic_load(&svc->roster->ejected), 1);
	story_close(*state, svc);
}

static void a_smaller_set_pardons_those_above_at_most(void **state)
{
	struct service *old = service_of(*state, 4, 1, 0, 0.5), *svc;

	fails(*state, old, 2);
	assert_int_equal(atomic_load(&old->roster->ejected), 2);
	svc = service_of(*state, 2, 1, 0, 0.5);
	story_close(*state, old);

	assert_int_equal(atomic_load(&svc->roster->ejected), 1);
	assert_int_equal((state_of(svc, 0) == EJECTION_OUT) + (state_of(svc, 1) == EJECTION_OUT),
			 1);
	story_close(*state, svc);
}

static void one_that_left_does_not_count_any_more(void **state)
{
	static const char *const others[] = { "127.0.0.1:9005", "127.0.0.1:9006" };
	struct service *old = service_of(*state, 2, 1, 0, 0.5), *svc;
	struct service_settings settings = { .eject = { .after = 1 } };

	fails(*state, old, 1);
	svc = story_service(*state, others, 2, &settings);
	story_close(*state, old);

	assert_int_equal(atomic_load(&svc->roster->ejected), 0);
	story_close(*state, svc);
}

/* Many threads ------------------------------------------------------------------------ */

enum { CROWD = 3, ROUNDS = 3000, MEMBERS = 6 };

struct crowd {
	struct worker workers[CROWD], control;
	struct upstreams *world;
	struct service *svc;
	_Atomic uint32_t done, too_many;
};

static void open_worker(struct worker *w)
{
	struct crowd *c = w->slots[WORKER_PROXY];

	assert_true(upstream_worker_open(c->world, w, NULL));
}

static void fails_often(void *arg)
{
	struct worker *w = arg;
	struct crowd *c = w->slots[WORKER_PROXY];
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	for (int i = 0; i < ROUNDS; i++) {
		struct pick_ask ask = { .repeatable = true };
		struct endpoint *ep;

		if (service_pick(c->svc, w, &ask, &ep) == REASON_NONE)
			endpoint_report(&ask, rng_below(&w->rng, 3) > 0 ? REASON_UPSTREAM_RESET
									: REASON_NONE, 200);
		pick_end(&ask);
		if (atomic_load(&c->svc->roster->ejected) > MEMBERS / 2)
			atomic_fetch_add(&c->too_many, 1);
		if (i % 16 == 0)
			fiber_yield();
	}
	deadline_leave(&d);
	atomic_fetch_add(&c->done, 1);
}

static void visit(void *arg, const struct service_row *row)
{
	uint32_t out = 0;

	for (uint32_t i = 0; i < row->endpoint_count; i++)
		out += row->endpoints[i].ejection.state != EJECTION_NONE;
	*(uint32_t *)arg = out;
}

static struct service *crowd_service(struct crowd *c)
{
	struct service_endpoint endpoints[MEMBERS] = { 0 };
	struct service_tier tier = { .endpoints = endpoints, .endpoint_count = MEMBERS };
	struct service_spec spec = { .name = STR("crowded"), .tiers = &tier, .tier_count = 1,
				     .settings.eject = { .after = 2, .span = NS_PER_MS } };
	struct service *svc;

	for (uint16_t i = 0; i < MEMBERS; i++) {
		endpoints[i].address = story_address("127.0.0.1:1");
		address_set_port(&endpoints[i].address, (uint16_t)(9001 + i));
	}
	svc = service_new(c->world, &spec, NULL);
	assert_true(service_open(svc, NULL));
	service_commit(svc);
	return svc;
}

static void at_most_holds_under_three_threads(void **state)
{
	static struct crowd c;
	struct worker *workers[CROWD];
	uint32_t out = 99;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	for (uint32_t i = 0; i < CROWD; i++) {
		workers[i] = &c.workers[i];
		assert_true(worker_init(workers[i], i, NULL, NULL));
		workers[i]->slots[WORKER_PROXY] = &c;
		workers[i]->begin = open_worker;
		workers[i]->end = upstream_worker_close;
	}
	assert_true(worker_init(&c.control, UINT32_MAX, NULL, NULL));
	c.world = upstreams_new(workers, CROWD, &c.control, NULL);
	assert_true(upstream_worker_open(c.world, &c.control, NULL));
	c.svc = crowd_service(&c);
	for (uint32_t i = 0; i < CROWD; i++) {
		assert_non_null(fiber_start(&workers[i]->loop, fails_often, workers[i]));
		assert_true(worker_start(workers[i], NULL));
	}
	while (atomic_load(&c.done) < CROWD) {
		assert_true(upstreams_describe(c.world, visit, &out));
		usleep(500);
	}
	for (uint32_t i = 0; i < CROWD; i++)
		loop_stop(&workers[i]->loop);
	for (uint32_t i = 0; i < CROWD; i++)
		worker_join(workers[i]);

	assert_int_equal(atomic_load(&c.too_many), 0);
	assert_true(upstreams_describe(c.world, visit, &out));
	assert_int_equal(out, atomic_load(&c.svc->roster->ejected));
	assert_in_range(out, 0, MEMBERS / 2);
	story_does_alone(&c.control, story_close_it, c.svc);
	upstream_worker_close(&c.control);
	upstreams_free(c.world);
	for (uint32_t i = 0; i < CROWD; i++)
		worker_fini(workers[i]);
	worker_fini(&c.control);
	log_set_level(LOG_LEVEL_INFO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(so_many_failures_in_a_row_eject),
		TEST(a_success_in_between_begins_the_count_anew),
		TEST(only_what_the_endpoint_did_counts),
		TEST(the_routes_time_counts_when_the_endpoint_had_enough_of_it),
		TEST(never_more_than_at_most_are_ejected),
		TEST(the_only_endpoint_stays),
		TEST(when_all_are_ejected_ejections_are_ignored_and_counted),
		TEST(afterwards_a_single_request_tries_it),
		TEST(a_trial_that_fails_ejects_for_twice_as_long),
		TEST(a_trial_without_an_outcome_is_repeated),
		TEST(what_may_not_be_repeated_is_no_trial),
		TEST(a_retry_is_no_trial),
		TEST(one_that_is_back_starts_slowly),
		TEST(an_ejection_survives_a_reload),
		TEST(a_smaller_set_pardons_those_above_at_most),
		TEST(one_that_left_does_not_count_any_more),
		cmocka_unit_test(at_most_holds_under_three_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
