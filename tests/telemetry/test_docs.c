/* test_docs.c - docs/operating.md lists exactly the metrics and the access log fields that there
 * are. With the argument "print" it prints the table of metrics as it should stand there. */
#include "tests/test.h"

#include <stdlib.h>

#include "core/base/json.h"
#include "core/telemetry/access_line.h"
#include "core/telemetry/trace_counts.h"
#include "core/telemetry/upstream_metrics.h"
#include "core/upstream/describe.h"
#include "tests/telemetry/example.h"

/* The upstream floor is played: it has no service. */
bool upstreams_describe(struct upstreams *world,
			void (*visit)(void *arg, const struct service_row *row), void *arg)
{
	(void)world;
	(void)visit;
	(void)arg;
	return true;
}

static const struct family *family_at(unsigned n)
{
	return n < FAMILY_COUNT ? &families[n] : upstream_metrics_family(n - FAMILY_COUNT);
}

static const char *type_word(const struct family *f)
{
	static const char *const words[] = { "counter", "gauge", "histogram" };

	return words[f->type];
}

static void table_row(const struct family *f, char *at, size_t room)
{
	(void)snprintf(at, room, "| `%s` | %s | %s | %s |", f->name, type_word(f), f->labels,
		       f->help);
}

static struct weir_str page(void)
{
	static char text[1 << 18];
	const char *source = getenv("WEIR_SOURCE");
	char path[512];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/docs/operating.md",
		       source != NULL ? source : SOURCE_DIR);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return str_of(text, n);
}

/* The rows "| `..." of the section under that heading; gives how many, and calls `row` for each. */
static unsigned each_row(const char *heading, void (*row)(struct weir_str line, void *arg),
			 void *arg)
{
	struct weir_str text = page(), line;
	unsigned rows = 0;

	text = str_skip(text, str_find_str(text, str_from(heading)) + strlen(heading));
	while (str_next(&text, '\n', &line) && !str_starts(line, STR("## "))) {
		if (!str_starts(line, STR("| `")))
			continue;
		row(line, arg);
		rows++;
	}
	return rows;
}

/* --- metrics --------------------------------------------------------------------------------- */

static void row_is_a_family(struct weir_str line, void *arg)
{
	char want[512];

	(void)arg;
	for (unsigned i = 0; family_at(i) != NULL; i++) {
		table_row(family_at(i), want, sizeof(want));
		if (str_eq(line, str_from(want)))
			return;
	}
	fail_msg("no metric is described so: %.*s", STR_ARG(line));
}

static void the_page_lists_every_metric_as_it_is(void **state)
{
	unsigned all = 0;

	(void)state;
	while (family_at(all) != NULL)
		all++;
	assert_int_equal(each_row("\n## Metrics\n", row_is_a_family, NULL), all);
}

static uint32_t none(void *arg)
{
	(void)arg;
	return 0;
}

static struct weir_str nobody(void *arg, uint32_t number, char *at, size_t room)
{
	(void)arg;
	(void)number;
	(void)at;
	(void)room;
	return STR_ABSENT;
}

/* Of a floor above: its own story sees them in a running gateway. */
static bool is_of_scripts(const struct family *f)
{
	return strncmp(f->name, "weir_lua_", 9) == 0;
}

static void every_metric_of_the_page_is_printed_once(void **state)
{
	const struct metrics_names names = { nobody, none, NULL };
	const struct metrics_setup setup = { .workers = 1, .listeners = names, .routes = names,
					     .services = names, .version = "0" };
	struct weir_error error = { "" };
	struct metrics *m = metrics_new(&setup, &error);
	struct upstream_metrics services;
	struct trace_counts spans;
	struct buffer out;
	unsigned printed = 0, all = 0, elsewhere = 0;

	(void)state;
	upstream_metrics_init(&services, NULL);
	metrics_add(m, &services.collector);
	trace_counts_init(&spans);
	metrics_add(m, &spans.collector);
	buffer_init(&out, 1 << 20);
	assert_true(metrics_print(m, &out));
	for (; family_at(all) != NULL; all++) {
		char want[128];
		size_t first;

		if (is_of_scripts(family_at(all))) {
			elsewhere++;
			continue;
		}
		(void)snprintf(want, sizeof(want), "# TYPE %s %s\n", family_at(all)->name,
			       type_word(family_at(all)));
		first = str_find_str(buffer_str(&out), str_from(want));
		if (first == buffer_len(&out))
			fail_msg("%s is not printed", family_at(all)->name);
	}
	for (struct weir_str text = buffer_str(&out), line; str_next(&text, '\n', &line);)
		printed += str_starts(line, STR("# TYPE "));

	assert_int_equal(printed, all - elsewhere);
	buffer_fini(&out);
	metrics_free(m);
}

