/* test_setup.c - options as a plugin reads them, and what is said of one that asks wrongly. */
#include "core/plugin/setup.h"
#include "core/plugin/window.h"
#include "tests/plugin/written.h"

const struct weir_host *weir_host_slot;

static const char *const colours[] = { "red", "green", NULL };

static const struct weir_option inner[] = {
	{ .name = "deep", .type = WEIR_INTEGER, .fallback = "5" },
	{ .name = "note", .type = WEIR_TEXT },
	{ 0 }
};

static const struct weir_option table[] = {
	{ .name = "text", .type = WEIR_TEXT, .fallback = "hello" },
	{ .name = "absent", .type = WEIR_TEXT },
	{ .name = "colour", .type = WEIR_CHOICE, .choices = colours, .fallback = "green" },
	{ .name = "flag", .type = WEIR_BOOLEAN, .fallback = "true" },
	{ .name = "whole", .type = WEIR_INTEGER, .fallback = "-7" },
	{ .name = "part", .type = WEIR_NUMBER, .fallback = "2.5" },
	{ .name = "wait", .type = WEIR_DURATION, .fallback = "250ms", .none_is_allowed = true },
	{ .name = "size", .type = WEIR_SIZE, .fallback = "64k", .none_is_allowed = true },
	{ .name = "rate", .type = WEIR_RATE, .fallback = "100/s" },
	{ .name = "share", .type = WEIR_SHARE, .fallback = "10%" },
	{ .name = "names", .type = WEIR_HEADER_NAME, .list = true },
	{ .name = "sizes", .type = WEIR_SIZE, .list = true },
	{ .name = "key", .type = WEIR_KEY },
	{ .name = "line", .type = WEIR_TEMPLATE },
	{ .name = "box", .type = WEIR_OBJECT, .fields = inner },
	{ .name = "boxes", .type = WEIR_OBJECT, .fields = inner, .list = true },
	{ .name = "map", .type = WEIR_MAP, .of = WEIR_TEXT },
	{ .name = "shelf", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = inner },
	{ 0 }
};

static struct written written;
static struct setup_life life;
static struct weir_setup setup;

/* What the language of keys would make of it: here, the words themselves. */
static const struct weir_key *compile_key(struct arena *arena, const struct weir_str *parts,
					  uint32_t count, struct weir_error *error)
{
	struct weir_str joined = arena_join(arena, parts, count);

	if (str_eq(joined, STR("host")))
		return weir_fail(error, "no key like this here"), NULL;
	return (const struct weir_key *)(const void *)text_copy(arena, joined).data;
}

static const struct weir_template *compile_text(struct arena *arena, struct weir_str text,
						struct weir_error *error)
{
	(void)error;
	return (const struct weir_template *)(const void *)text_copy(arena, text).data;
}

static const struct setup_compiler compiler = { compile_key, compile_text };

static void begin(const char *text)
{
	weir_host_slot = window_table();
	written_read(&written, table, text);
	life = (struct setup_life){ .arena = &written.arena, .compiler = &compiler,
				    .place = STR("weir.yaml:7:3") };
	setup = (struct weir_setup){ written.values, &life };
}

static void end(void)
{
	written_end(&written);
}

static void what_is_not_given_has_its_default(void **state)
{
	(void)state;
	begin("{}");
	assert_str(weir_option_text(&setup, "text"), "hello");
	assert_false(weir_option_given(&setup, "text"));
	assert_str(weir_option_text(&setup, "colour"), "green");
	assert_true(weir_option_boolean(&setup, "flag"));
	assert_int_equal(weir_option_integer(&setup, "whole"), -7);
	assert_true(weir_option_number(&setup, "part") == 2.5);
	assert_int_equal(weir_option_duration(&setup, "wait"), 250000000);
	assert_int_equal(weir_option_size(&setup, "size"), 65536);
	assert_true(weir_option_rate(&setup, "rate") == 100);
	assert_true(weir_option_share(&setup, "share") > 0.0999 &&
		    weir_option_share(&setup, "share") < 0.1001);
	assert_string_equal(life.mistake.text, "");
	end();
}

static void what_is_absent_reads_as_nothing(void **state)
{
	(void)state;
	begin("{}");
	assert_false(weir_str_present(weir_option_text(&setup, "absent")));
	assert_int_equal(weir_option_count(&setup, "names"), 0);
	assert_int_equal(weir_option_count(&setup, "map"), 0);
	assert_null(weir_option_object(&setup, "box"));
	assert_null(weir_option_object_at(&setup, "boxes", 3));
	assert_null(weir_option_key(&setup, "key"));
	assert_null(weir_option_template(&setup, "line"));
	assert_string_equal(life.mistake.text, "");
	end();
}

static void what_is_given_is_read(void **state)
{
	(void)state;
	begin("{text: '', flag: false, wait: none, size: none}");
	assert_true(weir_option_given(&setup, "text"));
	assert_true(weir_str_present(weir_option_text(&setup, "text")));
	assert_int_equal(weir_option_text(&setup, "text").len, 0);
	assert_false(weir_option_boolean(&setup, "flag"));
	assert_true(weir_option_duration(&setup, "wait") == UINT64_MAX);
	assert_true(weir_option_size(&setup, "size") == UINT64_MAX);
	end();
}

