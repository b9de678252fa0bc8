/* test_source_pack.c - a configuration in one piece: read again it is the same without its files. */
#include <unistd.h>

#include "tests/conf/folder.h"
#include "tests/conf/loading.h"

static struct loaded load_kept(const char *path, struct weir_str packed)
{
	struct loaded l = { .conf = NULL };

	diagnostics_init(&l.d);
	buffer_init(&l.said, 1 << 20);
	l.fine = conf_load_kept(path, packed, &l.conf, &l.d);
	listen_to(&l);
	return l;
}

static struct buffer pack(const struct conf *conf)
{
	struct buffer packed;

	buffer_init(&packed, 1 << 20);
	assert_true(sources_pack(&conf->sources, &packed));
	return packed;
}

static struct folder some_files(void)
{
	struct folder f = folder_make();

	folder_below(&f, "d");
	folder_write(&f, "w.yaml", "include: [one.yaml, 'd/*.yaml']\nlisten: 0.0.0.0:1\n"
		     "services: {main: {endpoints: ['${file:secret}']}}\n");
	folder_write(&f, "secret", "h:1\n");
	folder_write(&f, "one.yaml", "services: {one: {endpoints: ['h:2']}}\n");
	folder_write(&f, "d/b.yaml", "routes: [{to: one}]\n");
	folder_write(&f, "d/a.yaml", "routes: [{match: {path: /a}, to: main}]\n");
	return f;
}

static void what_was_packed_is_read_without_the_disk(void **state)
{
	struct folder f = some_files();
	struct folder_path path = folder_path(&f, "w.yaml");
	struct loaded l = load_file(path.text), again;
	struct buffer packed = pack(l.conf);
	const struct conf_value *routes;
	uint32_t count;

	(void)state;
	assert_string_equal(l.said.data, "");
	folder_remove(&f);
	again = load_kept(path.text, buffer_str(&packed));
	assert_string_equal(again.said.data, "");
	assert_true(again.fine);

	routes = conf_items(again.conf->top, "routes", &count);
	assert_int_equal(count, 2);
	assert_true(str_eq(conf_text(routes[0].object, "to"), STR("main")));	/* a.yaml first */
	assert_int_equal(again.conf->sources.count, l.conf->sources.count);
	assert_non_null(conf_service(again.conf, STR("one")));
	unload(&l);
	unload(&again);
	buffer_fini(&packed);
}

static void what_was_named_by_two_paths_is_kept_once(void **state)
{
	struct folder f = some_files();
	struct folder_path path = folder_path(&f, "w.yaml");
	struct loaded l, again;
	struct buffer packed;
	uint32_t count;

	(void)state;
	folder_write(&f, "d/b.yaml", "include: ../w.yaml\nroutes: [{to: one}]\n");
	l = load_file(path.text);
	assert_string_equal(l.said.data, "");
	packed = pack(l.conf);
	folder_remove(&f);
	again = load_kept(path.text, buffer_str(&packed));

	assert_string_equal(again.said.data, "");
	(void)conf_items(again.conf->top, "routes", &count);
	assert_int_equal(count, 2);
	unload(&l);
	unload(&again);
	buffer_fini(&packed);
}

static void what_was_read_from_a_pack_can_be_packed_again(void **state)
{
	struct folder f = some_files();
	struct folder_path path = folder_path(&f, "w.yaml");
	struct loaded l = load_file(path.text), again;
	struct buffer packed = pack(l.conf), twice;

	(void)state;
	folder_remove(&f);
	again = load_kept(path.text, buffer_str(&packed));
	twice = pack(again.conf);

	assert_true(str_eq(buffer_str(&packed), buffer_str(&twice)));
	unload(&l);
	unload(&again);
	buffer_fini(&packed);
	buffer_fini(&twice);
}

static void a_file_that_was_not_there_is_not_there_now(void **state)
{
	struct folder f = some_files();
	struct folder_path path = folder_path(&f, "w.yaml");
	struct loaded l = load_file(path.text), again;
	struct buffer packed = pack(l.conf);
	uint32_t count;

	(void)state;
	folder_write(&f, "d/c.yaml", "routes: [{match: {path: /c}, to: main}]\n");
	again = load_kept(path.text, buffer_str(&packed));
	(void)conf_items(again.conf->top, "routes", &count);

	assert_int_equal(count, 2);
	unload(&l);
	unload(&again);
	buffer_fini(&packed);
	folder_remove(&f);
}

/* Cut anywhere: nothing is read that is not there, and it is either whole or refused. */
static void a_pack_that_was_cut_is_refused(void **state)
{
	struct folder f = some_files();
	struct folder_path path = folder_path(&f, "w.yaml");
	struct loaded l = load_file(path.text);
	struct buffer packed = pack(l.conf);

	(void)state;
	for (size_t len = 0; len < buffer_len(&packed); len++) {
		char *exact = test_malloc(len + 1);
		struct loaded cut;

		memcpy(exact, packed.data, len);
		cut = load_kept(path.text, str_of(exact, len));
		assert_false(cut.fine);
		unload(&cut);
		test_free(exact);
	}
	unload(&l);
	buffer_fini(&packed);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_read_without_the_disk),
		cmocka_unit_test(what_was_named_by_two_paths_is_kept_once),
		cmocka_unit_test(what_was_read_from_a_pack_can_be_packed_again),
		cmocka_unit_test(a_file_that_was_not_there_is_not_there_now),
		cmocka_unit_test(a_pack_that_was_cut_is_refused),
	};

	return cmocka_run_group_tests_name("source_pack", tests, NULL, NULL);
}
