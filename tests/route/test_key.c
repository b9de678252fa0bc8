/* test_key.c - keys and templates. */
#include "core/route/key.h"
#include "tests/test.h"

/* Knows one request: GET http://api.example.com/tariff/8471/a/b, and two claims. */
static struct weir_str part(void *arg, enum key_part what, struct weir_str name)
{
	const char *client = arg;

	switch (what) {
	case KEY_CLIENT_IP:
		return str_from(client);
	case KEY_HOST:
		return STR("api.example.com");
	case KEY_METHOD:
		return STR("GET");
	case KEY_HEADER:
		return str_eq_nocase(name, STR("x-user")) ? STR("anna b/c?d") : STR_ABSENT;
	case KEY_CLAIM:
		if (str_eq(name, STR("sub")))
			return STR("17");
		if (str_eq(name, STR("dots")))
			return STR("..");
		if (str_eq(name, STR("climbs")))
			return STR("a/../b");
		return str_eq(name, STR("https://x/tier")) ? STR("gold") : STR_ABSENT;
	case KEY_QUERY:
		return str_eq(name, STR("empty")) ? STR("") : STR_ABSENT;
	case KEY_PATH:
	case KEY_CAPTURE:
		if (str_eq(name, STR("code")))
			return STR("84%2071");
		if (str_eq(name, STR("service")))
			return STR("from-path");
		return str_eq(name, STR("*")) ? STR("a/b") : STR_ABSENT;
	case KEY_SERVICE:
		return STR("tariff-svc");
	case KEY_ROUTE:
	case KEY_LISTENER:
	case KEY_COOKIE:
	case KEY_CLIENT_IDENTITY:
		break;
	}
	return STR_ABSENT;
}

static const struct key_asker asker = { part };
static char client_v4[] = "192.0.2.77", client_v6[] = "2001:db8:1:2:3::9";

static int memory_open(void **state)
{
	struct arena *arena = test_calloc(1, sizeof(*arena));

	arena_init(arena, NULL, 1024 * 1024);
	*state = arena;
	return 0;
}

static int memory_close(void **state)
{
	arena_reset(*state);
	test_free(*state);
	return 0;
}

static const struct key *key(void **state, const char *text)
{
	struct weir_str parts[8], rest = str_from(text);
	struct weir_error error = { "" };
	const struct key *k;
	uint32_t count = 0;

	while (count < 8 && str_next(&rest, ' ', &parts[count]))
		count++;
	k = key_compile(*state, parts, count, &error);
	if (k == NULL)
		fail_msg("%s", error.text);
	return k;
}

static struct weir_str value(void **state, const char *text, bool all)
{
	struct weir_str out;

	assert_int_equal(key_text(key(state, text), &asker, client_v4, *state, &out), all);
	return out;
}

static void every_key_of_the_language_is_read(void **state)
{
	assert_str(value(state, "client.ip", true), "192.0.2.77");
	assert_str(value(state, "host", true), "api.example.com");
	assert_str(value(state, "method", true), "GET");
	assert_str(value(state, "service", true), "tariff-svc");
	assert_str(value(state, "header.X-User", true), "anna b/c?d");
	assert_str(value(state, "claim.sub", true), "17");
	assert_str(value(state, "claim.\"https://x/tier\"", true), "gold");
	assert_str(value(state, "path.code", true), "84%2071");
	assert_str(value(state, "route", false), "");
	assert_str(value(state, "listener", false), "");
	assert_str(value(state, "client.identity", false), "");
	assert_str(value(state, "cookie.a", false), "");
}

static void an_empty_part_is_there_and_a_missing_one_is_not(void **state)
{
	assert_str(value(state, "query.empty", true), "");
	assert_str(value(state, "query.none", false), "");
}

static void a_client_may_stand_for_its_network(void **state)
{
	struct weir_str out;

	assert_str(value(state, "client.ip/24", true), "192.0.2.0/24");
	assert_str(value(state, "client.ip/0", true), "0.0.0.0/0");
	assert_str(value(state, "client.ip/64", true), "192.0.2.77");
	key_text(key(state, "client.ip/64"), &asker, client_v6, *state, &out);
	assert_str(out, "2001:db8:1:2::/64");
	key_text(key(state, "client.ip/33"), &asker, client_v6, *state, &out);
	assert_str(out, "2001:db8::/33");
	key_text(key(state, "client.ip/128"), &asker, client_v6, *state, &out);
	assert_str(out, "2001:db8:1:2:3::9/128");
}

static void an_address_has_one_network_in_whatever_clothes(void **state)
{
	char mapped[] = "::ffff:192.0.2.77", name[] = "unix:@x";
	struct weir_str out;

	key_text(key(state, "client.ip/24"), &asker, mapped, *state, &out);
	assert_str(out, "192.0.2.0/24");
	key_text(key(state, "client.ip/64"), &asker, mapped, *state, &out);
	assert_str(out, "192.0.2.77");
	key_text(key(state, "client.ip/64"), &asker, name, *state, &out);
	assert_str(out, "unix:@x");
}

static void no_two_lists_give_the_same(void **state)
{
	assert_str(value(state, "claim.sub query.none method", false), "2:170:3:GET");
	assert_str(value(state, "method claim.sub", true), "3:GET2:17");
}

