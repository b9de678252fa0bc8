/* test_address.c - addresses are read strictly and printed one way. */
#include "tests/test.h"

#include <arpa/inet.h>

#include "core/net/address.h"

static struct address parsed(const char *text)
{
	struct weir_error error = { "" };
	struct address a;

	if (!address_parse(&a, str_from(text), &error))
		fail_msg("%s: %s", text, error.text);
	return a;
}

static const char *refusal(const char *text)
{
	static struct weir_error error;
	struct address a;

	error.text[0] = '\0';
	if (address_parse(&a, str_from(text), &error))
		fail_msg("%s was taken", text);
	return error.text;
}

static void each_kind_is_recognised(void **state)
{
	(void)state;
	assert_int_equal(parsed("127.0.0.1:80").kind, ADDRESS_IP4);
	assert_int_equal(parsed("[::1]:80").kind, ADDRESS_IP6);
	assert_int_equal(parsed("tariff.internal:80").kind, ADDRESS_NAME);
	assert_int_equal(parsed("unix:/run/weir.sock").kind, ADDRESS_UNIX);
	assert_int_equal(parsed("unix:@weir").kind, ADDRESS_UNIX);
}

static void one_address_has_one_spelling(void **state)
{
	struct address a = parsed("[0:0:0:0::1]:080"), b = parsed("[::1]:80");

	(void)state;
	assert_str(address_text(&a), "[::1]:80");
	assert_true(address_equal(&a, &b));
	a = parsed("API.Example.COM:443");
	assert_str(address_text(&a), "api.example.com:443");
}

static void different_addresses_are_not_equal(void **state)
{
	struct address a = parsed("10.0.0.1:80"), b = parsed("10.0.0.1:81"), c = parsed("10.0.0.2:80");

	(void)state;
	assert_false(address_equal(&a, &b));
	assert_false(address_equal(&a, &c));
}

static void the_sockaddr_is_what_the_kernel_wants(void **state)
{
	struct address a = parsed("1.2.3.4:8080"), u = parsed("unix:/tmp/x"), n = parsed("unix:@x");

	(void)state;
	assert_int_equal(a.ip4.sin_family, AF_INET);
	assert_int_equal(ntohs(a.ip4.sin_port), 8080);
	assert_int_equal(ntohl(a.ip4.sin_addr.s_addr), 0x01020304);
	assert_string_equal(u.un.sun_path, "/tmp/x");
	assert_int_equal(n.un.sun_path[0], '\0');
	assert_int_equal(n.len, offsetof(struct sockaddr_un, sun_path) + 2);
	assert_int_equal(parsed("host:1").len, 0);
}

static void the_host_is_given_without_port_and_brackets(void **state)
{
	struct address a = parsed("[fe80::1%7]:80"), b = parsed("a.b:80"), c = parsed("unix:/p");

	(void)state;
	assert_str(address_host(&a), "fe80::1%7");
	assert_str(address_host(&b), "a.b");
	assert_str(address_host(&c), "/p");
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	assert_non_null(strstr(refusal("127.0.0.1"), "has no port"));
	assert_non_null(strstr(refusal(":8080"), "0.0.0.0:8080"));
	assert_non_null(strstr(refusal("*:8080"), "0.0.0.0:8080"));
	assert_non_null(strstr(refusal("::1:80"), "[::1]:80"));
	assert_non_null(strstr(refusal("1.2.3.4:65536"), "not a port"));
	assert_non_null(strstr(refusal("1.2.3.4:http"), "not a port"));
	assert_non_null(strstr(refusal("1.2.3.4:"), "not a port"));
	assert_non_null(strstr(refusal("unix:"), "needs a path"));
}

