/* test_tls_name.c - host names of TLS, and SPIFFE ids. */
#include "core/net/tls_name.h"

#include "tests/test.h"

static bool covers(const char *name, const char *host)
{
	return tls_name_covers(str_from(name), str_from(host));
}

static void a_name_covers_itself_and_a_star_one_label(void **state)
{
	(void)state;
	assert_true(covers("a.example", "a.example"));
	assert_true(covers("*.a.example", "x.a.example"));
	assert_false(covers("*.a.example", "a.example"));
	assert_false(covers("*.a.example", "y.x.a.example"));
	assert_false(covers("*.example", "a.example"));	/* half of the world */
	assert_false(covers("a.example", "b.example"));
	assert_false(covers("", ""));
	assert_false(covers("*.", "a."));
}

static void what_a_client_asks_for_becomes_small(void **state)
{
	char room[256], longest[300];

	(void)state;
	assert_str(tls_name_fold(STR("WWW.Example."), room), "www.example");
	assert_null(tls_name_fold(STR(""), room).data);
	assert_null(tls_name_fold(STR("."), room).data);
	assert_null(tls_name_fold(STR("a..b"), room).data);
	assert_null(tls_name_fold(STR("a b"), room).data);
	assert_null(tls_name_fold(STR("*.a.example"), room).data);
	assert_null(tls_name_fold(STR("a\0b"), room).data);
	memset(longest, 'a', sizeof(longest));
	assert_null(tls_name_fold(str_of(longest, 64), room).data);
	for (size_t i = 63; i < sizeof(longest); i += 64)
		longest[i] = '.';
	assert_non_null(tls_name_fold(str_of(longest, 253), room).data);
	assert_null(tls_name_fold(str_of(longest, 255), room).data);
}

static void spiffe_ids_are_as_their_specification_says(void **state)
{
	static const char *const good[] = { "spiffe://example.org", "spiffe://example.org/ns/a/sa/b-_.c" };
	static const char *const bad[] = {
		"", "spiffe://", "spiffe:///a", "SPIFFE://example.org/a", "spiffe://Example.org/a",
		"spiffe://example.org/", "spiffe://example.org//a", "spiffe://example.org/a/",
		"spiffe://example.org/./a", "spiffe://example.org/../a", "spiffe://example.org/a%20b",
		"spiffe://example.org:80/a", "spiffe://u@example.org/a", "spiffe://example.org/a?b",
		"spiffe://example.org/a#b", "https://example.org/a", "spiffe://example.org/*",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!spiffe_valid(str_from(good[i])))
			fail_msg("%s is one", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (spiffe_valid(str_from(bad[i])))
			fail_msg("\"%s\" is none", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_covers_itself_and_a_star_one_label),
		cmocka_unit_test(what_a_client_asks_for_becomes_small),
		cmocka_unit_test(spiffe_ids_are_as_their_specification_says),
	};

	return cmocka_run_group_tests_name("tls name", tests, NULL, NULL);
}
