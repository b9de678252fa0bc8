/* test_option.c - a tree is checked against a table; every fault is told, with its place. */
#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/conf/diagnostic.h"
#include "core/conf/option.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct weir_option inner[] = {
	{ .name = "head", .type = WEIR_DURATION, .fallback = "30s", .bare = true },
	{ .name = "all", .type = WEIR_DURATION },
	{ 0 }
};

static const struct weir_option person[] = {
	{ .name = "name", .type = WEIR_TEXT, .required = true, .bare = true },
	{ .name = "age", .type = WEIR_INTEGER, .fallback = "18" },
	{ 0 }
};

static const struct weir_option table[] = {
	{ .name = "text", .type = WEIR_TEXT },
	{ .name = "colour", .type = WEIR_CHOICE, .choices = colours, .fallback = "red" },
	{ .name = "flag", .type = WEIR_BOOLEAN, .fallback = "true" },
	{ .name = "words", .type = WEIR_TEXT, .list = true, .fallback = "[a, b]" },
	{ .name = "timeout", .type = WEIR_OBJECT, .fields = inner, .fallback = "{}" },
	{ .name = "retry", .type = WEIR_OBJECT, .fields = inner },
	{ .name = "people", .type = WEIR_OBJECT, .list = true, .fields = person },
	{ .name = "by_name", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = person },
	{ .name = "weights", .type = WEIR_MAP, .of = WEIR_INTEGER, .keys = WEIR_HEADER_NAME },
	{ .name = "key", .type = WEIR_KEY },
	{ .name = "header", .type = WEIR_HEADER_NAME },
	{ .name = "path", .type = WEIR_PATH },
	{ .name = "secret", .type = WEIR_SECRET },
	{ .name = "tls", .type = CONF_LATER, .about = "TLS here" },
	{ 0 }
};

struct checked {
	struct arena arena;
	struct diagnostics d;
	struct check check;
	const struct conf_values *v;
	struct buffer said;
};

static const struct conf_values *values_of(struct checked *c, const char *yaml,
					   const struct conf_values *under, bool partial)
{
	struct node *root = NULL;

	assert_true(tree_read(&c->arena, "dir/t", str_from(yaml), &tree_limits_usual, &c->d,
			      &root));
	return check_table(&c->check, table, root, under, root->place, partial);
}

static struct checked *begin(void)
{
	static struct checked c;

	c = (struct checked){ 0 };
	arena_init(&c.arena, NULL, 1 << 24);
	diagnostics_init(&c.d);
	buffer_init(&c.said, 1 << 20);
	c.check = (struct check){ .arena = &c.arena, .out = &c.d };
	return &c;
}

static struct checked *check(const char *yaml)
{
	struct checked *c = begin();

	c->v = values_of(c, yaml, NULL, false);
	assert_non_null(c->v);
	return c;
}

static void done(struct checked *c)
{
	arena_reset(&c->arena);
	diagnostics_fini(&c->d);
	buffer_fini(&c->said);
}

static void assert_refused(const char *yaml, const char *lines)
{
	struct checked *c = check(yaml);

	assert_true(diagnostics_print(&c->d, &c->said));
	assert_str(buffer_str(&c->said), lines);
	done(c);
}

static void defaults_are_there_and_not_given(void **state)
{
	struct checked *c = check("{}");
	const struct conf_value *words;
	uint32_t count;

	(void)state;
	assert_true(diagnostics_fine(&c->d));
	assert_str(conf_text(c->v, "colour"), "red");
	assert_true(conf_boolean(c->v, "flag"));
	assert_false(conf_given(c->v, "flag"));
	words = conf_items(c->v, "words", &count);
	assert_int_equal(count, 2);
	assert_str(words[1].text, "b");
	assert_true(conf_duration(conf_object(c->v, "timeout"), "head") == 30 * NS_PER_S);
	assert_null(conf_object(c->v, "retry"));
	assert_null(conf_text(c->v, "text").data);
	done(c);
}

static void what_is_given_knows_its_place(void **state)
{
	struct checked *c = check("text: 5\nflag: false\n");

	(void)state;
	assert_str(conf_text(c->v, "text"), "5");
	assert_true(conf_given(c->v, "flag"));
	assert_false(conf_boolean(c->v, "flag"));
	assert_int_equal(conf_place(c->v, "flag").line, 2);
	assert_int_equal(conf_place(c->v, "flag").column, 7);
	assert_int_equal(conf_place(c->v, "colour").line, 1);
	done(c);
}

