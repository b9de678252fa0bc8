/* test_upstream_metrics.c - what the upstream floor knows of its services, as metrics. The floor
 * itself is played: upstreams_describe() is ours. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/telemetry/upstream_metrics.h"
#include "core/upstream/describe.h"

static struct service_row rows[2];
static struct endpoint_row endpoints[3];
static struct source_row sources[2];
static bool out_of_memory;

bool upstreams_describe(struct upstreams *world,
			void (*visit)(void *arg, const struct service_row *row), void *arg)
{
	(void)world;
	for (int i = 0; i < 2; i++)
		visit(arg, &rows[i]);
	return !out_of_memory;
}

static int set_up(void **state)
{
	(void)state;
	endpoints[0].state = endpoints[1].state = STR("healthy");
	endpoints[2].state = STR("ejected");
	sources[0].age = 3 * NS_PER_S;
	sources[1].age = 0;
	rows[0] = (struct service_row){
		.name = STR("tariff-svc"), .usable = 2, .idle = 4, .waiting = 1, .panic = true,
		.sources = sources, .source_count = 2, .endpoints = endpoints, .endpoint_count = 3,
	};
	rows[0].counts[SERVICE_EJECTIONS] = 9;
	rows[1] = (struct service_row){
		.name = STR("risk-svc"), .sources = &sources[1], .source_count = 1,
	};
	out_of_memory = false;
	return 0;
}

static struct weir_str collected(struct buffer *out, uint32_t series, bool *failed)
{
	struct upstream_metrics u;
	struct exposition e;

	upstream_metrics_init(&u, NULL);
	u.series = series;
	buffer_init(out, 100000);
	exposition_init(&e, out);
	u.collector.collect(u.collector.arg, &e);
	*failed = e.failed;
	return buffer_str(out);
}

#define assert_has(text, part) assert_true(str_find_str(text, STR(part)) < (text).len)

static void services_and_their_endpoints_are_shown(void **state)
{
	struct weir_str text;
	struct buffer out;
	bool failed;

	(void)state;
	text = collected(&out, 100, &failed);

	assert_false(failed);
	assert_has(text, "\nweir_endpoint_state{service=\"tariff-svc\",state=\"healthy\"} 2\n");
	assert_has(text, "\nweir_endpoint_state{service=\"tariff-svc\",state=\"ejected\"} 1\n");
	assert_has(text, "\nweir_endpoint_state{service=\"risk-svc\",state=\"ejected\"} 0\n");
	assert_has(text, "\nweir_discovery_age_seconds{service=\"tariff-svc\"} 3\n");
	assert_has(text, "\nweir_discovery_age_seconds{service=\"risk-svc\"} 0\n");
	assert_has(text, "\nweir_endpoints_usable{service=\"tariff-svc\"} 2\n");
	assert_has(text, "\nweir_service_panic{service=\"tariff-svc\"} 1\n");
	assert_has(text, "\nweir_service_ejections_total{service=\"tariff-svc\"} 9\n");
	assert_has(text, "\nweir_queue_length{service=\"tariff-svc\"} 1\n");
	buffer_fini(&out);
}

static void a_source_that_never_spoke_is_infinitely_old(void **state)
{
	struct weir_str text;
	struct buffer out;
	bool failed;

	(void)state;
	sources[0].age = CLOCK_NEVER;
	text = collected(&out, 100, &failed);
	assert_has(text, "\nweir_discovery_age_seconds{service=\"tariff-svc\"} +Inf\n");
	buffer_fini(&out);
}

static void the_lines_of_a_family_stand_together(void **state)
{
	struct weir_str text, rest, line, before = STR("");
	struct buffer out;
	bool failed;

	(void)state;
	text = collected(&out, 100, &failed);
	for (rest = text; str_next(&rest, '\n', &line) && line.len > 0;) {
		if (str_starts(line, STR("# HELP "))) {
			struct weir_str name = str_skip(line, 7);

			before = str_head(name, str_find(name, ' '));
		} else if (line.data[0] != '#') {
			assert_true(str_starts(line, before));
		}
	}
	buffer_fini(&out);
}

static void services_beyond_the_bound_are_left_out(void **state)
{
	struct weir_str text;
	struct buffer out;
	bool failed;

	(void)state;
	text = collected(&out, 1, &failed);
	assert_int_equal(str_find_str(text, STR("risk-svc")), text.len);
	buffer_fini(&out);
}

static void what_could_not_be_asked_is_a_failure(void **state)
{
	struct buffer out;
	bool failed;

	(void)state;
	out_of_memory = true;
	collected(&out, 100, &failed);
	assert_true(failed);
	buffer_fini(&out);
}

#define SET_UP(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SET_UP(services_and_their_endpoints_are_shown),
		SET_UP(a_source_that_never_spoke_is_infinitely_old),
		SET_UP(the_lines_of_a_family_stand_together),
		SET_UP(services_beyond_the_bound_are_left_out),
		SET_UP(what_could_not_be_asked_is_a_failure),
	};

	return cmocka_run_group_tests_name("upstream_metrics", tests, NULL, NULL);
}
