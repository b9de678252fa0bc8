/* test_shape.c - texts that must have a shape. */
#include "tests/test.h"

#include "core/conf/option.h"
#include "core/conf/shape.h"

static struct weir_error error;

static bool fits(enum weir_option_type type, const char *text)
{
	struct weir_option row = { .name = "x", .type = type };

	error.text[0] = '\0';
	return shape_check(&row, type, str_from(text), &error);
}

static void assert_all(enum weir_option_type type, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (!fits(type, *texts))
			fail_msg("%s was refused: %s", *texts, error.text);
}

static void assert_none(enum weir_option_type type, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (fits(type, *texts))
			fail_msg("%s was let pass", *texts);
}

static void assert_no(enum weir_option_type type, const char *text, const char *sentence)
{
	assert_false(fits(type, text));
	assert_string_equal(error.text, sentence);
}

static void addresses_have_a_host_and_a_port(void **state)
{
	static const char *const good[] = { "127.0.0.1:80", "0.0.0.0:0", "[::1]:8080", "[::]:80",
		"tariff.internal:9000", "a_b:1", "localhost:65535", "unix:/run/a", "unix:a", NULL };
	static const char *const bad[] = { "", "127.0.0.1", "host", "host:", "host:65536", "host:x",
		"300.0.0.1:80", "1.2.3:80", "[::1]", "[::g]:80", "::1:80", ":80", "a "
		"b:80", "a/b:80",
		"unix:", "a..b:80", "-:x", NULL };

	(void)state;
	assert_all(WEIR_ADDRESS, good);
	assert_none(WEIR_ADDRESS, bad);
	assert_no(WEIR_ADDRESS, "8080", "\"8080\" names no host; write 0.0.0.0:8080 for every "
		  "interface, or 127.0.0.1:8080");
	assert_no(WEIR_ADDRESS, ":80", "\":80\" names no host; write 0.0.0.0:80 for every "
		  "interface, or 127.0.0.1:80");
	assert_no(WEIR_ADDRESS, "::1:80", "\"::1:80\" has several colons; write [IPv6]:PORT");
	assert_no(WEIR_ADDRESS, "api.example",
		  "\"api.example\" has no port; write api.example:80 for example");
	assert_no(WEIR_ADDRESS, "h:99999",
		  "\"h:99999\" has no valid port; a port is a number up to 65535");
}

static void private_addresses_are_those_nobody_else_reaches(void **state)
{
	(void)state;
	assert_true(address_is_private(STR("127.0.0.1:1")));
	assert_true(address_is_private(STR("[::1]:1")));
	assert_true(address_is_private(STR("localhost:1")));
	assert_true(address_is_private(STR("unix:/a")));
	assert_false(address_is_private(STR("0.0.0.0:1")));
	assert_false(address_is_private(STR("[::]:1")));
	assert_false(address_is_private(STR("127.evil.example:1")));
}

static void urls_begin_with_http(void **state)
{
	static const char *const good[] = { "http://a", "https://a.b:8443/x?y", "http://[::1]:80/",
		"http://127.0.0.1:8500", "http://a:80", "http://[::1]", NULL };
	static const char *const bad[] = { "", "a", "ftp://a", "http://", "http://a "
		"b", "http://a:x",
		"http:///x", "https://[::1", NULL };

	(void)state;
	assert_all(WEIR_URL, good);
	assert_none(WEIR_URL, bad);
	assert_no(WEIR_URL, "consul:8500",
		  "\"consul:8500\" is no URL; it begins with http:// or https://");
}

static void ranges_of_addresses_have_a_length_that_fits(void **state)
{
	static const char *const good[] = { "10.0.0.0/8", "10.1.2.3", "fd00::/8", "::1",
					    "0.0.0.0/0", NULL };
	static const char *const bad[] = { "", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "a/8",
					   "10.0.0.0/", NULL };

	(void)state;
	assert_all(WEIR_CIDR, good);
	assert_none(WEIR_CIDR, bad);
}