static void a_single_value_stands_for_a_list_of_one(void **state)
{
	struct checked *c = check("{words: x, key: client.ip, people: {name: a}}");
	uint32_t count;

	(void)state;
	assert_str(conf_items(c->v, "words", &count)[0].text, "x");
	assert_int_equal(count, 1);
	assert_str(conf_items(c->v, "key", &count)[0].text, "client.ip");
	assert_int_equal(count, 1);
	(void)conf_items(c->v, "people", &count);
	assert_int_equal(count, 1);
	done(c);
}

static void a_bare_value_stands_for_a_map(void **state)
{
	struct checked *c = check("{timeout: 3s, people: [ann, {name: bob, age: 7}], by_name: {x: "
				  "eve}}");
	const struct conf_value *people;
	uint32_t count;

	(void)state;
	assert_true(diagnostics_fine(&c->d));
	assert_true(conf_duration(conf_object(c->v, "timeout"), "head") == 3 * NS_PER_S);
	people = conf_items(c->v, "people", &count);
	assert_str(conf_text(people[0].object, "name"), "ann");
	assert_int_equal(conf_integer(people[0].object, "age"), 18);
	assert_int_equal(conf_integer(people[1].object, "age"), 7);
	assert_str(conf_text(conf_entries(c->v, "by_name", &count)[0].value.object, "name"), "eve");
	done(c);
}

static void unknown_keys_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	assert_refused("{colur: red}", "dir/t:1:2: unknown key \"colur\"; did you mean "
		       "\"colour\"?\n");
	assert_refused("timeout: {hed: 3s}\n",
		       "dir/t:1:11: unknown key \"hed\"; did you mean \"head\"?\n");
	assert_refused("timeout: {xyz: 3s}\n",
		       "dir/t:1:11: unknown key \"xyz\"; expected one of head, all\n");
}

static void every_fault_is_told_not_the_first(void **state)
{
	(void)state;
	assert_refused("flag: yes\nwords: [a, {b: c}]\ntimeout: 3\npeople: [{age: old}]\n",
		       "dir/t:1:7: flag: \"yes\" is neither true nor false; write true or false\n"
		       "dir/t:2:12: words: expected text, got a map; quote this value if it is "
		       "meant as text\n"
		       "dir/t:3:10: timeout: \"3\" has no unit; write 3s for example\n"
		       "dir/t:4:16: age: \"old\" is not a whole number\n"
		       "dir/t:4:10: \"name\" is missing; expected text\n");
}

static void kinds_that_do_not_fit_say_what_was_expected(void **state)
{
	(void)state;
	assert_refused("text: [a]\n", "dir/t:1:7: text: expected text, got a list\n");
	assert_refused("text:\n", "dir/t:1:6: text: has no value; expected text\n");
	assert_refused("retry: [1s]\n", "dir/t:1:8: retry: expected a map of head, all, got a list\n");
	assert_refused("by_name: ann\n", "dir/t:1:10: by_name: expected a map, got text\n");
	assert_refused("people: [[a]]\n", "dir/t:1:10: expected a map of name, age, got a list\n");
	assert_refused("retry:\n", "dir/t:1:7: retry: expected a map of head, all, got nothing\n");
}

static void an_empty_text_is_quoted(void **state)
{
	struct checked *c = check("text: ''");

	(void)state;
	assert_true(diagnostics_fine(&c->d));
	assert_true(conf_text(c->v, "text").data != NULL);
	assert_int_equal(conf_text(c->v, "text").len, 0);
	done(c);
}

static void keys_of_maps_have_a_shape(void **state)
{
	struct checked *c = check("weights: {X-User: 1}");
	uint32_t count;

	(void)state;
	assert_str(conf_entries(c->v, "weights", &count)[0].key, "x-user");
	done(c);
	assert_refused("weights: {\"a b\": 1}\n",
		       "dir/t:1:11: weights: \"a b\" is no header name; expected one such as "
		       "x-user\n");
}

