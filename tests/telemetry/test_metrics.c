/* test_metrics.c - all that is measured, as text for Prometheus. */
#include "tests/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/telemetry/metrics.h"
#include "tests/telemetry/example.h"

/* Two workers, and names of listeners, routes, services. */
struct place {
	struct slots listeners, routes, services;
	struct metrics *m;
	struct buffer out;
};

static void name(struct slots *s, const char *text)
{
	struct weir_error error = { "" };
	uint32_t number;

	assert_true(slots_take(s, str_from(text), &number, &error));
}

static void open_place(struct place *p, uint32_t series)
{
	struct weir_error error = { "" };
	struct metrics_setup setup = { .workers = 2, .series = series, .version = "0.1.0" };

	slots_init(&p->listeners);
	slots_init(&p->routes);
	slots_init(&p->services);
	setup.listeners = metrics_names_of(&p->listeners);
	setup.routes = metrics_names_of(&p->routes);
	setup.services = metrics_names_of(&p->services);
	p->m = metrics_new(&setup, &error);
	assert_non_null(p->m);
	buffer_init(&p->out, 32 << 20);
	name(&p->listeners, "edge");
	name(&p->routes, "tariff");
	name(&p->services, "tariff-svc");
}

static void close_place(struct place *p)
{
	metrics_free(p->m);
	buffer_fini(&p->out);
	slots_fini(&p->listeners);
	slots_fini(&p->routes);
	slots_fini(&p->services);
}

static struct weir_str printed(struct place *p)
{
	buffer_drop(&p->out, buffer_len(&p->out));
	assert_true(metrics_print(p->m, &p->out));
	return buffer_str(&p->out);
}

static bool has(struct place *p, const char *line)
{
	char whole[512];

	(void)snprintf(whole, sizeof(whole), "\n%s\n", line);
	return str_find_str(buffer_str(&p->out), str_from(whole)) < buffer_len(&p->out);
}

static void count(struct place *p, uint32_t worker, uint32_t route, uint32_t service)
{
	struct record r;

	example_record(&r);
	r.route.slot = route;
	r.service.slot = service;
	stats_begin(metrics_stats(p->m, worker), 0);
	stats_count(metrics_stats(p->m, worker), &r);
}

static void workers_are_summed_up(void **state)
{
	struct place p;

	(void)state;
	open_place(&p, 0);
	count(&p, 0, 0, 0);
	count(&p, 1, 0, 0);
	count(&p, 1, RECORD_NO_SLOT, RECORD_NO_SLOT);
	printed(&p);

	assert_true(has(&p, "weir_requests_total{listener=\"edge\",route=\"tariff\","
			    "code_class=\"2xx\"} 2"));
	assert_true(has(&p, "weir_requests_total{listener=\"edge\",route=\"\","
			    "code_class=\"2xx\"} 1"));
	assert_true(has(&p, "weir_request_duration_seconds_count{listener=\"edge\","
			    "route=\"tariff\"} 2"));
	assert_true(has(&p, "weir_upstream_duration_seconds_sum{service=\"tariff-svc\"} "
			    "0.022000000"));
	assert_true(has(&p, "weir_gateway_duration_seconds_sum{listener=\"edge\"} 0.000225000"));
	assert_true(has(&p, "weir_attempts_total{service=\"tariff-svc\",reason=\"ok\"} 2"));
	assert_true(has(&p, "weir_retries_total{service=\"tariff-svc\","
			    "reason=\"connect-refused\"} 2"));
	assert_true(has(&p, "weir_response_bytes_total{listener=\"edge\"} 384"));
	assert_true(has(&p, "weir_active_requests{listener=\"edge\"} 0"));
	assert_true(has(&p, "weir_reasons_total{reason=\"no-route\",side=\"gateway\"} 0"));
	assert_true(has(&p, "weir_build_info{version=\"0.1.0\"} 1"));
	close_place(&p);
}

static void what_nobody_holds_any_more_is_not_shown(void **state)
{
	struct place p;

	(void)state;
	open_place(&p, 0);
	count(&p, 0, 0, 0);
	slots_give(&p.routes, 0);

	printed(&p);
	assert_int_equal(str_find_str(buffer_str(&p.out), STR("route=\"tariff\"")),
			 buffer_len(&p.out));
	close_place(&p);
}

static void beyond_the_bound_they_go_together(void **state)
{
	struct place p;
	char text[32];

	(void)state;
	open_place(&p, 3);
	for (int i = 1; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "route-%d", i);
		name(&p.routes, text);
		(void)snprintf(text, sizeof(text), "service-%d", i);
		name(&p.services, text);
	}
	for (uint32_t i = 0; i < 200; i++)
		count(&p, i % 2, i, i);
	printed(&p);

	assert_true(has(&p, "weir_requests_total{listener=\"edge\",route=\"route-2\","
			    "code_class=\"2xx\"} 1"));
	assert_true(has(&p, "weir_requests_total{listener=\"edge\",route=\"(other)\","
			    "code_class=\"2xx\"} 197"));
	assert_true(has(&p, "weir_service_requests_total{service=\"(other)\","
			    "code_class=\"2xx\"} 197"));
	assert_int_equal(str_find_str(buffer_str(&p.out), STR("route-3\"")), buffer_len(&p.out));
	close_place(&p);
}