/* --- the access log -------------------------------------------------------------------------- */

/* A line that has every field there is. */
static json_t *full_line(void)
{
	const struct access_rules rules = { .format = ACCESS_JSON };
	static char room[ACCESS_LINE], longer[ACCESS_LINE];
	struct weir_error error = { "" };
	struct record r;

	memset(longer, 'x', sizeof(longer));
	example_record(&r);
	r.identity = STR("spiffe://example/ns/default/dc/a/svc/b");
	r.span_id = STR("00f067aa0ba902b7");
	r.referer = STR("https://example.com/");
	r.why = REASON_UPSTREAM_CUT;
	for (int i = 0; i < RECORD_ATTEMPTS; i++)
		record_add_attempt(&r, &(struct record_attempt){ .endpoint = STR("x") });
	for (int i = 0; i < RECORD_EXTRAS; i++)
		record_add_extra(&r, str_of(&"0123456789abcdef"[i], 1),
				 str_of(longer, sizeof(longer)));
	return json_read(str_of(room, access_line(room, &r, &rules)), ACCESS_LINE, &error);
}

struct fields {
	const json_t *line;
	unsigned of_attempts;
};

/* Field names stand between the first two backquotes. */
static void row_is_a_field(struct weir_str line, void *arg)
{
	struct fields *f = arg;
	struct weir_str name = str_skip(line, 3);
	const json_t *in = f->line;
	char key[64];

	name = str_head(name, str_find(name, '`'));
	if (str_starts(name, STR("attempts[]."))) {
		name = str_skip(name, sizeof("attempts[].") - 1);
		in = NULL;
		f->of_attempts++;
	}
	(void)snprintf(key, sizeof(key), "%.*s", STR_ARG(name));
	for (size_t i = 0; i < 2 && in == NULL; i++) {
		const json_t *one = json_array_get(json_object_get(f->line, "attempts"), i);

		if (json_object_get(one, key) != NULL)
			return;
	}
	if (json_object_get(in, key) == NULL)
		fail_msg("there is no field %s in the access log", key);
}

static void the_page_lists_every_field_of_the_access_log(void **state)
{
	struct fields f = { .line = full_line() };
	unsigned rows;

	(void)state;
	assert_non_null(f.line);
	assert_true(json_is_true(json_object_get(f.line, "cut")));

	rows = each_row("\n## The access log\n", row_is_a_field, &f);
	assert_int_equal(rows - f.of_attempts, json_object_size(f.line));
	assert_int_equal(f.of_attempts, 5);
	json_decref((json_t *)f.line);
}

/* The example of the page is what is really written for such a request. */
static void the_example_of_the_page_is_true(void **state)
{
	const struct access_rules json = { .format = ACCESS_JSON };
	const struct access_rules text = { .format = ACCESS_TEXT };
	struct weir_error error = { "" };
	struct weir_str doc = page();
	char room[ACCESS_LINE];
	json_t *shown, *written;
	struct record r;
	size_t at;

	(void)state;
	example_record(&r);
	written = json_read(str_of(room, access_line(room, &r, &json)), ACCESS_LINE, &error);
	at = str_find_str(doc, STR("```json\n{\"time\"")) + 8;
	doc = str_skip(doc, at);
	shown = json_read(str_head(doc, str_find_str(doc, STR("```"))), ACCESS_LINE, &error);
	if (shown == NULL)
		fail_msg("the example is no JSON: %s", error.text);
	assert_true(json_equal(shown, written));
	json_decref(shown);
	json_decref(written);

	doc = str_of(room, access_line(room, &r, &text));
	assert_true(str_find_str(page(), doc) < page().len);
}

static void print_table(void)
{
	char row[512];

	for (unsigned i = 0; family_at(i) != NULL; i++) {
		table_row(family_at(i), row, sizeof(row));
		puts(row);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_lists_every_metric_as_it_is),
		cmocka_unit_test(every_metric_of_the_page_is_printed_once),
		cmocka_unit_test(the_page_lists_every_field_of_the_access_log),
		cmocka_unit_test(the_example_of_the_page_is_true),
	};

	if (argc > 1 && strcmp(argv[1], "print") == 0) {
		print_table();
		return 0;
	}
	return cmocka_run_group_tests_name("docs", tests, NULL, NULL);
}
