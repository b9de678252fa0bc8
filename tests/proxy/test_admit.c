/* test_admit.c - which requests are served at all, and whose they are. */
#include "tests/proxy/scene.h"

#include "core/net/network.h"

/* Who the client is, as a policy of the route sees it. */
static char client[64];
static bool peer_trusted;

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *wex)
{
	const struct exchange *ex = exchange_of(wex);

	(void)here;
	(void)snprintf(client, sizeof(client), "%.*s", STR_ARG(ex->client_ip));
	peer_trusted = ex->peer_trusted;
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

/* A listener that believes the proxies of 192.0.2.0/24, where the client is, and of 10.0.0.0/8. */
static struct scene *behind_proxies(void)
{
	static struct network networks[2];
	static const struct network_list trusted = { .at = networks, .count = 2 };
	struct weir_error error = { "" };
	struct scene *s = scene_new();

	assert_true(network_parse(&networks[0], STR("192.0.2.0/24"), &error));
	assert_true(network_parse(&networks[1], STR("10.0.0.0/8"), &error));
	s->lp.trusted = (struct network_list *)(uintptr_t)&trusted;
	(void)scene_policy(s, &policy);
	return s;
}

/* The request with this header is served; `who` is its client. */
static void comes_from(struct scene *s, const char *header, const char *who)
{
	char request[1024];

	(void)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nhost: a\r\n%s\r\n\r\n", header);
	client_says(s, request);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	assert_string_equal(client, who);
	scene_free(s);
}

static void is_refused(struct scene *s, const char *request, const char *status, const char *reason)
{
	struct weir_str heard;

	client_says(s, request);
	heard = client_hears(s, "}\n");
	assert_true(str_starts(heard, str_from(status)));
	assert_true(str_find_str(heard, str_from(reason)) < heard.len);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

/* The client. */

static void what_a_stranger_says_of_himself_is_not_believed(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	(void)scene_policy(s, &policy);
	comes_from(s, "x-forwarded-for: 198.51.100.7", "192.0.2.1");
	assert_false(peer_trusted);
}

static void a_trusted_proxy_says_who_the_client_is(void **state)
{
	(void)state;
	comes_from(behind_proxies(), "x-forwarded-for: 198.51.100.7", "198.51.100.7");
	assert_true(peer_trusted);
}

/* Left of the first that is not trusted, anybody may have written anything. */
static void the_client_is_the_rightmost_who_is_not_trusted(void **state)
{
	(void)state;
	comes_from(behind_proxies(), "x-forwarded-for: 203.0.113.9, 198.51.100.7,10.0.0.1",
		   "198.51.100.7");
}

static void lines_of_it_are_read_as_one(void **state)
{
	(void)state;
	comes_from(behind_proxies(), "x-forwarded-for: 203.0.113.9, 198.51.100.7\r\n"
				     "x-forwarded-for: 10.0.0.1, 10.0.0.2", "198.51.100.7");
}

static void where_all_are_trusted_the_first_is_the_client(void **state)
{
	(void)state;
	comes_from(behind_proxies(), "x-forwarded-for: 10.0.0.9, 10.0.0.1", "10.0.0.9");
}

static void behind_a_word_that_is_no_address_nothing_is_read(void **state)
{
	(void)state;
	comes_from(behind_proxies(), "x-forwarded-for: 198.51.100.7, unknown, 10.0.0.1", "10.0.0.1");
}

/* What is served. */

static void an_upgrade_that_the_client_counts_on_is_refused(void **state)
{
	(void)state;
	is_refused(scene_new(), "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n"
				"upgrade: websocket\r\n\r\n", "HTTP/1.1 400 ", "upgrade-refused");
}

static void an_upgrade_to_http_2_is_passed_over(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	(void)scene_policy(s, &policy);
	comes_from(s, "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk",
		   "192.0.2.1");
}

#define FIVE "1.1 weir, 1.1 weir, 1.1 weir, 1.1 weir, 1.1 weir, "

static void a_request_that_goes_in_circles_is_refused(void **state)
{
	(void)state;
	is_refused(scene_new(), "GET / HTTP/1.1\r\nhost: a\r\nvia: " FIVE FIVE FIVE "1.1 weir\r\n\r\n",
		   "HTTP/1.1 508 ", "weir-reason: loop");
}

/* However many others it has passed. */
static void only_our_own_kind_is_counted(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	(void)scene_policy(s, &policy);
	comes_from(s, "via: " FIVE FIVE FIVE "1.1 cache, 1.1 cache, 1.1 notweir", "192.0.2.1");
}

/* Routes. */

/* The listener has this route alone. */
static void has_only(struct scene *s, const struct route_spec *spec)
{
	struct weir_error error = { "" };

	table_free(s->table);
	s->table = table_build(&spec, 1, &error);
	assert_string_equal(error.text, "");
	s->lp.routes = s->table;
}

static void a_path_without_a_route_is_a_404(void **state)
{
	const struct route_spec spec = { .name = STR("all"), .path = STR("/x") };
	struct scene *s = scene_new();

	(void)state;
	has_only(s, &spec);
	is_refused(s, "GET /y HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 404 ",
		   "weir-reason: no-route");
}

static void a_method_without_a_route_is_told_which_have_one(void **state)
{
	const struct weir_str methods[] = { STR("GET"), STR("PUT") };
	const struct route_spec spec = { .name = STR("all"), .methods = methods, .method_count = 2 };
	struct scene *s = scene_new();

	(void)state;
	has_only(s, &spec);
	is_refused(s, "DELETE / HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 405 ",
		   "allow: GET, PUT\r\n");
}

/* Routes may allow more than their listener; where there is none, the listener's limit holds. */
static void a_large_head_without_a_route_is_too_large(void **state)
{
	const struct route_spec spec = { .name = STR("all"), .path = STR("/x") };
	struct scene *s = scene_new();

	(void)state;
	has_only(s, &spec);
	s->lp.head_limit = 64;
	s->plan.head_limit = 1024;
	is_refused(s, "GET /y HTTP/1.1\r\nhost: a\r\nx-long: 0123456789012345678901234567890123456789"
		   "\r\n\r\n", "HTTP/1.1 431 ", "weir-reason: head-too-large");
}

/* Whoever stands behind a trusted proxy is asked for, and not the proxy. */
static void a_route_may_be_for_clients_of_a_network(void **state)
{
	struct network network;
	const struct network_list office = { .at = &network, .count = 1 };
	const struct route_predicate from = { .on = ON_CLIENT, .test = TEST_IS, .networks = &office,
					      .value = STR("203.0.113.0/24") };
	const struct route_spec spec = { .name = STR("all"), .predicates = &from,
					 .predicate_count = 1 };
	struct weir_error error = { "" };
	struct scene *s = behind_proxies();

	(void)state;
	assert_true(network_parse(&network, STR("203.0.113.0/24"), &error));
	has_only(s, &spec);
	comes_from(s, "x-forwarded-for: 203.0.113.9", "203.0.113.9");
	s = behind_proxies();
	has_only(s, &spec);
	is_refused(s, "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 198.51.100.9\r\n\r\n",
		   "HTTP/1.1 404 ", "weir-reason: no-route");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_stranger_says_of_himself_is_not_believed),
		cmocka_unit_test(a_trusted_proxy_says_who_the_client_is),
		cmocka_unit_test(the_client_is_the_rightmost_who_is_not_trusted),
		cmocka_unit_test(lines_of_it_are_read_as_one),
		cmocka_unit_test(where_all_are_trusted_the_first_is_the_client),
		cmocka_unit_test(behind_a_word_that_is_no_address_nothing_is_read),
		cmocka_unit_test(an_upgrade_that_the_client_counts_on_is_refused),
		cmocka_unit_test(an_upgrade_to_http_2_is_passed_over),
		cmocka_unit_test(a_request_that_goes_in_circles_is_refused),
		cmocka_unit_test(only_our_own_kind_is_counted),
		cmocka_unit_test(a_path_without_a_route_is_a_404),
		cmocka_unit_test(a_method_without_a_route_is_told_which_have_one),
		cmocka_unit_test(a_large_head_without_a_route_is_too_large),
		cmocka_unit_test(a_route_may_be_for_clients_of_a_network),
	};

	return cmocka_run_group_tests_name("admit", tests, NULL, NULL);
}
