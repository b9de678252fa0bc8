/* test_stats.c - what one worker counts. */
#include "tests/test.h"

#include <pthread.h>

#include "core/telemetry/stats.h"
#include "tests/alloc.h"
#include "tests/telemetry/example.h"

static struct listener_stats *listener(struct stats *s)
{
	return slot_array_peek(&s->listeners, 0);
}

static struct route_stats *route(struct stats *s)
{
	return slot_array_peek(&listener(s)->routes, 0);
}

static struct service_stats *service(struct stats *s)
{
	return slot_array_peek(&s->services, 0);
}

static void an_exchange_is_counted_where_it_belongs(void **state)
{
	struct histogram_seen seen = { 0 };
	struct record r;
	struct stats s;

	(void)state;
	stats_init(&s);
	example_record(&r);
	stats_begin(&s, 0);
	stats_count(&s, &r);

	assert_int_equal(counter_read(&route(&s)->requests[2]), 1);
	assert_int_equal(counter_read(&service(&s)->requests[2]), 1);
	assert_int_equal(counter_read(&service(&s)->attempts[REASON_CONNECT_REFUSED]), 1);
	assert_int_equal(counter_read(&service(&s)->attempts[REASON_NONE]), 1);
	assert_int_equal(counter_read(&service(&s)->retries[REASON_CONNECT_REFUSED]), 1);
	assert_int_equal(counter_read(&listener(&s)->bytes_out), 128);
	assert_int_equal(gauge_read(&listener(&s)->active), 0);
	histogram_see(&seen, &listener(&s)->gateway);
	assert_int_equal(seen.sum, 75 * NS_PER_US);
	histogram_see(&seen, &service(&s)->upstream);
	assert_int_equal(seen.sum, 75 * NS_PER_US + 11 * NS_PER_MS);
	stats_fini(&s);
}

static void the_last_attempt_is_no_retry(void **state)
{
	struct record r;
	struct stats s;

	(void)state;
	stats_init(&s);
	example_record(&r);
	r.attempts = 1;
	r.status = 503;
	r.why = REASON_CONNECT_REFUSED;
	stats_count(&s, &r);

	assert_int_equal(counter_read(&service(&s)->retries[REASON_CONNECT_REFUSED]), 0);
	assert_int_equal(counter_read(&service(&s)->reasons[REASON_CONNECT_REFUSED]), 1);
	assert_int_equal(counter_read(&s.reasons[REASON_CONNECT_REFUSED]), 1);
	assert_int_equal(counter_read(&service(&s)->requests[5]), 1);
	stats_fini(&s);
}

static void what_has_no_route_is_counted_apart(void **state)
{
	struct record r;
	struct stats s;

	(void)state;
	stats_init(&s);
	record_init(&r);
	r.listener.slot = 0;
	r.status = 404;
	r.why = REASON_NO_ROUTE;
	stats_count(&s, &r);

	assert_int_equal(counter_read(&listener(&s)->unrouted.requests[4]), 1);
	assert_null(service(&s));
	assert_int_equal(counter_read(&s.uncounted), 0);
	stats_fini(&s);
}

static void connections_are_counted(void **state)
{
	struct stats s;

	(void)state;
	stats_init(&s);
	stats_connection(&s, 0, 1);
	stats_connection(&s, 0, 1);
	stats_connection(&s, 0, -1);
	assert_int_equal(gauge_read(&listener(&s)->connections), 1);
	assert_int_equal(counter_read(&listener(&s)->accepted), 2);
	stats_fini(&s);
}

static void odd_statuses_have_a_class_too(void **state)
{
	(void)state;
	assert_int_equal(code_class(0), 0);
	assert_int_equal(code_class(99), 0);
	assert_int_equal(code_class(101), 1);
	assert_int_equal(code_class(599), 5);
	assert_int_equal(code_class(600), 0);
	assert_str(code_class_word(2), "2xx");
	assert_str(code_class_word(0), "none");
	assert_str(code_class_word(77), "none");
}