static void reloads_are_told(void **state)
{
	struct place p;

	(void)state;
	open_place(&p, 0);
	printed(&p);
	assert_true(has(&p, "weir_config_last_success_timestamp_seconds 0"));
	metrics_reloaded(p.m, true);
	metrics_reloaded(p.m, false);
	metrics_reloaded(p.m, false);
	printed(&p);

	assert_true(has(&p, "weir_config_reloads_total{result=\"accepted\"} 1"));
	assert_true(has(&p, "weir_config_reloads_total{result=\"refused\"} 2"));
	assert_false(has(&p, "weir_config_last_success_timestamp_seconds 0"));
	close_place(&p);
}

static const struct family mine = { "mine_total", "", "Of an upper floor.", FAMILY_COUNTER };

static void collect_mine(void *arg, struct exposition *e)
{
	exposition_begin(e, &mine);
	exposition_u64(e, NULL, 0, *(int *)arg ? 7 : 0);
}

static void others_may_add_theirs(void **state)
{
	int on = 1;
	struct collector c = { .collect = collect_mine, .arg = &on };
	struct place p;

	(void)state;
	open_place(&p, 0);
	metrics_add(p.m, &c);
	printed(&p);
	assert_true(has(&p, "mine_total 7"));

	metrics_remove(p.m, &c);
	metrics_remove(p.m, &c);
	printed(&p);
	assert_false(has(&p, "mine_total 7"));
	close_place(&p);
}

static double value(struct place *p, const char *series)
{
	struct weir_str text = buffer_str(&p->out);
	char want[128];
	size_t at;

	(void)snprintf(want, sizeof(want), "\n%s ", series);
	at = str_find_str(text, str_from(want));
	assert_true(at < text.len);
	return strtod(text.data + at + strlen(want), NULL);
}

static void the_process_is_this_one(void **state)
{
	struct place p;
	FILE *f;

	(void)state;
	open_place(&p, 0);
	printed(&p);
	assert_true(value(&p, "process_resident_memory_bytes") > 100000);
	assert_true(value(&p, "process_virtual_memory_bytes") > 1000000);
	assert_int_equal(value(&p, "process_threads"), 1);
	assert_in_range((uint64_t)value(&p, "process_start_time_seconds"),
			clock_wall() / NS_PER_S - 600, clock_wall() / NS_PER_S + 1);

	double before = value(&p, "process_open_fds");
	f = fopen("/dev/null", "r");
	printed(&p);
	assert_int_equal(value(&p, "process_open_fds") - before, 1);
	fclose(f);
	close_place(&p);
}

static void a_buffer_too_small_is_said(void **state)
{
	struct buffer small;
	struct place p;

	(void)state;
	open_place(&p, 0);
	buffer_init(&small, 1000);
	assert_false(metrics_print(p.m, &small));
	buffer_fini(&small);
	close_place(&p);
}

/* Prometheus's own checker; part of its package. */
static void promtool_accepts_it(void **state)
{
	char path[] = "/tmp/weir-metrics-XXXXXX", command[128];
	struct place p;
	int fd = mkstemp(path);
	struct weir_str text;

	(void)state;
	if (system("command -v promtool > /dev/null") != 0) {
		close(fd);
		unlink(path);
		print_message("promtool is not installed: apt-get install prometheus\n");
		skip();
	}
	open_place(&p, 0);
	count(&p, 0, 0, 0);
	name(&p.routes, "with \"quotes\" and \\ and \n");
	count(&p, 0, 1, 0);
	metrics_reloaded(p.m, true);
	text = printed(&p);
	assert_int_equal(write(fd, text.data, text.len), text.len);
	close(fd);
	(void)snprintf(command, sizeof(command), "promtool check metrics < %s", path);

	assert_int_equal(system(command), 0);
	unlink(path);
	close_place(&p);
}

static void *count_on(void *arg)
{
	for (uint32_t i = 0; i < 3000; i++)
		count(arg, 0, i % 100, i % 100);
	return NULL;
}

static void reading_and_counting_go_on_together(void **state)
{
	pthread_t worker;
	struct place p;
	char text[32];

	(void)state;
	open_place(&p, 0);
	for (int i = 1; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "n%d", i);
		name(&p.routes, text);
		name(&p.services, text);
	}
	pthread_create(&worker, NULL, count_on, &p);
	for (int i = 0; i < 5; i++)
		printed(&p);
	pthread_join(worker, NULL);
	printed(&p);
	assert_true(has(&p, "weir_response_bytes_total{listener=\"edge\"} 384000"));
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_are_summed_up),
		cmocka_unit_test(what_nobody_holds_any_more_is_not_shown),
		cmocka_unit_test(beyond_the_bound_they_go_together),
		cmocka_unit_test(reloads_are_told),
		cmocka_unit_test(others_may_add_theirs),
		cmocka_unit_test(the_process_is_this_one),
		cmocka_unit_test(a_buffer_too_small_is_said),
		cmocka_unit_test(promtool_accepts_it),
		cmocka_unit_test(reading_and_counting_go_on_together),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
