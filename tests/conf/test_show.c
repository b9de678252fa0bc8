/* test_show.c - the effective configuration: defaults filled in, secrets masked. */
#include "core/base/json.h"
#include "core/conf/show.h"
#include "tests/conf/folder.h"
#include "tests/conf/loading.h"

/* The text under the keys, one after the other: "services", "a", ... */
static const char *text_at(const json_t *value, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		value = json_is_array(value) ? json_array_get(value, (size_t)atoi(*keys))
					     : json_object_get(value, *keys);
	return json_string_value(value);
}

#define TEXT_AT(value, ...) text_at(value, (const char *const[]){ __VA_ARGS__, NULL })

static void values_are_shown_as_one_writes_them(void **state)
{
	struct loaded l = load("limits: {body: 3m, header_bytes: 1536b}\n"
			       "timeouts: {idle: none, head: 1m30s, body: 1500ms}\n"
			       ROUTE("timeout: 2h, retry: {budget: 12.5%}, match: {host: h}"));
	json_t *all = show_configuration(l.conf);

	(void)state;
	assert_string_equal(TEXT_AT(all, "limits", "body"), "3m");
	assert_string_equal(TEXT_AT(all, "limits", "header_bytes"), "1536b");
	assert_string_equal(TEXT_AT(all, "timeouts", "idle"), "none");
	assert_string_equal(TEXT_AT(all, "timeouts", "head"), "90s");
	assert_string_equal(TEXT_AT(all, "timeouts", "body"), "1500ms");
	assert_string_equal(TEXT_AT(all, "timeouts", "stop_delay"), "0s");
	assert_string_equal(TEXT_AT(all, "routes", "0", "timeout", "head"), "2h");
	assert_string_equal(TEXT_AT(all, "routes", "0", "retry", "budget"), "12.5%");
	assert_string_equal(TEXT_AT(all, "routes", "0", "match", "host", "0"), "h");
	assert_string_equal(TEXT_AT(all, "services", "a", "endpoints", "0", "address"),
			    "10.0.0.1:80");
	json_decref(all);
	unload(&l);
}

static void what_is_shown_loads_again_to_the_same(void **state)
{
	struct loaded l = load("chains: {c: [{use: d}], d: [{p: {x: 1}, on_error: continue, as: "
			       "n}]}\n"
			       ROUTE("policies: [{any: [{use: c}, q], when: {method: POST}}], "
				     "mirror: a"));
	json_t *once = show_configuration(l.conf), *twice;
	struct buffer text;
	struct loaded again;

	(void)state;
	buffer_init(&text, 1 << 20);
	assert_true(json_print(&text, once, 2) && buffer_add(&text, str_of("", 1)));
	again = load(text.data);
	assert_string_equal(again.said.data, "");
	twice = show_configuration(again.conf);
	assert_true(json_equal(once, twice));

	json_decref(once);
	json_decref(twice);
	buffer_fini(&text);
	unload(&again);
	unload(&l);
}

static void secrets_are_masked_by_type_and_by_origin(void **state)
{
	static const struct weir_option options[] = {
		{ .name = "key", .type = WEIR_SECRET }, { .name = "user", .type = WEIR_TEXT }, { 0 }
	};
	struct folder f = folder_make();
	struct loaded l;
	struct conf_slot *slots;
	struct buffer text;
	json_t *all;
	uint32_t count;

	(void)state;
	folder_write(&f, "s", "s3cret");
	folder_write(&f, "w.yaml", "listen: 0.0.0.0:1\nadmin: {address: '127.0.0.1:2', token: "
		     "s3cret}\n"
		     "routes: [{respond: {body: \"a ${file:s}\"}, policies: [\n"
		     "  {unseen: {deep: [\"${file:s}\"]}}, {seen: {key: s3cret, user: me}}]}]\n");
	l = load_file(folder_path(&f, "w.yaml").text);
	assert_string_equal(l.said.data, "");
	slots = conf_slots(first_route(&l), "policies", &count);
	assert_true(conf_check_slot(l.conf, &slots[1], options, &l.d));

	all = show_configuration(l.conf);
	buffer_init(&text, 1 << 20);
	assert_true(json_print(&text, all, 2));
	assert_int_equal(str_find_str(buffer_str(&text), STR("s3cret")), buffer_len(&text));
	assert_string_equal(TEXT_AT(all, "admin", "token"), SHOW_MASK);
	assert_string_equal(TEXT_AT(all, "routes", "0", "respond", "body"), SHOW_MASK);
	assert_string_equal(TEXT_AT(all, "routes", "0", "policies", "0", "unseen", "deep", "0"),
			    SHOW_MASK);
	assert_string_equal(TEXT_AT(all, "routes", "0", "policies", "1", "seen", "key"), SHOW_MASK);
	assert_string_equal(TEXT_AT(all, "routes", "0", "policies", "1", "seen", "user"), "me");

	json_decref(all);
	buffer_fini(&text);
	unload(&l);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_shown_as_one_writes_them),
		cmocka_unit_test(what_is_shown_loads_again_to_the_same),
		cmocka_unit_test(secrets_are_masked_by_type_and_by_origin),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