static void lists_and_maps_are_walked_in_order(void **state)
{
	(void)state;
	begin("{names: [X-B, x-a], sizes: 1k, map: {z: one, a: two}}");
	assert_int_equal(weir_option_count(&setup, "names"), 2);
	assert_str(weir_option_text_at(&setup, "names", 0), "x-b");
	assert_str(weir_option_text_at(&setup, "names", 1), "x-a");
	assert_false(weir_str_present(weir_option_text_at(&setup, "names", 2)));
	assert_int_equal(weir_option_count(&setup, "sizes"), 1);
	assert_int_equal(weir_option_integer_at(&setup, "sizes", 0), 1024);
	assert_str(weir_option_key_at(&setup, "map", 0), "z");
	assert_str(weir_option_text_at(&setup, "map", 1), "two");
	assert_false(weir_str_present(weir_option_key_at(&setup, "map", 2)));
	end();
}

static void objects_are_setups_of_their_own(void **state)
{
	const struct weir_setup *box;

	(void)state;
	begin("{box: {note: hi}, boxes: [{deep: 1}, {deep: 2}], shelf: {top: {deep: 9}}}");
	box = weir_option_object(&setup, "box");
	assert_non_null(box);
	assert_str(weir_option_text(box, "note"), "hi");
	assert_int_equal(weir_option_integer(box, "deep"), 5);
	assert_int_equal(weir_option_integer(weir_option_object_at(&setup, "boxes", 1), "deep"), 2);
	assert_str(weir_option_key_at(&setup, "shelf", 0), "top");
	assert_int_equal(weir_option_integer(weir_option_object_at(&setup, "shelf", 0), "deep"), 9);
	end();
}

static void keys_and_templates_come_compiled(void **state)
{
	(void)state;
	begin("{key: [client.ip, header.x-user], line: 'a {code}'}");
	assert_string_equal((const char *)weir_option_key(&setup, "key"),
			    "client.ipheader.x-user");
	assert_string_equal((const char *)weir_option_template(&setup, "line"), "a {code}");
	assert_int_equal(weir_option_count(&setup, "key"), 2);
	assert_str(weir_option_text_at(&setup, "key", 1), "header.x-user");
	end();

	begin("{key: host}");
	assert_null(weir_option_key(&setup, "key"));
	assert_string_equal(life.mistake.text, "no key like this here");
	life.compiler = NULL;
	assert_null(weir_option_key(&setup, "key"));
	end();
}

static void places_are_where_it_is_written(void **state)
{
	(void)state;
	begin("text: hi\nsize: 1k\n");
	assert_str(weir_setup_place(&setup, NULL), "weir.yaml:7:3");
	assert_str(weir_setup_place(&setup, "size"), "weir.yaml:2:7");
	assert_str(weir_setup_place(&setup, "flag"), "weir.yaml:7:3");
	end();
}

static void a_name_that_is_not_there_is_the_plugins_mistake(void **state)
{
	(void)state;
	begin("{}");
	assert_false(weir_str_present(weir_option_text(&setup, "txet")));
	assert_string_equal(life.mistake.text, "it asks for its option `txet`, which its table does "
			    "not have; that is a mistake of the plugin");
	assert_int_equal(weir_option_count(&setup, "nothing"), 0);
	assert_false(weir_option_given(&setup, "nothing"));
	end();
}

static void another_type_is_the_plugins_mistake(void **state)
{
	(void)state;
	begin("{}");
	assert_int_equal(weir_option_integer(&setup, "text"), 0);
	assert_string_equal(life.mistake.text, "it asks for its option `text`, but as another type "
			    "than its table says; that is a mistake of the plugin");
	end();
	begin("{}");
	assert_false(weir_str_present(weir_option_key_at(&setup, "names", 0)));
	assert_non_null(strstr(life.mistake.text, "but as a map, which it is not"));
	end();
	begin("{}");
	assert_true(weir_option_number(&setup, "whole") == 0);
	assert_non_null(strstr(life.mistake.text, "`whole`"));
	end();
}

static void one_without_a_table_has_no_options(void **state)
{
	(void)state;
	begin("{}");
	setup.values = NULL;
	assert_false(weir_str_present(weir_option_text(&setup, "text")));
	assert_non_null(strstr(life.mistake.text, "which its table does not have"));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_default),
		cmocka_unit_test(what_is_absent_reads_as_nothing),
		cmocka_unit_test(what_is_given_is_read),
		cmocka_unit_test(lists_and_maps_are_walked_in_order),
		cmocka_unit_test(objects_are_setups_of_their_own),
		cmocka_unit_test(keys_and_templates_come_compiled),
		cmocka_unit_test(places_are_where_it_is_written),
		cmocka_unit_test(a_name_that_is_not_there_is_the_plugins_mistake),
		cmocka_unit_test(another_type_is_the_plugins_mistake),
		cmocka_unit_test(one_without_a_table_has_no_options),
	};

	return cmocka_run_group_tests_name("setup", tests, NULL, NULL);
}
