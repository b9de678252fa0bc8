/* test_network.c - is this client in one of these ranges? */
#include "core/net/network.h"
#include "tests/test.h"

static bool contains(const char *range, const char *ip)
{
	struct network n;
	struct peer p;

	assert_true(network_parse(&n, str_from(range), NULL));
	assert_true(peer_parse_ip(&p, str_from(ip)));
	return network_contains(&n, &p);
}

static void a_range_holds_its_addresses_and_no_others(void **state)
{
	static const struct {
		const char *range, *inside, *outside;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
		{ "10.1.2.3", "10.1.2.3", "10.1.2.2" },
		{ "192.168.4.0/22", "192.168.7.255", "192.168.8.0" },
		{ "192.168.4.128/25", "192.168.4.128", "192.168.4.127" },
		{ "0.0.0.0/1", "127.255.255.255", "128.0.0.0" },
		{ "1.2.3.4/31", "1.2.3.5", "1.2.3.6" },
		{ "fd00::/8", "fdff::1", "fe00::1" },
		{ "2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::" },
		{ "::1", "::1", "::2" },
		{ "2001:db8::1/127", "2001:db8::", "2001:db8::2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!contains(cases[i].range, cases[i].inside))
			fail_msg("%s does not hold %s", cases[i].range, cases[i].inside);
		if (contains(cases[i].range, cases[i].outside))
			fail_msg("%s holds %s", cases[i].range, cases[i].outside);
	}
}

static void the_range_of_all_holds_all_of_its_family(void **state)
{
	(void)state;
	assert_true(contains("0.0.0.0/0", "255.255.255.255"));
	assert_true(contains("::/0", "2001:db8::1"));
	assert_false(contains("0.0.0.0/0", "2001:db8::1"));
	assert_false(contains("::/0", "1.2.3.4"));
}

static void bits_beyond_the_prefix_are_ignored(void **state)
{
	(void)state;
	assert_true(contains("10.99.99.99/8", "10.1.1.1"));
	assert_true(contains("2001:db8:ffff::/32", "2001:db8::1"));
}

/* ::ffff:10.0.0.1 is 10.0.0.1, as a client and as a range. */
static void mapped_addresses_are_what_they_map(void **state)
{
	(void)state;
	assert_true(contains("10.0.0.0/8", "::ffff:10.0.0.1"));
	assert_true(contains("::ffff:10.0.0.1", "10.0.0.1"));
	assert_false(contains("::/0", "::ffff:10.0.0.1"));
}

static void what_is_no_range_is_said_to_be_none(void **state)
{
	static const char *const bad[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8",
		"10.0.0.256", "fd00::/129", "fd00::/0x8", "localhost", "10.0.0.0/ 8", "fd00:::/8",
		"10.0.0.0/99999999999999999999", "[fd00::/8]", "1.2.3.4.5",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
	};
	struct weir_error error;
	struct network n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error.text[0] = '\0';
		if (network_parse(&n, str_from(bad[i]), &error))
			fail_msg("\"%s\" is a range", bad[i]);
		assert_true(error.text[0] != '\0');
	}
}

static void an_address_may_stand_in_brackets_and_has_no_port(void **state)
{
	struct peer p;

	(void)state;
	assert_true(peer_parse_ip(&p, STR("[2001:db8::1]")));
	assert_false(peer_parse_ip(&p, STR("1.2.3.4:80")));
	assert_false(peer_parse_ip(&p, STR("[]")));
	assert_false(peer_parse_ip(&p, STR("unknown")));
	assert_false(peer_parse_ip(&p, STR("_hidden")));
}

static void a_list_holds_what_one_of_it_holds(void **state)
{
	struct network two[2];
	const struct network_list list = { two, 2 }, empty = { NULL, 0 };
	struct peer p;

	(void)state;
	assert_true(network_parse(&two[0], STR("10.0.0.0/8"), NULL));
	assert_true(network_parse(&two[1], STR("fd00::/8"), NULL));
	assert_true(peer_parse_ip(&p, STR("fd12::1")));
	assert_true(network_list_contains(&list, &p));
	assert_true(peer_parse_ip(&p, STR("11.0.0.1")));

	assert_false(network_list_contains(&list, &p));
	assert_false(network_list_contains(&empty, &p));
	assert_false(network_list_contains(NULL, &p));
}

static void a_unix_peer_is_in_no_range(void **state)
{
	struct peer p = { .family = AF_UNIX };
	struct network n;

	(void)state;
	assert_true(network_parse(&n, STR("0.0.0.0/0"), NULL));
	assert_false(network_contains(&n, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_holds_its_addresses_and_no_others),
		cmocka_unit_test(the_range_of_all_holds_all_of_its_family),
		cmocka_unit_test(bits_beyond_the_prefix_are_ignored),
		cmocka_unit_test(mapped_addresses_are_what_they_map),
		cmocka_unit_test(what_is_no_range_is_said_to_be_none),
		cmocka_unit_test(an_address_may_stand_in_brackets_and_has_no_port),
		cmocka_unit_test(a_list_holds_what_one_of_it_holds),
		cmocka_unit_test(a_unix_peer_is_in_no_range),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
