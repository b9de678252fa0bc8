/* test_authority.c - "host[:port]". */
#include "tests/http/http.h"

static void reads(void **state, const char *from, const char *whole, const char *host,
		  unsigned port)
{
	struct parsed *p = *state;
	struct weir_str in = exact(from, strlen(from)), got_whole, got_host;
	uint16_t got_port;

	if (!authority_read(&p->arena, in, &got_whole, &got_host, &got_port))
		fail_msg("refused: %s", from);
	assert_str(got_whole, whole);
	assert_str(got_host, host);
	assert_int_equal(got_port, port);
	exact_free(in);
}

static void is_refused(void **state, struct weir_str text)
{
	struct parsed *p = *state;
	struct weir_str whole, host;
	uint16_t port;

	if (authority_read(&p->arena, text, &whole, &host, &port))
		fail_msg("taken: %.*s", STR_ARG(text));
}

static void names_and_addresses_are_read(void **state)
{
	reads(state, "a", "a", "a", 0);
	reads(state, "api.example.com:8080", "api.example.com:8080", "api.example.com", 8080);
	reads(state, "127.0.0.1:1", "127.0.0.1:1", "127.0.0.1", 1);
	reads(state, "tariff_svc", "tariff_svc", "tariff_svc", 0);
	reads(state, "[::1]", "[::1]", "[::1]", 0);
	reads(state, "[2001:db8::1]:65535", "[2001:db8::1]:65535", "[2001:db8::1]", 65535);
}

static void one_host_has_one_spelling(void **state)
{
	reads(state, "API.Example.COM:80", "api.example.com:80", "api.example.com", 80);
	reads(state, "example.com.", "example.com", "example.com", 0);
	reads(state, "Example.com.:81", "example.com:81", "example.com", 81);
	reads(state, "example.com:", "example.com", "example.com", 0);
	reads(state, "[2001:DB8::A]:80", "[2001:db8::a]:80", "[2001:db8::a]", 80);
	reads(state, "[::1]:", "[::1]", "[::1]", 0);
}

static void ports_are_1_to_65535(void **state)
{
	is_refused(state, STR("a:0"));
	is_refused(state, STR("a:65536"));
	is_refused(state, STR("a:000080"));
	is_refused(state, STR("a:+1"));
	is_refused(state, STR("a: 1"));
	is_refused(state, STR("a:http"));
	is_refused(state, STR("a:1:2"));
	is_refused(state, STR(":80"));
}

static void odd_hosts_are_refused(void **state)
{
	is_refused(state, STR(""));
	is_refused(state, STR("."));
	is_refused(state, STR(".a"));
	is_refused(state, STR("a..b"));
	is_refused(state, STR("a..:80"));
	is_refused(state, STR("user@a"));
	is_refused(state, STR("user:pw@a"));
	is_refused(state, STR("a/b"));
	is_refused(state, STR("a?b"));
	is_refused(state, STR("a#b"));
	is_refused(state, STR("a b"));
	is_refused(state, STR("a,b"));
	is_refused(state, STR("a%2eb"));
	is_refused(state, STR("a\0b"));
	is_refused(state, STR("\xc3\xa9"));
}

static void odd_literals_are_refused(void **state)
{
	is_refused(state, STR("[]"));
	is_refused(state, STR("[::1"));
	is_refused(state, STR("::1"));
	is_refused(state, STR("[::1]80"));
	is_refused(state, STR("[::1]]"));
	is_refused(state, STR("[::1%25eth0]"));
	is_refused(state, STR("[v1.x]"));
	is_refused(state, STR("[127.0.0.1]"));
	is_refused(state, STR("[::1\0]"));
	is_refused(state, STR("[0000000000000000000000000000000000000000000000000000]"));
}

static void a_host_has_at_most_255_bytes(void **state)
{
	char text[256];

	memset(text, 'a', sizeof(text));
	is_refused(state, str_of(text, 256));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(names_and_addresses_are_read),
		http_test(one_host_has_one_spelling),
		http_test(ports_are_1_to_65535),
		http_test(odd_hosts_are_refused),
		http_test(odd_literals_are_refused),
		http_test(a_host_has_at_most_255_bytes),
	};

	return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
