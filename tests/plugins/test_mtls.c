/* test_mtls.c - the policy mtls in the fake world: whose certificate passes. */
#include <weir/fake.h>

#include "tests/test.h"

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct weir_fake *world;
static struct weir_exchange *exchange;
static struct weir_error error;

static int open_world(void **state)
{
	(void)state;
	world = weir_fake_new();
	exchange = weir_fake_exchange(world, "GET", "/");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	return weir_fake_free(world) ? 0 : -1;
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

static struct weir_fake_use *use(const char *options)
{
	const struct weir_plugin *plugin;

	error.text[0] = '\0';
	plugin = weir_fake_load("plugins/mtls/mtls.so", &error);
	if (plugin == NULL)
		fail_msg("%s", error.text);
	return weir_fake_open(world, plugin, options, &error);
}

static enum weir_verdict says(const char *options)
{
	return weir_fake_on_request(use(options), exchange);
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
	assert_null(use("{dns: 'a.*.example'}"));
	assert_non_null(strstr(error.text, "is no host name"));
	assert_null(use("{spiffe: 'example.org/web'}"));
	assert_non_null(strstr(error.text, "is no SPIFFE id"));
	assert_null(use("{fingerprint: abc}"));
	assert_non_null(strstr(error.text, "64 hex digits"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_certificate_nobody_passes, open_world, close_world),
		cmocka_unit_test_setup_teardown(headers_are_no_certificate, open_world, close_world),
		cmocka_unit_test_setup_teardown(without_options_every_certificate_passes, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(any_name_of_a_kind_will_do, open_world, close_world),
		cmocka_unit_test_setup_teardown(other_names_are_denied, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_name_of_one_kind_does_not_play_another, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(mistakes_are_told, open_world, close_world),
	};

	return cmocka_run_group_tests_name("mtls", tests, NULL, NULL);
}
