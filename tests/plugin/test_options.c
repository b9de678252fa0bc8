/* test_options.c - option tables of plugins are looked at before they are trusted. */
#include "core/plugin/options.h"
#include "tests/test.h"

static struct weir_error error;

static bool sane(const struct weir_option *table)
{
	error.text[0] = '\0';
	return options_sane(table, &error);
}

#define row(...) ((const struct weir_option[]){ { __VA_ARGS__ }, { 0 } })

#define refused(table, sentence) \
	do { \
		assert_false(sane(table)); \
		assert_string_equal(error.text, sentence); \
	} while (0)

static void good_ones_pass(void **state)
{
	static const char *const choices[] = { "a", "b", NULL };
	static const struct weir_option table[] = {
		{ .name = "text", .type = WEIR_TEXT, .required = true },
		{ .name = "wait", .type = WEIR_DURATION, .fallback = "3s" },
		{ .name = "which", .type = WEIR_CHOICE, .choices = choices, .fallback = "b" },
		{ .name = "many", .type = WEIR_MAP, .of = WEIR_TEMPLATE },
		{ .name = "key", .type = WEIR_KEY, .fallback = "client.ip" },
		{ 0 }
	};

	(void)state;
	assert_true(sane(NULL));
	assert_true(sane(table));
}

static void mistakes_say_which_option(void **state)
{
	(void)state;
	refused(row(.name = "Bad-Name", .type = WEIR_TEXT),
		"its option `Bad-Name` cannot be written: use a-z 0-9 _");
	refused(row(.name = "odd", .type = (enum weir_option_type)77),
		"its option `odd` has a type that there is not (77)");
	refused(row(.name = "core", .type = (enum weir_option_type)107),
		"its option `core` has a type that there is not (107)");
	refused(row(.name = "pick", .type = WEIR_CHOICE),
		"its option `pick` is a choice of nothing; give it .choices");
	refused(row(.name = "box", .type = WEIR_OBJECT),
		"its option `box` is an object without fields; give it .fields");
	refused(row(.name = "boxes", .type = WEIR_MAP, .of = WEIR_OBJECT),
		"its option `boxes` is an object without fields; give it .fields");
	refused(row(.name = "both", .type = WEIR_TEXT, .required = true, .fallback = "x"),
		"its option `both` is required and has a default; choose one");
}

static void a_default_must_be_a_value(void **state)
{
	(void)state;
	assert_false(sane(row(.name = "wait", .type = WEIR_DURATION, .fallback = "3")));
	assert_non_null(strstr(error.text, "the default of its option `wait`: "));
	assert_false(sane(row(.name = "n", .type = WEIR_INTEGER, .min = 1, .max = 5,
			      .fallback = "6")));
}

static void a_name_stands_once(void **state)
{
	static const struct weir_option table[] = {
		{ .name = "a", .type = WEIR_TEXT }, { .name = "a", .type = WEIR_SIZE }, { 0 },
	};

	(void)state;
	refused(table, "its option `a` stands twice in its table");
}

static void mistakes_inside_are_found(void **state)
{
	static const struct weir_option inner[] = { { .name = "pick", .type = WEIR_CHOICE }, { 0 } };

	(void)state;
	refused(row(.name = "box", .type = WEIR_OBJECT, .fields = inner),
		"its option `pick` is a choice of nothing; give it .choices");
}

static struct weir_option ring[] = { { .name = "again", .type = WEIR_OBJECT }, { 0 } };

static void tables_that_never_end_are_refused(void **state)
{
	static struct weir_option endless[OPTIONS_MOST + 2];
	struct arena arena;

	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	for (size_t i = 0; i < OPTIONS_MOST + 2; i++)
		endless[i] = (struct weir_option){ .name = "x", .type = WEIR_TEXT };
	error.text[0] = '\0';
	assert_null(options_today(endless, sizeof(endless[0]), &arena, &error));
	assert_string_equal(error.text, "its option table does not end; end it with an empty row, "
			    "{ 0 }");

	ring[0].fields = ring;
	error.text[0] = '\0';
	assert_null(options_today(ring, sizeof(ring[0]), &arena, &error));
	assert_string_equal(error.text, "its option tables nest deeper than 8");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_pass),
		cmocka_unit_test(mistakes_say_which_option),
		cmocka_unit_test(a_default_must_be_a_value),
		cmocka_unit_test(a_name_stands_once),
		cmocka_unit_test(mistakes_inside_are_found),
		cmocka_unit_test(tables_that_never_end_are_refused),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
