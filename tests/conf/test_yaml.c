/* test_yaml.c - YAML becomes nodes that know their places, or a sentence. */
#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/conf/diagnostic.h"
#include "core/conf/tree.h"

struct reading {
	struct arena arena;
	struct diagnostics d;
	struct node *root;
	bool fine;
};

static struct reading read_within(struct weir_str yaml, const struct tree_limits *limits)
{
	struct reading r = { .root = NULL };

	arena_init(&r.arena, NULL, (size_t)1 << 30);
	diagnostics_init(&r.d);
	r.fine = tree_read(&r.arena, "t.yaml", yaml, limits, &r.d, &r.root);
	return r;
}

static struct reading parse(const char *yaml)
{
	return read_within(str_from(yaml), &tree_limits_usual);
}

static void done(struct reading *r)
{
	arena_reset(&r->arena);
	diagnostics_fini(&r->d);
}

static void assert_refused(const char *yaml, const char *lines)
{
	struct reading r = parse(yaml);
	struct buffer out;

	buffer_init(&out, 1 << 20);
	assert_false(r.fine);
	assert_true(diagnostics_print(&r.d, &out));
	assert_str(buffer_str(&out), lines);
	buffer_fini(&out);
	done(&r);
}

static void assert_place(struct place place, uint32_t line, uint32_t column)
{
	assert_string_equal(place.file, "t.yaml");
	assert_int_equal(place.line, line);
	assert_int_equal(place.column, column);
}

static void every_node_and_key_knows_its_place(void **state)
{
	struct reading r = parse("a: 1\nb:\n  - x\n  - {c: \"y\"}\n");
	struct node *list, *map;

	(void)state;
	assert_true(r.fine);
	assert_place(node_get(r.root, STR("a"))->place, 1, 4);
	list = node_get(r.root, STR("b"));
	assert_place(list->key_place, 2, 1);
	assert_place(list->place, 3, 3);
	assert_int_equal(list->count, 2);
	map = list->first->next;
	assert_place(map->place, 4, 5);
	assert_place(node_get(map, STR("c"))->place, 4, 9);
	done(&r);
}

static void scalars_are_text_and_remember_their_quotes(void **state)
{
	struct reading r = parse("{a: yes, b: \"yes\", c: 'x', d: 0x10, e: , f: ~}");

	(void)state;
	assert_str(node_get(r.root, STR("a"))->text, "yes");
	assert_true(node_get(r.root, STR("a"))->plain);
	assert_false(node_get(r.root, STR("b"))->plain);
	assert_false(node_get(r.root, STR("c"))->plain);
	assert_str(node_get(r.root, STR("d"))->text, "0x10");
	assert_true(node_is_nothing(node_get(r.root, STR("e"))));
	assert_str(node_get(r.root, STR("f"))->text, "~");
	done(&r);
}

static void json_is_yaml_too(void **state)
{
	struct reading r = parse("{\"listen\": {\"default\": {\"address\": \"0.0.0.0:80\"}},\n"
				" \"routes\": [{\"to\": \"a\\u00e9\"}]}");

	(void)state;
	assert_true(r.fine);
	assert_int_equal(r.root->count, 2);
	assert_str(node_get(node_get(r.root, STR("routes"))->first, STR("to"))->text, "a\xc3\xa9");
	done(&r);
}

static void an_empty_document_gives_nothing(void **state)
{
	struct reading r = parse("# only words\n");

	(void)state;
	assert_true(r.fine);
	assert_null(r.root);
	done(&r);
}

static void duplicate_keys_are_refused_and_both_named(void **state)
{
	(void)state;
	assert_refused("a: 1\nb: 2\na: 3\n",
		       "t.yaml:3:1: a stands twice in this map; the first is on line 1\n");
	assert_refused("m: {x: 1, x: 1}\nm: 1\n",
		       "t.yaml:1:11: x stands twice in this map; the first is on line 1\n"
		       "t.yaml:2:1: m stands twice in this map; the first is on line 1\n");
}