static void what_is_no_key_is_refused_with_what_is(void **state)
{
	static const char *const bad[] = {
		"", "client", "client.", "client.ip/", "client.ip/129", "client.ip/x", "header.",
		"header.a b", "claim.", "claim.\"\"", "claim.\"a", "claim.a\"b", "hosts", "Host",
		"header", "*", "{code}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct weir_str text = str_from(bad[i]);
		struct weir_error error = { "" };

		if (key_compile(*state, &text, 1, &error) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_true(error.text[0] != '\0');
	}
	assert_null(key_compile(*state, NULL, 0, NULL));
}

static void a_key_tells_what_it_asks_for(void **state)
{
	assert_true(key_asks(key(state, "client.ip claim.sub"), KEY_CLAIM));
	assert_false(key_asks(key(state, "client.ip host"), KEY_CLAIM));
}

static const struct template *template(void **state, const char *text)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(*state, str_from(text), &error);

	if (t == NULL)
		fail_msg("%s", error.text);
	return t;
}

static struct weir_str filled(void **state, const char *text)
{
	return template_text(template(state, text), &asker, client_v4, *state);
}

static void templates_are_filled_in(void **state)
{
	assert_str(filled(state, "/v2/{code}/{*}"), "/v2/84%2071/a/b");
	assert_str(filled(state, "{claim.sub}"), "17");
	assert_str(filled(state, "{ claim.\"https://x/tier\" }!"), "gold!");
	assert_str(filled(state, "a{1}b{none}c"), "abc");
	assert_str(filled(state, "{none}"), "");
	assert_str(filled(state, ""), "");
	assert_str(filled(state, "https://{host}/"), "https://api.example.com/");
}

static void a_doubled_brace_is_a_brace(void **state)
{
	assert_str(filled(state, "{{\"a\": \"{claim.sub}\"}"), "{\"a\": \"17\"}");
	assert_str(filled(state, "{{{{{claim.sub}}"), "{{17}");
	assert_str(filled(state, "a}b"), "a}b");
}

static void a_segment_of_the_path_hides_a_key_of_the_same_name(void **state)
{
	assert_str(filled(state, "{service} {host}"), "from-path api.example.com");
}

static void what_asks_for_nothing_is_plain(void **state)
{
	struct weir_str text;

	assert_true(template_is_plain(template(state, "a{{b{{c"), &text));
	assert_str(text, "a{b{c");
	assert_true(template_is_plain(template(state, ""), &text));
	assert_str(text, "");
	assert_false(template_is_plain(template(state, "a{host}"), &text));
}

static void a_template_tells_what_it_asks_for(void **state)
{
	const struct template *t = template(state, "{code} {claim.x} {host} {*} {path.line} {1}");
	struct weir_str name;

	assert_true(template_asks(t, KEY_CLAIM) && template_asks(t, KEY_HOST));
	assert_false(template_asks(t, KEY_COOKIE));
	assert_true(template_capture_name(t, 0, &name));
	assert_str(name, "code");
	assert_true(template_capture_name(t, 1, &name));
	assert_str(name, "*");
	assert_true(template_capture_name(t, 2, &name));
	assert_str(name, "line");
	assert_true(template_capture_name(t, 3, &name));
	assert_str(name, "1");
	assert_false(template_capture_name(t, 4, &name));
}

static void bad_templates_are_refused(void **state)
{
	static const char *const bad[] = {
		"{", "a{b", "{}", "{ }", "{a b}", "{claim.}", "{foo.bar}", "{client.ip/129}", "{{{",
		"{claim.\"a}", "{a/b}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct weir_error error = { "" };

		if (template_compile(*state, str_from(bad[i]), &error) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_true(error.text[0] != '\0');
	}
}

static struct weir_str path(void **state, const char *text)
{
	struct weir_str out;

	if (!template_path(template(state, text), &asker, client_v4, *state, &out))
		return STR("(refused)");
	return out;
}

static void a_path_takes_captures_as_they_are_and_escapes_the_rest(void **state)
{
	assert_str(path(state, "/v2/{code}/{*}"), "/v2/84%2071/a/b");
	assert_str(path(state, "/u/{header.x-user}/x"), "/u/anna%20b%2Fc%3Fd/x");
	assert_str(path(state, "/{service}/{claim.sub}"), "/from-path/17");
	assert_str(path(state, "//a/./b?x={claim.sub}"), "/a/b?x=17");
	assert_str(path(state, "v2/{code}"), "/v2/84%2071");
	assert_str(path(state, ""), "/");
}

static void no_claim_makes_a_path_climb(void **state)
{
	assert_str(path(state, "/a/{claim.dots}/b"), "(refused)");
	assert_str(path(state, "/a/{claim.dots}"), "(refused)");
	assert_str(path(state, "/a/{claim.climbs}"), "(refused)");
	assert_str(path(state, "/a b"), "(refused)");
}

#define key_test(name) cmocka_unit_test_setup_teardown(name, memory_open, memory_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		key_test(every_key_of_the_language_is_read),
		key_test(an_empty_part_is_there_and_a_missing_one_is_not),
		key_test(a_client_may_stand_for_its_network),
		key_test(an_address_has_one_network_in_whatever_clothes),
		key_test(no_two_lists_give_the_same),
		key_test(what_is_no_key_is_refused_with_what_is),
		key_test(a_key_tells_what_it_asks_for),
		key_test(templates_are_filled_in),
		key_test(a_doubled_brace_is_a_brace),
		key_test(a_segment_of_the_path_hides_a_key_of_the_same_name),
		key_test(what_asks_for_nothing_is_plain),
		key_test(a_template_tells_what_it_asks_for),
		key_test(bad_templates_are_refused),
		key_test(a_path_takes_captures_as_they_are_and_escapes_the_rest),
		key_test(no_claim_makes_a_path_climb),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
