/* test_memory.c - the hot path asks the heap for nothing; elsewhere each request for memory may fail. */
#include "config.h"

#include <unistd.h>

#include "core/base/log.h"
#include "core/upstream/pool.h"
#include "core/upstream/roster.h"
#include "tests/alloc.h"
#include "tests/upstream/story.h"

/* A service of one listening endpoint, and one exchange after the other. */
struct scene {
	struct story story;
	int listener;
	struct address where;
	struct service *svc;
	char name[32];		/* another one for each try, so that all of it is made anew */
	uint64_t fails_at;
	bool ran_out;		/* something failed, and said so */
};

static int begin(void **state)
{
	struct scene *s = test_calloc(1, sizeof(*s));

	log_set_level(LOG_LEVEL_ERROR);
	story_begin(&s->story);
	s->listener = story_listen(&s->where);
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	story_end(&s->story);
	close(s->listener);
	test_free(s);
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static struct service *open_one(struct scene *s)
{
	struct service_endpoint endpoint = { .address = s->where };
	struct service_tier tier = { .endpoints = &endpoint, .endpoint_count = 1 };
	struct service_spec spec = { .name = str_from(s->name), .tiers = &tier, .tier_count = 1,
				     .settings.limits = { .requests = 5, .connections = 5 },
				     .settings.health.path = STR("/healthz") };
	struct weir_error error = { .text = "" };
	struct service *svc = service_new(s->story.world, &spec, &error);

	if (svc != NULL && service_open(svc, &error)) {
		service_commit(svc);
		return svc;
	}
	assert_string_equal(error.text, "out of memory");
	service_unref(svc);
	return NULL;
}

static enum reason exchange(struct scene *s)
{
	struct worker *w = &s->story.workers[0];
	struct pick_ask ask = { .repeatable = true };
	struct upstream *up = NULL;
	struct endpoint *ep;
	enum reason why = service_admit(s->svc, w);

	if (why != REASON_NONE)
		return why;
	why = service_pick(s->svc, w, &ask, &ep);
	if (why == REASON_NONE)
		why = pool_lease(s->svc, w, ep, TRUST_ALL, &up);
	if (why == REASON_NONE) {
		endpoint_answered(&ask, 200);
		pool_return(up);
	}
	endpoint_report(&ask, why, why == REASON_NONE ? 200 : 0);
	pick_end(&ask);
	service_release(s->svc, w);
	return why;
}

static void exchange_twice(void *arg)
{
	assert_int_equal(exchange(arg), REASON_NONE);
	alloc_fail_at(0);
	assert_int_equal(exchange(arg), REASON_NONE);
	assert_int_equal(alloc_count(), 0);
}

static void open_it(void *arg)
{
	struct scene *s = arg;

	s->svc = open_one(s);
}

static void the_second_exchange_asks_the_heap_for_nothing(void **state)
{
	struct scene *s = *state;

	story_does(&s->story, &s->story.control, open_it, s);
	story_turns(&s->story, 0);
	story_does(&s->story, &s->story.workers[0], exchange_twice, s);
	story_close(&s->story, s->svc);
}

static void open_failing(void *arg)
{
	struct scene *s = arg;

	alloc_fail_at(s->fails_at);
	s->svc = open_one(s);
	s->ran_out = alloc_count() >= s->fails_at;
	alloc_fail_at(0);
}

static void opening_may_fail_at_every_point(void **state)
{
	struct scene *s = *state;
	uint64_t n = 0;

	do {
		s->fails_at = ++n;
		(void)snprintf(s->name, sizeof(s->name), "tariff-%u", (unsigned)n);
		story_does(&s->story, &s->story.control, open_failing, s);
		story_turns(&s->story, 0);
		if (s->svc != NULL)
			story_close(&s->story, s->svc);
	} while (s->ran_out);

	assert_true(n > 15);
}

static void exchange_failing(void *arg)
{
	struct scene *s = arg;
	enum reason why;

	alloc_fail_at(s->fails_at);
	why = exchange(s);
	s->ran_out = alloc_count() >= s->fails_at;
	alloc_fail_at(0);
	assert_true(why == REASON_NONE || why == REASON_OUT_OF_MEMORY);
	assert_int_equal(why == REASON_OUT_OF_MEMORY, s->ran_out);
}

static void an_exchange_may_fail_at_every_point(void **state)
{
	struct scene *s = *state;
	struct gate *connections;
	uint64_t n = 0;

	do {
		s->fails_at = ++n;
		(void)snprintf(s->name, sizeof(s->name), "tariff-%u", (unsigned)n);
		story_does(&s->story, &s->story.control, open_it, s);
		story_turns(&s->story, 0);
		story_does(&s->story, &s->story.workers[0], exchange_failing, s);
		assert_int_equal(atomic_load(&s->svc->requests->held), 0);
		connections = s->svc->connections;
		story_close(&s->story, s->svc);
		assert_int_equal(atomic_load(&connections->held), 0);
	} while (s->ran_out);

	assert_true(n > 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(the_second_exchange_asks_the_heap_for_nothing),
		TEST(opening_may_fail_at_every_point),
		TEST(an_exchange_may_fail_at_every_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