static void names_of_headers_methods_and_things(void **state)
{
	static const char *const headers[] = { "x-user", "X-User", "a.b_c", NULL };
	static const char *const no_headers[] = { "", "x user", "x:", "\xc3\xa9", "a\nb", NULL };
	static const char *const names[] = { "tariff-svc", "a.b_c", "9", NULL };
	static const char *const no_names[] = { "", "a b", "a/b", "a:b", "a\"", NULL };

	(void)state;
	assert_all(WEIR_HEADER_NAME, headers);
	assert_none(WEIR_HEADER_NAME, no_headers);
	assert_all(CONF_NAME, names);
	assert_none(CONF_NAME, no_names);
	assert_true(fits(CONF_METHOD, "PROPFIND"));
	assert_no(CONF_METHOD, "get", "\"get\" has small letters; methods are written like GET, "
		  "and small letters would be another method");
}

static void hosts_are_small_and_without_port(void **state)
{
	static const char *const good[] = { "a", "api.example.com", "*.example.com", "10.0.0.1",
					    "[::1]", "xn--bcher-kva.example", NULL };
	static const char *const bad[] = { "", "*", "a.*.b", "*a.b", "A.b", "a:80", "a b", "a..b",
					   "*.*.a", NULL };

	(void)state;
	assert_all(CONF_HOST, good);
	assert_none(CONF_HOST, bad);
	assert_no(CONF_HOST, "a:80", "\"a:80\" has a port; hosts are matched without");
}

static void keys_name_a_part_of_the_request(void **state)
{
	static const char *const good[] = { "client.ip", "client.ip/64", "client.identity",
		"header.x-user", "cookie.sid", "query.q", "path.code", "claim.sub",
		"claim.\"https://x/tier\"", "host", "method", "route", "service", "listener",
		NULL };
	static const char *const bad[] = { "", "client", "client.ip/129", "client.ip/x", "header.",
		"headers.x", "claim.\"a", "claim.\"\"", "claim.a b", "ip", NULL };

	(void)state;
	assert_all(WEIR_KEY, good);
	assert_none(WEIR_KEY, bad);
	assert_no(WEIR_KEY, "client_ip", "\"client_ip\" is no key; expected client.ip, "
		  "client.identity, header.NAME, cookie.NAME, query.NAME, path.NAME, claim.NAME, "
		  "host, method, route, service or listener; did you mean \"client.ip\"?");
}

static void templates_close_their_braces(void **state)
{
	static const char *const good[] = { "", "plain", "/v2/{code}", "{*}{1}", "{{x", "{{{a}",
					    "{claim.\"https://x\"}", "a}b", NULL };

	(void)state;
	assert_all(WEIR_TEMPLATE, good);
	assert_no(WEIR_TEMPLATE, "/a/{code",
		  "\"/a/{code\" has a \"{\" without \"}\"; write {{ for a plain brace");
	assert_no(WEIR_TEMPLATE, "{a{b}}",
		  "\"{a{b}}\" has a \"{\" without \"}\"; write {{ for a plain brace");
	assert_no(WEIR_TEMPLATE, "a{ }", "\"a{ }\" has nothing between { and }");
}

static void retries_happen_for_reasons_and_statuses(void **state)
{
	static const char *const good[] = { "connect", "reset", "timeout", "connect-refused", "503",
					    "5xx", "429", "4xx", NULL };
	static const char *const bad[] = { "", "200", "600", "2xx", "always", NULL };

	(void)state;
	assert_all(CONF_WHEN, good);
	assert_none(CONF_WHEN, bad);
	assert_no(CONF_WHEN, "conect", "\"conect\" is no cause for a retry; expected a reason "
		  "such as connect or reset, a status such as 503, or 5xx; did you mean "
		  "\"connect\"?");
}

static void a_cut_text_does_not_split_a_character(void **state)
{
	char text[128];
	size_t len;

	(void)state;
	memset(text, 'a', 56);
	memcpy(text + 56, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 9);
	len = strlen(shown(str_from(text)).text);
	assert_int_equal(len, 56 + 3);
	assert_string_equal(shown(STR("a\x01")).text, "a?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_a_host_and_a_port),
		cmocka_unit_test(private_addresses_are_those_nobody_else_reaches),
		cmocka_unit_test(urls_begin_with_http),
		cmocka_unit_test(ranges_of_addresses_have_a_length_that_fits),
		cmocka_unit_test(names_of_headers_methods_and_things),
		cmocka_unit_test(hosts_are_small_and_without_port),
		cmocka_unit_test(keys_name_a_part_of_the_request),
		cmocka_unit_test(templates_close_their_braces),
		cmocka_unit_test(retries_happen_for_reasons_and_statuses),
		cmocka_unit_test(a_cut_text_does_not_split_a_character),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
