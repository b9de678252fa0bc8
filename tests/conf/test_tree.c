/* test_tree.c - nodes and how they hang together. */
#include "tests/test.h"

#include "core/base/arena.h"
#include "core/conf/source.h"
#include "core/conf/tree.h"
#include "tests/conf/folder.h"

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct node *child(struct node *map, const char *key, uint16_t rank)
{
	struct node *node = node_new(&arena, NODE_SCALAR, (struct place){ "f", map->count + 1, 1 });

	node->key = str_from(key);
	node->rank = rank;
	node_add(map, node);
	return node;
}

static void children_are_found_by_key(void **state)
{
	struct node *map = node_new(&arena, NODE_MAP, (struct place){ 0 });
	struct node *b;

	(void)state;
	child(map, "a", 0);
	b = child(map, "b", 0);
	assert_ptr_equal(node_get(map, STR("b")), b);
	assert_null(node_get(map, STR("c")));
	assert_null(node_get(NULL, STR("c")));
	assert_null(node_get(b, STR("c")));
}

static void a_child_can_be_taken_out_anywhere(void **state)
{
	struct node *map = node_new(&arena, NODE_MAP, (struct place){ 0 });
	struct node *a = child(map, "a", 0), *b = child(map, "b", 0), *c = child(map, "c", 0);

	(void)state;
	node_take_out(map, b, c);
	assert_ptr_equal(map->last, b);
	node_take_out(map, NULL, a);
	assert_ptr_equal(map->first, b);
	node_take_out(map, NULL, b);
	assert_null(map->first);
	assert_null(map->last);
	assert_int_equal(map->count, 0);
}

static void note(void *context, const struct node *first, const struct node *second)
{
	char *text = context;

	(void)snprintf(text + strlen(text), 64, "%s %u-%u ", first->key.data, first->place.line,
		       second->place.line);
}

static void twins_are_found_in_the_order_they_stand(void **state)
{
	struct node *map = node_new(&arena, NODE_MAP, (struct place){ 0 });
	char text[256] = "";

	(void)state;
	child(map, "b", 0);
	child(map, "a", 0);
	child(map, "b", 0);
	child(map, "a", 0);
	child(map, "c", 0);
	assert_true(node_find_twins(map, note, text));
	assert_string_equal(text, "a 2-4 b 1-3 ");
}

static void of_merged_children_the_nearest_wins_silently(void **state)
{
	struct node *map = node_new(&arena, NODE_MAP, (struct place){ 0 });
	char text[256] = "";
	struct node *own, *near;

	(void)state;
	child(map, "a", 2);
	near = child(map, "b", 1);
	child(map, "b", 2);
	own = child(map, "a", 0);
	child(map, "a", 1);
	assert_true(node_find_twins(map, note, text));
	assert_string_equal(text, "");
	assert_int_equal(map->count, 2);
	assert_ptr_equal(node_get(map, STR("a")), own);
	assert_ptr_equal(node_get(map, STR("b")), near);
}

static void paths_follow_the_file_they_stand_in(void **state)
{
	(void)state;
	assert_str(source_resolve(&arena, "/etc/weir/w.yaml", STR("a/b")), "/etc/weir/a/b");
	assert_str(source_resolve(&arena, "w.yaml", STR("a")), "a");
	assert_str(source_resolve(&arena, "/etc/w.yaml", STR("/a")), "/a");
	assert_str(source_resolve(&arena, "../w.yaml", STR("a")), "../a");
	assert_str(source_resolve(&arena, NULL, STR("a")), "a");
}

static void a_source_is_listed_once_of_its_kind(void **state)
{
	struct sources s = { .arena = &arena };

	(void)state;
	for (int i = 0; i < 40; i++) {
		char path[16];

		(void)snprintf(path, sizeof(path), "f%d", i % 20);
		assert_true(source_add(&s, str_from(path), SOURCE_SECRET));
	}
	assert_int_equal(s.count, 20);
	assert_true(source_add(&s, STR("f1"), SOURCE_CONFIG));
	assert_int_equal(s.count, 21);
}

static void files_are_read_up_to_their_limit(void **state)
{
	struct folder f = folder_make();
	struct weir_error error = { "" };
	struct weir_str text;

	(void)state;
	folder_write(&f, "a", "12345");
	assert_true(source_read(&arena, folder_path(&f, "a").text, 5, true, &text, &error));
	assert_str(text, "12345");
	assert_false(source_read(&arena, folder_path(&f, "a").text, 4, true, &text, &error));
	assert_non_null(strstr(error.text, "a is larger than 4 bytes"));
	folder_remove(&f);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(children_are_found_by_key),
		WITH_ARENA(a_child_can_be_taken_out_anywhere),
		WITH_ARENA(twins_are_found_in_the_order_they_stand),
		WITH_ARENA(of_merged_children_the_nearest_wins_silently),
		WITH_ARENA(paths_follow_the_file_they_stand_in),
		WITH_ARENA(a_source_is_listed_once_of_its_kind),
		WITH_ARENA(files_are_read_up_to_their_limit),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
