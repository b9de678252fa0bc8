/* test_diagnostic.c - findings are collected, ordered, bounded and printed. */
#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/conf/diagnostic.h"

static struct place at(const char *file, uint32_t line, uint32_t column)
{
	return (struct place){ file, line, column };
}

static void assert_printed(const struct diagnostics *d, const char *want)
{
	struct buffer out;

	buffer_init(&out, 1 << 20);
	assert_true(diagnostics_print(d, &out));
	assert_str(buffer_str(&out), want);
	buffer_fini(&out);
}

static void each_finding_is_a_line_with_its_place(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	assert_false(diagnose(&d, at("a.yaml", 3, 7), "%s is wrong; expected %d", "this", 5));
	diagnose_warning(&d, at("a.yaml", 4, 1), "odd");
	assert_false(diagnose(&d, at("b.yaml", 0, 0), "cannot be read"));

	assert_printed(&d, "a.yaml:3:7: this is wrong; expected 5\n"
			   "a.yaml:4:1: warning: odd\n"
			   "b.yaml: cannot be read\n");
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.warnings, 1);
	assert_false(diagnostics_fine(&d));
	diagnostics_fini(&d);
}

static void warnings_alone_are_fine(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	diagnose_warning(&d, at("a", 1, 1), "odd");
	assert_true(diagnostics_fine(&d));
	diagnostics_fini(&d);
}

static void a_hundred_are_kept_and_the_rest_is_counted(void **state)
{
	struct diagnostics d;
	struct buffer out;

	(void)state;
	diagnostics_init(&d);
	for (uint32_t i = 0; i < 150; i++)
		diagnose(&d, at("a", i + 1, 1), "wrong");
	assert_int_equal(d.count, DIAGNOSTICS_MOST);
	assert_int_equal(d.errors, 150);

	buffer_init(&out, 1 << 20);
	assert_true(diagnostics_print(&d, &out));
	assert_true(str_ends(buffer_str(&out), STR("\n... and 50 more\n")));
	buffer_fini(&out);
	diagnostics_fini(&d);
}

static void the_same_finding_is_kept_once(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	diagnose(&d, at("a", 1, 1), "wrong");
	diagnose(&d, at("a", 1, 1), "wrong");
	diagnose(&d, at("a", 1, 2), "wrong");
	assert_int_equal(d.errors, 2);
	diagnostics_fini(&d);
}

static void sorting_keeps_files_together_and_lines_in_order(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	diagnose(&d, at("main", 9, 1), "five");
	diagnose(&d, at("part", 2, 2), "seven");
	diagnose(&d, at("main", 2, 5), "two");
	diagnose(&d, at("main", 2, 5), "three");
	diagnose(&d, at("main", 2, 1), "one");
	diagnose(&d, at("part", 1, 1), "six");
	diagnostics_sort(&d);
	assert_printed(&d, "main:2:1: one\nmain:2:5: two\nmain:2:5: three\nmain:9:1: five\n"
			   "part:1:1: six\npart:2:2: seven\n");
	diagnostics_fini(&d);
}

static void they_outlive_the_words_they_were_made_of(void **state)
{
	char file[] = "gone.yaml", word[] = "gone";
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	diagnose(&d, at(file, 1, 1), "%s", word);
	memset(file, 'x', sizeof(file) - 1);
	memset(word, 'x', sizeof(word) - 1);
	assert_printed(&d, "gone.yaml:1:1: gone\n");
	diagnostics_fini(&d);
}

static void a_finding_is_one_line_whatever_it_quotes(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	diagnose(&d, at("a", 1, 1), "%s", "x\n2026 forged\x1b[2J");
	assert_printed(&d, "a:1:1: x?2026 forged?[2J\n");
	diagnostics_fini(&d);
}

static void want_of_memory_is_an_error_told_once(void **state)
{
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);
	assert_false(diagnose_memory(&d));
	assert_false(diagnose_memory(&d));
	assert_int_equal(d.errors, 1);
	assert_printed(&d, "out of memory\n");
	diagnostics_fini(&d);
}

static void as_json_they_have_the_same_parts(void **state)
{
	struct diagnostics d;
	struct buffer out;

	(void)state;
	diagnostics_init(&d);
	buffer_init(&out, 1 << 20);
	diagnose(&d, at("a.yaml", 3, 7), "say \"so\"");
	diagnose_warning(&d, at(NULL, 0, 0), "odd");

	assert_true(diagnostics_json(&d, &out));
	assert_str(buffer_str(&out),
		   "{\n"
		   "  \"diagnostics\": [\n"
		   "    {\n"
		   "      \"severity\": \"error\",\n"
		   "      \"file\": \"a.yaml\",\n"
		   "      \"line\": 3,\n"
		   "      \"column\": 7,\n"
		   "      \"text\": \"say \\\"so\\\"\"\n"
		   "    },\n"
		   "    {\n"
		   "      \"severity\": \"warning\",\n"
		   "      \"text\": \"odd\"\n"
		   "    }\n"
		   "  ],\n"
		   "  \"errors\": 1,\n"
		   "  \"warnings\": 1\n"
		   "}\n");
	buffer_fini(&out);
	diagnostics_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_finding_is_a_line_with_its_place),
		cmocka_unit_test(warnings_alone_are_fine),
		cmocka_unit_test(a_hundred_are_kept_and_the_rest_is_counted),
		cmocka_unit_test(the_same_finding_is_kept_once),
		cmocka_unit_test(sorting_keeps_files_together_and_lines_in_order),
		cmocka_unit_test(they_outlive_the_words_they_were_made_of),
		cmocka_unit_test(a_finding_is_one_line_whatever_it_quotes),
		cmocka_unit_test(want_of_memory_is_an_error_told_once),
		cmocka_unit_test(as_json_they_have_the_same_parts),
	};

	return cmocka_run_group_tests_name("diagnostic", tests, NULL, NULL);
}