static void duplicates_are_found_among_thousands(void **state)
{
	struct buffer yaml;
	struct reading r;

	(void)state;
	buffer_init(&yaml, 1 << 20);
	for (int i = 0; i < 20000; i++)
		assert_true(buffer_print(&yaml, "k%d: 1\n", i));
	assert_true(buffer_print(&yaml, "k77: 2\n"));
	r = read_within(buffer_str(&yaml), &tree_limits_usual);
	assert_false(r.fine);
	assert_int_equal(r.d.errors, 1);
	assert_int_equal(r.d.items[0].place.line, 20001);
	done(&r);
	buffer_fini(&yaml);
}

static void a_second_document_is_refused(void **state)
{
	(void)state;
	assert_refused("a: 1\n---\nb: 1\n",
		       "t.yaml:2:1: a second document begins here; a configuration is one "
		       "document, further files are named by `include`\n");
}

static void an_alias_is_a_copy_with_the_place_of_its_anchor(void **state)
{
	struct reading r = parse("a: &x [1, 2]\nb: *x\n");
	struct node *a = node_get(r.root, STR("a")), *b = node_get(r.root, STR("b"));

	(void)state;
	assert_true(r.fine);
	assert_int_equal(b->count, 2);
	assert_str(b->last->text, "2");
	assert_place(b->place, 1, 4);
	assert_place(b->key_place, 2, 1);
	assert_ptr_not_equal(a->first, b->first);
	done(&r);
}

static void an_unknown_anchor_is_refused_with_the_hint_to_quote(void **state)
{
	(void)state;
	assert_refused("host: *customs\n",
		       "t.yaml:1:7: no anchor &customs stands before this alias; if this is text "
		       "that begins with \"*\", quote this value\n");
	assert_refused("a: &x [*x]\n",
		       "t.yaml:1:8: no anchor &x stands before this alias; if this is text that "
		       "begins with \"*\", quote this value\n");
}

static void merging_fills_in_what_a_map_lacks(void **state)
{
	struct reading r = parse("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\n"
				"one: {<<: *x, b: own}\ntwo: {<<: [*y, *x]}\n");
	struct node *one = node_get(r.root, STR("one")), *two = node_get(r.root, STR("two"));

	(void)state;
	assert_true(r.fine);
	assert_int_equal(one->count, 2);
	assert_str(node_get(one, STR("a"))->text, "1");
	assert_str(node_get(one, STR("b"))->text, "own");
	assert_int_equal(two->count, 3);
	assert_str(node_get(two, STR("a"))->text, "1");
	assert_str(node_get(two, STR("b"))->text, "3");
	done(&r);
}

static void what_merges_must_be_a_map_and_stand_once(void **state)
{
	(void)state;
	assert_refused("a: &a [1]\nb: {<<: *a}\n",
		       "t.yaml:1:8: `<<` merges maps, this is text\n");
	assert_refused("a: &a {b: 1}\nc: {<<: *a, <<: *a}\n",
		       "t.yaml:2:13: << stands twice in this map; the first is on line 2\n");
}

static void a_quoted_merge_key_is_a_key(void **state)
{
	struct reading r = parse("a: {\"<<\": 1}");

	(void)state;
	assert_non_null(node_get(node_get(r.root, STR("a")), STR("<<")));
	done(&r);
}

static void a_billion_laughs_end_early(void **state)
{
	(void)state;
	assert_refused("a: &a [l,l,l,l,l,l,l,l,l,l]\n"
		       "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
		       "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
		       "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
		       "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
		       "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
		       "t.yaml:6:17: aliases repeat more than 500000 values here; repeat less\n");
}

static void depth_nodes_and_bytes_have_an_end(void **state)
{
	struct tree_limits few = { .bytes = 100, .nodes = 5, .copies = 5, .depth = 3 };
	struct reading deep = read_within(STR("[[[[1]]]]"), &few);
	struct reading many = read_within(STR("[1,2,3,4,5]"), &few);
	struct reading nested = read_within(STR("[&a [1], [*a]]"), &few);
	char text[102] = "";
	struct reading large;

	(void)state;
	memset(text, '#', sizeof(text) - 1);
	large = read_within(str_from(text), &few);
	assert_string_equal(deep.d.items[0].text, "values are nested deeper than 3");
	assert_string_equal(many.d.items[0].text,
			    "the file has more than 5 values; split it with `include`");
	assert_string_equal(large.d.items[0].text, "the file is larger than 100 bytes");
	assert_false(nested.fine);
	done(&deep);
	done(&many);
	done(&nested);
	done(&large);
}