static void hosts_that_only_look_like_one_are_refused(void **state)
{
	static const char *const wrong[] = {
		"256.0.0.1:80", "1.2.3:80", "1.2.3.4.5:80", "a..b:80", ".a:80", "a b:80", "a/b:80",
		"[1.2.3.4]:80", "[a.b]:80", "[::1:80", "[]:80", "[::1%]:80", "a:b:80", "\x80:80",
		"", ":", "[::1]80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(refusal(wrong[i]));
}

static void a_path_longer_than_the_kernel_takes_is_refused(void **state)
{
	char text[5 + 108 + 1] = "unix:";

	(void)state;
	memset(text + 5, 'x', 107);
	assert_int_equal(parsed(text).kind, ADDRESS_UNIX);
	text[5 + 107] = 'x';
	assert_non_null(strstr(refusal(text), "107 bytes"));
}

static void a_byte_zero_hides_nothing(void **state)
{
	struct address a;

	(void)state;
	assert_false(address_parse(&a, STR("127.0.0.1\0x:80"), NULL));
	assert_false(address_parse(&a, STR("[::1\0x]:80"), NULL));
	assert_false(address_parse(&a, STR("unix:/a\0b"), NULL));
}

static void ip4_in_ip6_clothes_becomes_ip4(void **state)
{
	struct address mapped = parsed("[::ffff:9.8.7.6]:80"), a;
	struct peer p = peer_from_sockaddr(&mapped.any, mapped.len);
	char room[PEER_TEXT];

	(void)state;
	assert_true(address_from_sockaddr(&a, &mapped.any, mapped.len));
	assert_str(address_text(&a), "9.8.7.6:80");
	assert_int_equal(p.family, AF_INET);
	assert_str(peer_text(&p, room), "9.8.7.6:80");
	assert_str(peer_ip_text(&p, room), "9.8.7.6");
}

static void peers_are_printed_as_addresses_are(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0:0", "255.255.255.255:65535", "[::]:1", "[2001:db8::1]:443", "[fe80::1%3]:80",
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535",
	};
	char room[PEER_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct address a = parsed(texts[i]);
		struct peer p = peer_from_sockaddr(&a.any, a.len);

		assert_str(address_text(&a), texts[i]);
		assert_str(peer_text(&p, room), texts[i]);
	}
}

static void a_unix_peer_has_no_port(void **state)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct peer p = peer_from_sockaddr(&sa, sizeof(sa.sa_family));
	struct address a;
	char room[PEER_TEXT];

	(void)state;
	assert_str(peer_text(&p, room), "unix");
	assert_int_equal(peer_ip_len(&p), 0);
	assert_false(address_from_sockaddr(&a, &sa, sizeof(sa.sa_family)));
}

static void unix_names_come_back_from_the_kernel(void **state)
{
	struct address a = parsed("unix:@weir"), b = parsed("unix:/run/w"), out;

	(void)state;
	assert_true(address_from_sockaddr(&out, &a.any, a.len));
	assert_true(address_equal(&a, &out));
	assert_true(address_from_sockaddr(&out, &b.any, b.len));
	assert_true(address_equal(&b, &out));
}

static void the_port_can_be_changed(void **state)
{
	struct address a = parsed("[::1]:0"), b = parsed("h.x:1");

	(void)state;
	address_set_port(&a, 4711);
	address_set_port(&b, 2);
	assert_str(address_text(&a), "[::1]:4711");
	assert_int_equal(ntohs(a.ip6.sin6_port), 4711);
	assert_str(address_text(&b), "h.x:2");
}

static void only_this_machine_is_local(void **state)
{
	struct address a;

	(void)state;
	a = parsed("127.9.9.9:1");
	assert_true(address_is_local(&a));
	a = parsed("[::1]:1");
	assert_true(address_is_local(&a));
	a = parsed("localhost:1");
	assert_true(address_is_local(&a));
	a = parsed("unix:/x");
	assert_true(address_is_local(&a));
	a = parsed("0.0.0.0:1");
	assert_false(address_is_local(&a));
	a = parsed("[::]:1");
	assert_false(address_is_local(&a));
	a = parsed("localhost.example:1");
	assert_false(address_is_local(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_recognised),
		cmocka_unit_test(one_address_has_one_spelling),
		cmocka_unit_test(different_addresses_are_not_equal),
		cmocka_unit_test(the_sockaddr_is_what_the_kernel_wants),
		cmocka_unit_test(the_host_is_given_without_port_and_brackets),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(hosts_that_only_look_like_one_are_refused),
		cmocka_unit_test(a_path_longer_than_the_kernel_takes_is_refused),
		cmocka_unit_test(a_byte_zero_hides_nothing),
		cmocka_unit_test(ip4_in_ip6_clothes_becomes_ip4),
		cmocka_unit_test(peers_are_printed_as_addresses_are),
		cmocka_unit_test(a_unix_peer_has_no_port),
		cmocka_unit_test(unix_names_come_back_from_the_kernel),
		cmocka_unit_test(the_port_can_be_changed),
		cmocka_unit_test(only_this_machine_is_local),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
