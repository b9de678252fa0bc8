/* test_pattern.c - which names a certificate may have, for the policy mtls. */
#include "plugins/mtls/pattern.h"

#include "tests/test.h"

static bool dns(const char *pattern, const char *name)
{
	return dns_matches(weir_str_from(pattern), weir_str_from(name));
}

static bool spiffe(const char *pattern, const char *id)
{
	return spiffe_matches(weir_str_from(pattern), weir_str_from(id));
}

static void a_star_is_one_label(void **state)
{
	(void)state;
	assert_true(dns("*.a.example", "web.a.example"));
	assert_true(dns("*.a.example", "WEB.A.example"));
	assert_true(dns("a.example", "A.Example"));
	assert_false(dns("*.a.example", "a.example"));
	assert_false(dns("*.a.example", "x.web.a.example"));
	assert_false(dns("*.a.example", ".a.example"));
	assert_false(dns("*.a.example", "web.b.example"));
	assert_false(dns("a.example", "xa.example"));
}

static void dns_patterns_are_names(void **state)
{
	static const char *const bad[] = { "", "*", "*.", "a..b", ".a", "a.", "a b", "a/b", "x.*.b", "**.a" };

	(void)state;
	assert_true(dns_pattern_valid(weir_str_from("*.a.example")));
	assert_true(dns_pattern_valid(weir_str_from("localhost")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (dns_pattern_valid(weir_str_from(bad[i])))
			fail_msg("\"%s\" is taken for a name", bad[i]);
}

static void segments_of_spiffe_ids_match_one_by_one(void **state)
{
	(void)state;
	assert_true(spiffe("spiffe://a.example/ns/x/sa/web", "spiffe://a.example/ns/x/sa/web"));
	assert_true(spiffe("spiffe://a.example/ns/*/sa/web", "spiffe://a.example/ns/x/sa/web"));
	assert_true(spiffe("spiffe://a.example/**", "spiffe://a.example/ns/x/sa/web"));
	assert_true(spiffe("spiffe://a.example", "spiffe://a.example"));
	assert_false(spiffe("spiffe://a.example/**", "spiffe://a.example"));
	assert_false(spiffe("spiffe://a.example/ns/*/sa/web", "spiffe://a.example/ns/x/y/sa/web"));
	assert_false(spiffe("spiffe://a.example/ns/*", "spiffe://a.example/ns/x/sa/web"));
	assert_false(spiffe("spiffe://a.example/ns/x/sa/web", "spiffe://a.example/ns/x/sa/webb"));
	assert_false(spiffe("spiffe://a.example/ns/x/sa/web", "spiffe://a.example/ns/x/sa"));
	assert_false(spiffe("spiffe://a.example/ns/*/sa", "spiffe://a.example/ns//sa"));
	assert_false(spiffe("spiffe://a.example/ns/*/sa", "spiffe://a.example/ns/../sa"));
}

static void the_trust_domain_is_exact(void **state)
{
	(void)state;
	assert_false(spiffe("spiffe://a.example/**", "spiffe://b.example/ns"));
	assert_false(spiffe("spiffe://a.example/**", "spiffe://a.example.evil/ns"));
	assert_false(spiffe("spiffe://a.example/**", "spiffe://a.example@evil/ns"));
	assert_false(spiffe("spiffe://a.example/**", "SPIFFE://a.example/ns"));
	assert_false(spiffe("spiffe://a.example/**", "https://a.example/ns"));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe://*/ns")));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe:///ns")));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe://A.example/ns")));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe://a.example/ns/")));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe://a.example/**/x")));
	assert_false(spiffe_pattern_valid(weir_str_from("spiffe://a.example/w*b")));
}

static void fingerprints_are_read_as_tools_print_them(void **state)
{
	char out[FINGERPRINT];
	char plain[FINGERPRINT + 1], colons[FINGERPRINT * 2];
	size_t n = 0;

	(void)state;
	memset(plain, 'A', FINGERPRINT);
	plain[FINGERPRINT] = '\0';
	for (size_t i = 0; i < FINGERPRINT; i++) {
		if (i > 0 && i % 2 == 0)
			colons[n++] = ':';
		colons[n++] = 'a';
	}
	colons[n] = '\0';
	assert_true(fingerprint_read(weir_str_from(plain), out));
	assert_int_equal(out[0], 'a');
	assert_true(fingerprint_read(weir_str_from(colons), out));
	assert_false(fingerprint_read(weir_str_from(plain + 1), out));
	assert_false(fingerprint_read(weir_str_from("sha256//abc"), out));
	plain[3] = 'g';
	assert_false(fingerprint_read(weir_str_from(plain), out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_star_is_one_label),
		cmocka_unit_test(dns_patterns_are_names),
		cmocka_unit_test(segments_of_spiffe_ids_match_one_by_one),
		cmocka_unit_test(the_trust_domain_is_exact),
		cmocka_unit_test(fingerprints_are_read_as_tools_print_them),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