static void texts_are_settled(void **state)
{
	struct checked *c = check("{header: X-User, path: a/b, secret: s3cret}");

	(void)state;
	assert_str(conf_text(c->v, "header"), "x-user");
	assert_str(conf_text(c->v, "path"), "dir/a/b");
	assert_true(conf_get(c->v, "secret")->secret);
	assert_int_equal(conf_text(c->v, "path").data[7], '\0');
	done(c);
}

static void what_comes_later_is_refused_now(void **state)
{
	struct checked *c = check("tls: false");

	(void)state;
	assert_true(diagnostics_fine(&c->d));
	done(c);
	assert_refused("text: a\ntls: {cert: x}\n",
		       "dir/t:2:1: tls: TLS here is not in this version; remove it\n");
}

static void what_lies_under_fills_in_key_by_key(void **state)
{
	struct checked *c = begin();
	const struct conf_values *under, *v;

	(void)state;
	under = values_of(c, "{timeout: {all: 9s}, retry: {head: 2s}, colour: green, weights: {a: "
			  "1, b: 2}}",
			  NULL, true);
	v = values_of(c, "{timeout: {head: 1s}, weights: {b: 3}}", under, false);
	assert_true(diagnostics_fine(&c->d));
	assert_true(conf_duration(conf_object(v, "timeout"), "head") == NS_PER_S);
	assert_true(conf_duration(conf_object(v, "timeout"), "all") == 9 * NS_PER_S);
	assert_true(conf_duration(conf_object(v, "retry"), "head") == 2 * NS_PER_S);
	assert_str(conf_text(v, "colour"), "green");
	assert_true(conf_given(v, "colour"));
	assert_int_equal(conf_get(v, "weights")->count, 2);
	assert_int_equal(conf_get(v, "weights")->entries[0].value.integer, 3);
	assert_str(conf_get(v, "weights")->entries[1].key, "a");
	done(c);
}

static void a_bare_value_hides_only_its_own_key(void **state)
{
	struct checked *c = begin();
	const struct conf_values *under, *v;

	(void)state;
	under = values_of(c, "{timeout: {head: 5s, all: 9s}}", NULL, true);
	v = values_of(c, "{timeout: 1s}", under, false);
	assert_true(conf_duration(conf_object(v, "timeout"), "head") == NS_PER_S);
	assert_true(conf_duration(conf_object(v, "timeout"), "all") == 9 * NS_PER_S);
	done(c);
}

static void what_is_partial_needs_nothing_and_adds_nothing(void **state)
{
	struct checked *c = begin();

	(void)state;
	c->v = values_of(c, "{timeout: {all: 9s}}", NULL, true);
	assert_true(diagnostics_fine(&c->d));
	assert_null(conf_get(c->v, "colour"));
	assert_null(conf_get(conf_object(c->v, "timeout"), "head"));
	done(c);
}

static void defaults_that_are_faulty_are_told(void **state)
{
	static const struct weir_option broken[] = {
		{ .name = "n", .type = WEIR_INTEGER, .fallback = "many" }, { 0 }
	};
	struct checked *c = begin();

	(void)state;
	(void)check_table(&c->check, broken, NULL, NULL, (struct place){ 0 }, false);
	assert_false(diagnostics_fine(&c->d));
	assert_string_equal(c->d.items[0].text, "n: \"many\" is not a whole number");
	done(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_there_and_not_given),
		cmocka_unit_test(what_is_given_knows_its_place),
		cmocka_unit_test(a_single_value_stands_for_a_list_of_one),
		cmocka_unit_test(a_bare_value_stands_for_a_map),
		cmocka_unit_test(unknown_keys_are_refused_with_a_suggestion),
		cmocka_unit_test(every_fault_is_told_not_the_first),
		cmocka_unit_test(kinds_that_do_not_fit_say_what_was_expected),
		cmocka_unit_test(an_empty_text_is_quoted),
		cmocka_unit_test(keys_of_maps_have_a_shape),
		cmocka_unit_test(texts_are_settled),
		cmocka_unit_test(what_comes_later_is_refused_now),
		cmocka_unit_test(what_lies_under_fills_in_key_by_key),
		cmocka_unit_test(a_bare_value_hides_only_its_own_key),
		cmocka_unit_test(what_is_partial_needs_nothing_and_adds_nothing),
		cmocka_unit_test(defaults_that_are_faulty_are_told),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