static void counting_allocates_only_at_first(void **state)
{
	struct record r;
	struct stats s;

	(void)state;
	stats_init(&s);
	example_record(&r);
	stats_count(&s, &r);

	alloc_fail_at(0);
	for (int i = 0; i < 1000; i++) {
		stats_begin(&s, 0);
		stats_count(&s, &r);
	}
	assert_int_equal(alloc_count(), 0);
	stats_fini(&s);
}

static void without_memory_it_says_how_many_it_missed(void **state)
{
	struct record r;
	struct stats s;
	uint64_t n = 0;

	(void)state;
	example_record(&r);
	do {
		stats_init(&s);
		alloc_fail_at(++n);
		stats_count(&s, &r);
		assert_int_equal(counter_read(&s.uncounted), alloc_count() >= n);
		stats_fini(&s);
	} while (alloc_count() >= n);
	alloc_fail_at(0);
	assert_true(n > 4);
}

static void another_name_begins_at_zero(void **state)
{
	struct record r;
	struct stats s;

	(void)state;
	stats_init(&s);
	example_record(&r);
	stats_count(&s, &r);

	stats_forget_route(&s, 1, 0);
	assert_int_equal(counter_read(&route(&s)->requests[2]), 0);
	assert_int_equal(counter_read(&listener(&s)->bytes_out), 128);
	stats_forget_service(&s, 0);
	assert_int_equal(counter_read(&service(&s)->attempts[REASON_NONE]), 0);
	stats_count(&s, &r);
	stats_forget_listener(&s, 0);
	assert_int_equal(counter_read(&listener(&s)->bytes_out), 0);
	assert_int_equal(counter_read(&route(&s)->requests[2]), 0);

	stats_forget_listener(&s, 7);
	stats_forget_route(&s, 9, 7);
	stats_forget_service(&s, 7);
	stats_count(&s, &r);
	assert_int_equal(counter_read(&route(&s)->requests[2]), 1);
	stats_fini(&s);
}

static void *count_many(void *arg)
{
	struct stats *s = arg;
	struct record r;

	example_record(&r);
	for (uint32_t i = 0; i < 20000; i++) {
		r.route.slot = i % 300;
		r.service.slot = i % 200;
		r.listener.slot = i % 3;
		stats_begin(s, r.listener.slot);
		stats_count(s, &r);
	}
	return NULL;
}

static uint64_t requests(const struct stats *s)
{
	uint64_t n = 0;

	for (uint32_t l = 0; l < 3; l++) {
		const struct listener_stats *at = slot_array_peek(&s->listeners, l);

		for (uint32_t i = 0; at != NULL && i < 300; i++) {
			const struct route_stats *rt = slot_array_peek(&at->routes, i);

			n += rt != NULL ? counter_read(&rt->requests[2]) : 0;
		}
	}
	return n;
}

static void a_reader_may_look_on(void **state)
{
	uint64_t last = 0;
	pthread_t worker;
	struct stats s;

	(void)state;
	stats_init(&s);
	pthread_create(&worker, NULL, count_many, &s);
	for (int i = 0; i < 100; i++) {
		uint64_t now = requests(&s);

		assert_true(now >= last);
		last = now;
	}
	pthread_join(worker, NULL);
	assert_int_equal(requests(&s), 20000);
	stats_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_is_counted_where_it_belongs),
		cmocka_unit_test(the_last_attempt_is_no_retry),
		cmocka_unit_test(what_has_no_route_is_counted_apart),
		cmocka_unit_test(connections_are_counted),
		cmocka_unit_test(odd_statuses_have_a_class_too),
		cmocka_unit_test(counting_allocates_only_at_first),
		cmocka_unit_test(without_memory_it_says_how_many_it_missed),
		cmocka_unit_test(another_name_begins_at_zero),
		cmocka_unit_test(a_reader_may_look_on),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
