/* test_copy.c - options that outlive their configuration, and whether two say the same. */
#include "core/conf/copy.h"
#include "core/conf/diagnostic.h"
#include "core/conf/option.h"
#include "tests/test.h"

static const struct weir_option inner[] = {
	{ .name = "deep", .type = WEIR_INTEGER, .fallback = "5" },
	{ .name = "note", .type = WEIR_TEXT },
	{ 0 }
};

static const struct weir_option table[] = {
	{ .name = "text", .type = WEIR_TEXT },
	{ .name = "wait", .type = WEIR_DURATION, .fallback = "3s", .none_is_allowed = true },
	{ .name = "flag", .type = WEIR_BOOLEAN, .fallback = "false" },
	{ .name = "list", .type = WEIR_TEXT, .list = true },
	{ .name = "key", .type = WEIR_KEY },
	{ .name = "box", .type = WEIR_OBJECT, .fields = inner },
	{ .name = "map", .type = WEIR_MAP, .of = WEIR_TEXT },
	{ .name = "shelf", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = inner },
	{ 0 }
};

static const char all[] =
	"{text: hi, wait: 1m, flag: true, list: [a, b], key: [client.ip, host],"
	" box: {note: in}, map: {k: v}, shelf: {top: {deep: 9}}}";

static const struct conf_values *read_text(struct arena *arena, const char *text)
{
	struct diagnostics d;
	struct check check = { .arena = arena, .out = &d };
	const struct conf_values *values;
	struct node *tree = NULL;

	diagnostics_init(&d);
	assert_true(tree_read(arena, "weir.yaml", str_from(text), &tree_limits_usual, &d, &tree));
	values = check_table(&check, table, tree, NULL, (struct place){ "weir.yaml", 1, 1 }, false);
	assert_true(diagnostics_fine(&d));
	diagnostics_fini(&d);
	return values;
}

static void a_copy_outlives_what_it_was_made_of(void **state)
{
	struct arena arena, own;
	const struct conf_values *copy;
	uint32_t count;

	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	arena_init(&own, NULL, 1 << 20);
	copy = values_copy(&own, read_text(&arena, all));
	arena_reset(&arena);

	assert_non_null(copy);
	assert_str(conf_text(copy, "text"), "hi");
	assert_true(conf_given(copy, "text"));
	assert_int_equal(conf_duration(copy, "wait"), 60000000000);
	assert_true(conf_boolean(copy, "flag"));
	assert_str(conf_items(copy, "list", &count)[1].text, "b");
	assert_str(conf_items(copy, "key", &count)[0].text, "client.ip");
	assert_int_equal(count, 2);
	assert_str(conf_text(conf_object(copy, "box"), "note"), "in");
	assert_int_equal(conf_integer(conf_object(copy, "box"), "deep"), 5);
	assert_str(conf_entries(copy, "map", &count)[0].key, "k");
	assert_int_equal(conf_integer(conf_entries(copy, "shelf", &count)[0].value.object, "deep"),
			 9);
	assert_string_equal(conf_place(copy, "text").file, "weir.yaml");
	arena_reset(&own);
}

static void the_same_written_otherwise_is_the_same(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	assert_true(values_same(read_text(&arena, all), read_text(&arena, all)));
	assert_true(values_same(read_text(&arena, "{wait: 60s, list: [x]}"),
				read_text(&arena, "# moved\n\nlist: x\nwait: 1m\n")));
	assert_true(values_same(NULL, NULL));
	assert_false(values_same(NULL, read_text(&arena, all)));
	arena_reset(&arena);
}

static void any_difference_is_one(void **state)
{
	static const char *const others[] = {
		"{}", "{text: ''}", "{text: ho}", "{wait: 3s}", "{wait: none}", "{flag: true}",
		"{list: []}", "{list: [a]}", "{list: [a, b]}", "{key: host}", "{box: {}}",
		"{box: {deep: 6}}", "{map: {k: v}}", "{map: {k: w}}", "{map: {l: v}}",
		"{shelf: {a: {deep: 1}}}", "{shelf: {a: {deep: 2}}}",
	};
	enum { COUNT = sizeof(others) / sizeof(others[0]) };
	const struct conf_values *read[COUNT];
	struct arena arena;

	(void)state;
	arena_init(&arena, NULL, 4 << 20);
	for (int i = 0; i < COUNT; i++)
		read[i] = read_text(&arena, others[i]);
	for (int i = 0; i < COUNT; i++)
		for (int k = 0; k < COUNT; k++)
			if (values_same(read[i], read[k]) != (i == k))
				fail_msg("%s and %s", others[i], others[k]);
	arena_reset(&arena);
}

static void without_memory_there_is_no_copy(void **state)
{
	struct arena arena, own;
	const struct conf_values *values;
	bool copied = false;

	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	values = read_text(&arena, all);
	for (size_t room = 0; !copied; room += ARENA_CHUNK) {
		arena_init(&own, NULL, room);
		copied = values_copy(&own, values) != NULL;
		arena_reset(&own);
		assert_true(room < 1 << 20);
	}
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_outlives_what_it_was_made_of),
		cmocka_unit_test(the_same_written_otherwise_is_the_same),
		cmocka_unit_test(any_difference_is_one),
		cmocka_unit_test(without_memory_there_is_no_copy),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
