/* test_script_metrics.c - what Lua policies do on all workers, as metrics. The scripts themselves are played:
 * script_visit() is ours. */
#include "core/weir/script_metrics.h"

#include "core/base/clock.h"
#include "core/script/script.h"
#include "tests/test.h"

#define MANY 300

static struct script_row rows[MANY];
static uint32_t row_count;

void script_visit(void (*visit)(void *arg, const struct script_row *row), void *arg)
{
	for (uint32_t i = 0; i < row_count; i++)
		visit(arg, &rows[i]);
}

static struct script_row *row(const char *script, uint32_t vm)
{
	struct script_row *r = &rows[row_count++];

	*r = (struct script_row){ .script = weir_str_from(script), .vm = vm };
	return r;
}

static char text[100000];

static const char *collected(void)
{
	struct collector *c = script_metrics();
	struct exposition e;
	struct buffer out;

	buffer_init(&out, sizeof(text));
	exposition_init(&e, &out);
	c->collect(c->arg, &e);
	assert_false(e.failed);
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(buffer_str(&out)));
	buffer_fini(&out);
	row_count = 0;
	return text;
}

#define assert_has(part) assert_non_null(strstr(text, part))

static void without_scripts_there_are_no_samples(void **state)
{
	(void)state;
	(void)collected();

	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_int_equal(*line, '#');
}

static void counts_are_summed_over_the_workers(void **state)
{
	(void)state;
	for (uint32_t vm = 0; vm < 3; vm++) {
		struct script_row *r = row("canary", vm);

		r->calls = 100;
		r->errors = 10;
		r->kills = vm;
		r->refused = 2;
		r->cpu_ns = 500 * NS_PER_MS;
	}
	row("stamp", 1)->calls = 7;
	(void)collected();

	assert_has("\nweir_lua_calls_total{script=\"canary\"} 300\n");
	assert_has("\nweir_lua_calls_total{script=\"stamp\"} 7\n");
	assert_has("\nweir_lua_errors_total{script=\"canary\"} 30\n");
	assert_has("\nweir_lua_stopped_total{script=\"canary\",limit=\"time\"} 3\n");
	assert_has("\nweir_lua_stopped_total{script=\"canary\",limit=\"memory\"} 6\n");
	assert_has("\nweir_lua_stopped_total{script=\"stamp\",limit=\"memory\"} 0\n");
	assert_has("\nweir_lua_cpu_seconds_total{script=\"canary\"} 1.5\n");
}

static void memory_is_shown_for_each_worker(void **state)
{
	(void)state;
	row("canary", 1)->memory = 2000;
	row("canary", 0)->memory = 1000;
	row(NULL, 0)->memory = 50000;
	(void)collected();

	assert_has("\nweir_lua_memory_bytes{vm=\"0\",script=\"canary\"} 1000\n");
	assert_has("\nweir_lua_memory_bytes{vm=\"1\",script=\"canary\"} 2000\n");
	assert_has("\nweir_lua_memory_bytes{vm=\"0\",script=\"\"} 50000\n");
}

/* The libraries have memory, but are no script that could be called. */
static void what_belongs_to_no_script_counts_nothing(void **state)
{
	(void)state;
	row(NULL, 0)->calls = 9;
	(void)collected();

	assert_null(strstr(text, "weir_lua_calls_total{"));
}

/* Before and after a reload, say. No sample may come twice. */
static void a_name_that_comes_twice_on_a_worker_is_one_sample(void **state)
{
	(void)state;
	row("canary", 0)->memory = 1000;
	row("stamp", 0)->memory = 1;
	row("canary", 0)->memory = 500;
	(void)collected();

	assert_has("\nweir_lua_memory_bytes{vm=\"0\",script=\"canary\"} 1500\n");
}

static void vms_that_are_gone_count_but_hold_nothing(void **state)
{
	struct script_row *gone = row("canary", UINT32_MAX);

	(void)state;
	gone->calls = 40;
	gone->memory = 9;
	row("canary", 0)->calls = 2;
	(void)collected();

	assert_has("\nweir_lua_calls_total{script=\"canary\"} 42\n");
	assert_null(strstr(text, "4294967295"));
}

static void of_many_none_is_lost(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		row(i % 2 == 0 ? "even" : "odd", i / 2)->calls = 1;
	(void)collected();

	assert_has("\nweir_lua_calls_total{script=\"even\"} 150\n");
	assert_has("\nweir_lua_calls_total{script=\"odd\"} 150\n");
	for (const char *at = text; (at = strstr(at, "weir_lua_memory_bytes{")) != NULL; at++)
		seen++;
	assert_int_equal(seen, MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_scripts_there_are_no_samples),
		cmocka_unit_test(counts_are_summed_over_the_workers),
		cmocka_unit_test(memory_is_shown_for_each_worker),
		cmocka_unit_test(what_belongs_to_no_script_counts_nothing),
		cmocka_unit_test(a_name_that_comes_twice_on_a_worker_is_one_sample),
		cmocka_unit_test(vms_that_are_gone_count_but_hold_nothing),
		cmocka_unit_test(of_many_none_is_lost),
	};

	return cmocka_run_group_tests_name("script_metrics", tests, NULL, NULL);
}
