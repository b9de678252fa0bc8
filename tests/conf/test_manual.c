/* test_manual.c - the reference that is printed from the tables. */
#include <stdlib.h>

#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/conf/manual.h"
#include "core/conf/source.h"
#include "core/conf/tables.h"

static const struct weir_option inner[] = {
	{ .name = "head", .type = WEIR_DURATION, .fallback = "30s", .bare = true,
	  .about = "until the head" },
	{ 0 }
};

static const struct weir_option options[] = {
	{ .name = "rate", .type = WEIR_RATE, .required = true, .about = ".how | many\\" },
	{ .name = "timeout", .type = WEIR_OBJECT, .fields = inner, .about = "time" },
	{ .name = "timeouts", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = inner },
	{ 0 }
};

static void assert_printed(enum manual_form form, const char *want)
{
	struct buffer out;

	buffer_init(&out, 1 << 20);
	assert_true(manual_of_table(&out, form, "limit", options));
	assert_str(buffer_str(&out), want);
	buffer_fini(&out);
}

static void in_markdown_each_table_is_a_table(void **state)
{
	(void)state;
	assert_printed(MANUAL_MARKDOWN,
		       "\n## `limit`\n\n"
		       "| key | what it may be | default | |\n|---|---|---|---|\n"
		       "| `rate` | a rate such as 100/s or 10/m | required | .how \\| many\\ |\n"
		       "| `timeout` | a map, see limit.timeout |  | time; a bare value is `head` "
		       "|\n"
		       "| `timeouts` | a map of names; each is a map, see limit.timeout |  | a "
		       "bare value is `head` |\n"
		       "\n## `limit.timeout`\n\n"
		       "| key | what it may be | default | |\n|---|---|---|---|\n"
		       "| `head` | a duration such as 250ms, 3s or 1m | 30s | until the head |\n");
}

static void for_man_nothing_is_taken_for_a_request(void **state)
{
	(void)state;
	assert_printed(MANUAL_MAN,
		       ".SH \"limit\"\n"
		       ".TP\n.B rate\n\\&.how | many\\e.\n.br\nIt is a rate such as 100/s or 10/m; "
		       "required.\n"
		       ".TP\n.B timeout\ntime; a bare value is \"head\".\n.br\nIt is a map, see "
		       "limit.timeout.\n"
		       ".TP\n.B timeouts\na bare value is \"head\".\n.br\nIt is a map of names; "
		       "each is a map, see limit.timeout.\n"
		       ".SH \"limit.timeout\"\n"
		       ".TP\n.B head\nuntil the head.\n.br\nIt is a duration such as 250ms, 3s or "
		       "1m; default 30s.\n");
}

static void assert_every_row_has_words(const struct weir_option *table, int depth)
{
	for (const struct weir_option *row = table; row->name != NULL; row++) {
		if (row->about == NULL || row->about[0] == '\0')
			fail_msg("%s has no words", row->name);
		if (row->fields != NULL && depth < 8)
			assert_every_row_has_words(row->fields, depth + 1);
	}
}

static void every_key_of_the_configuration_is_explained(void **state)
{
	struct buffer out;

	(void)state;
	assert_every_row_has_words(conf_options, 0);
	buffer_init(&out, 1 << 20);
	assert_true(manual_of_configuration(&out, MANUAL_MARKDOWN));
	assert_true(str_find_str(buffer_str(&out), STR("\n## `services.NAME.eject`\n")) <
		    buffer_len(&out));
	assert_true(str_find_str(buffer_str(&out), STR("| `per_try` |")) < buffer_len(&out));
	buffer_fini(&out);
}

static void the_reference_in_docs_is_what_the_program_prints(void **state)
{
	const char *source = getenv("WEIR_SOURCE");
	struct weir_error error = { "" };
	struct weir_str page;
	struct arena arena;
	struct buffer out;
	char path[1024];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/docs/config/reference.md",
		       source != NULL ? source : ".");
	arena_init(&arena, NULL, 1 << 22);
	buffer_init(&out, 1 << 20);
	assert_true(source_read(&arena, path, 1 << 20, true, &page, &error));
	assert_true(manual_of_configuration(&out, MANUAL_MARKDOWN));
	if (!str_eq(buffer_str(&out), page))
		fail_msg("the tables have changed; run: weir manual > docs/config/reference.md");
	buffer_fini(&out);
	arena_reset(&arena);
}

static void a_page_that_does_not_fit_is_refused(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out, 100);
	assert_false(manual_of_configuration(&out, MANUAL_MAN));
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_markdown_each_table_is_a_table),
		cmocka_unit_test(for_man_nothing_is_taken_for_a_request),
		cmocka_unit_test(every_key_of_the_configuration_is_explained),
		cmocka_unit_test(the_reference_in_docs_is_what_the_program_prints),
		cmocka_unit_test(a_page_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
