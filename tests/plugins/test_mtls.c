/* test_mtls.c - the policy mtls in the fake world: whose certificate passes. */
#include "tests/plugins/world.h"

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct weir_exchange *exchange;

static int begin(void **state)
{
	(void)open_world(state);
	exchange = weir_fake_exchange(world, "GET", "/");
	return 0;
}

static void shows(enum weir_peer which, const char *value)
{
	weir_fake_add_peer(exchange, which, weir_str_from(value));
}

static void client_shows_a_certificate(void)
{
	shows(WEIR_PEER_FINGERPRINT, PRINT);
	shows(WEIR_PEER_SUBJECT, "CN=web,O=Example");
	shows(WEIR_PEER_DNS, "first.example");
	shows(WEIR_PEER_DNS, "web.clients.example");
	shows(WEIR_PEER_URI, "spiffe://example.org/ns/shop/sa/web");
	shows(WEIR_PEER_SPIFFE, "spiffe://example.org/ns/shop/sa/web");
}

static enum weir_verdict says(const char *options)
{
	return weir_fake_on_request(use("mtls", options), exchange);
}

static void without_a_certificate_nobody_passes(void **state)
{
	(void)state;
	assert_int_equal(says("{}"), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(exchange), 403);
	assert_str(weir_fake_part(exchange, WEIR_PART_REASON), "client-cert-missing");
}

static void headers_are_no_certificate(void **state)
{
	(void)state;
	weir_fake_add_header(exchange, WEIR_REQUEST, "x-forwarded-client-cert",
			     weir_str_from("Hash=" PRINT));
	assert_int_equal(says("{fingerprint: '" PRINT "'}"), WEIR_REFUSED);
}

static void without_options_every_certificate_passes(void **state)
{
	(void)state;
	client_shows_a_certificate();
	assert_int_equal(says("{}"), WEIR_NEXT);
}

static void any_name_of_a_kind_will_do(void **state)
{
	(void)state;
	client_shows_a_certificate();
	assert_int_equal(says("{dns: [x.example, '*.clients.example']}"), WEIR_NEXT);
	assert_int_equal(says("{spiffe: 'spiffe://example.org/ns/*/sa/web'}"), WEIR_NEXT);
	assert_int_equal(says("{subject: 'CN=web,O=Example'}"), WEIR_NEXT);
	assert_int_equal(says("{fingerprint: '" PRINT "'}"), WEIR_NEXT);
	assert_int_equal(says("{dns: x.example, uri: 'spiffe://example.org/ns/shop/sa/web'}"), WEIR_NEXT);
}

static void other_names_are_denied(void **state)
{
	(void)state;
	client_shows_a_certificate();
	assert_int_equal(says("{dns: clients.example, spiffe: 'spiffe://example.org/ns/*/sa/batch'}"),
			 WEIR_REFUSED);
	assert_int_equal(weir_fake_status(exchange), 403);
	assert_str(weir_fake_part(exchange, WEIR_PART_REASON), "denied");
}

static void a_name_of_one_kind_does_not_play_another(void **state)
{
	(void)state;
	client_shows_a_certificate();
	assert_int_equal(says("{email: web.clients.example}"), WEIR_REFUSED);
	assert_int_equal(says("{dns: web}"), WEIR_REFUSED);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	assert_null(use("mtls", "{dns: 'a.*.example'}"));
	assert_non_null(strstr(error.text, "is no host name"));
	assert_null(use("mtls", "{spiffe: 'example.org/web'}"));
	assert_non_null(strstr(error.text, "is no SPIFFE id"));
	assert_null(use("mtls", "{fingerprint: abc}"));
	assert_non_null(strstr(error.text, "64 hex digits"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_certificate_nobody_passes, begin, close_world),
		cmocka_unit_test_setup_teardown(headers_are_no_certificate, begin, close_world),
		cmocka_unit_test_setup_teardown(without_options_every_certificate_passes, begin,
						close_world),
		cmocka_unit_test_setup_teardown(any_name_of_a_kind_will_do, begin, close_world),
		cmocka_unit_test_setup_teardown(other_names_are_denied, begin, close_world),
		cmocka_unit_test_setup_teardown(a_name_of_one_kind_does_not_play_another, begin,
						close_world),
		cmocka_unit_test_setup_teardown(mistakes_are_told, begin, close_world),
	};

	return cmocka_run_group_tests_name("mtls", tests, NULL, NULL);
}