static void near_a_special_character_the_advice_is_to_quote(void **state)
{
	(void)state;
	assert_refused("match: {host: *.example.com}\n",
		       "t.yaml:1:15: not valid YAML: did not find expected alphabetic or numeric "
		       "character; quote this value if it is meant as text\n");
	assert_refused("path: {code}/x\n",
		       "t.yaml:1:7: not valid YAML: did not find expected key; quote this value "
		       "if it is meant as text\n");
	assert_refused("a: {path: ${X}}\n",
		       "t.yaml:1:11: not valid YAML: did not find expected ',' or '}'; quote this "
		       "value if it is meant as text\n");
	assert_refused("a: %x\n",
		       "t.yaml:1:4: not valid YAML: found character that cannot start any token; "
		       "quote this value if it is meant as text\n");
	assert_refused("a: @x\n",
		       "t.yaml:1:4: not valid YAML: found character that cannot start any token; "
		       "quote this value if it is meant as text\n");
	assert_refused("- [a]b\n",
		       "t.yaml:1:3: not valid YAML: did not find expected '-' indicator; quote "
		       "this value if it is meant as text\n");
}

static void other_faults_of_syntax_say_what_to_do(void **state)
{
	(void)state;
	assert_refused("a: b: c\n",
		       "t.yaml:1:5: not valid YAML: mapping values are not allowed in this "
		       "context; quote this value if the \": \" belongs to it\n");
	assert_refused("a:\n\tb: c\n",
		       "t.yaml:2:1: not valid YAML: found character that cannot start any token; "
		       "a tab cannot indent or begin a value, use spaces\n");
	assert_refused("a: [1, 2\nb: 3\n",
		       "t.yaml:2:2: not valid YAML: did not find expected ',' or ']' while "
		       "parsing a flow sequence that begins at line 1, column 4\n");
	assert_refused("ok: 1\na: \xff\n",
		       "t.yaml:2:4: this is not UTF-8 text: invalid leading UTF-8 octet\n");
}

static void keys_tags_and_nul_are_plain_or_refused(void **state)
{
	(void)state;
	assert_refused("? [a]\n: b\n",
		       "t.yaml:1:3: a key must be text; if this is a value, quote it\n");
	assert_refused("a: !secret b\n",
		       "t.yaml:1:4: the tag !secret means nothing here; remove it, or quote the "
		       "value if the \"!\" belongs to it\n");
	assert_refused("a: \"x\\0y\"\n",
		       "t.yaml:1:4: a NUL character cannot stand in a configuration\n");
	assert_refused("\"a\\0\": y\n",
		       "t.yaml:1:1: a NUL character cannot stand in a configuration\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_node_and_key_knows_its_place),
		cmocka_unit_test(scalars_are_text_and_remember_their_quotes),
		cmocka_unit_test(json_is_yaml_too),
		cmocka_unit_test(an_empty_document_gives_nothing),
		cmocka_unit_test(duplicate_keys_are_refused_and_both_named),
		cmocka_unit_test(duplicates_are_found_among_thousands),
		cmocka_unit_test(a_second_document_is_refused),
		cmocka_unit_test(an_alias_is_a_copy_with_the_place_of_its_anchor),
		cmocka_unit_test(an_unknown_anchor_is_refused_with_the_hint_to_quote),
		cmocka_unit_test(merging_fills_in_what_a_map_lacks),
		cmocka_unit_test(what_merges_must_be_a_map_and_stand_once),
		cmocka_unit_test(a_quoted_merge_key_is_a_key),
		cmocka_unit_test(a_billion_laughs_end_early),
		cmocka_unit_test(depth_nodes_and_bytes_have_an_end),
		cmocka_unit_test(near_a_special_character_the_advice_is_to_quote),
		cmocka_unit_test(other_faults_of_syntax_say_what_to_do),
		cmocka_unit_test(keys_tags_and_nul_are_plain_or_refused),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
