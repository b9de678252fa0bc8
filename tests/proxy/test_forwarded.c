/* test_forwarded.c - the request's head as the upstream sees it. */
#include "tests/proxy/scene.h"

#include "core/net/network.h"
#include "core/route/key.h"

/* What reaches the origin of a request with these lines. */
static struct weir_str head_of(struct scene *s, const char *lines)
{
	struct weir_str heard;

	client_says(s, "GET /x HTTP/1.1\r\nhost: a.example:81\r\n");
	client_says(s, lines);
	client_says(s, "\r\n");
	if (s->origin < 0)
		origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	return heard;
}

/* The value of a field; absent when there is none, and none may stand there twice. */
static struct weir_str field(struct weir_str head, const char *name)
{
	struct weir_str found = STR_ABSENT, line;

	while (str_next(&head, '\n', &line)) {
		size_t colon = str_find(line, ':');

		if (!str_eq_nocase(str_head(line, colon), str_from(name)))
			continue;
		if (found.data != NULL)
			fail_msg("%s stands there twice", name);
		found = str_skip(line, colon + 1);
		found = str_trim(str_head(found, found.len > 0 && found.data[found.len - 1] == '\r'
						 ? found.len - 1 : found.len));
	}
	return found;
}

static void trust(struct scene *s, const char *range)
{
	static struct network one;
	static const struct network_list list = { &one, 1 };

	assert_true(network_parse(&one, str_from(range), NULL));
	s->lp.trusted = &list;
}

static void upstreams_learn_who_asks_and_how(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head = head_of(s, "");

	(void)state;
	assert_str(field(head, "host"), "a.example:81");
	assert_str(field(head, "x-forwarded-for"), "192.0.2.1");
	assert_str(field(head, "x-forwarded-proto"), "http");
	assert_str(field(head, "x-forwarded-host"), "a.example:81");
	assert_str(field(head, "via"), "1.1 weir");
	assert_int_equal(field(head, "x-request-id").len, 32);
	assert_int_equal(field(head, "traceparent").len, 55);
	scene_free(s);
}

static void strangers_are_not_believed(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head = head_of(s, "x-forwarded-for: 10.0.0.1\r\nx-forwarded-proto: https\r\n"
					  "x-forwarded-host: bank\r\nforwarded: for=10.0.0.1\r\n"
					  "x-real-ip: 10.0.0.1\r\nX_Forwarded_For: 10.0.0.1\r\n"
					  "x-forwarded-client-cert: me\r\ntrue_client_ip: 10.0.0.1\r\n"
					  "x-mine: 1\r\n");

	(void)state;
	assert_str(field(head, "x-forwarded-for"), "192.0.2.1");
	assert_str(field(head, "x-forwarded-proto"), "http");
	assert_str(field(head, "x-forwarded-host"), "a.example:81");
	assert_null(field(head, "forwarded").data);
	assert_null(field(head, "x-real-ip").data);
	assert_null(field(head, "x_forwarded_for").data);
	assert_null(field(head, "x-forwarded-client-cert").data);
	assert_null(field(head, "true_client_ip").data);
	assert_str(field(head, "x-mine"), "1");
	scene_free(s);
}

static void trusted_proxies_are_believed(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head;

	(void)state;
	trust(s, "192.0.2.0/24");
	head = head_of(s, "x-forwarded-for: 10.0.0.1\r\nx-forwarded-proto: https\r\n"
			  "x-forwarded-host: bank\r\nforwarded: for=10.0.0.1\r\nx_forwarded_for: evil\r\n");

	assert_str(field(head, "x-forwarded-for"), "10.0.0.1, 192.0.2.1");
	assert_str(field(head, "x-forwarded-proto"), "https");
	assert_str(field(head, "x-forwarded-host"), "bank");
	assert_str(field(head, "forwarded"), "for=10.0.0.1");
	assert_null(field(head, "x_forwarded_for").data);
	scene_free(s);
}

static void what_is_for_one_hop_stays_there(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head = head_of(s, "connection: close, x-mine, host\r\nx-mine: 1\r\nte: trailers\r\n"
					  "keep-alive: 5\r\nproxy-authorization: x\r\nupgrade: h2c\r\n"
					  "http2-settings: AAA\r\nauthorization: y\r\n");

	(void)state;
	assert_null(field(head, "connection").data);
	assert_null(field(head, "x-mine").data);
	assert_null(field(head, "te").data);
	assert_null(field(head, "upgrade").data);
	assert_null(field(head, "http2-settings").data);
	assert_null(field(head, "proxy-authorization").data);
	assert_str(field(head, "host"), "a.example:81");
	assert_str(field(head, "authorization"), "y");
	scene_free(s);
}

static void ways_that_were_gone_are_kept(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_str(field(head_of(s, "via: 1.0 fred\r\n"), "via"), "1.0 fred, 1.1 weir");
	scene_free(s);
}

static void a_circle_is_broken(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nvia: ");
	for (int i = 0; i < 16; i++)
		client_says(s, "1.1 weir, ");
	client_says(s, "1.1 weir\r\n\r\n");
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 508 ")));
	scene_free(s);
}

static void a_fit_request_id_is_kept(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_str(field(head_of(s, "x-request-id: abc-123\r\n"), "x-request-id"), "abc-123");
	assert_int_equal(field(head_of(s, "x-request-id: a\"b\r\n"), "x-request-id").len, 32);
	assert_int_equal(field(head_of(s, "x-request-id: a b\r\n"), "x-request-id").len, 32);
	scene_free(s);
}

static void request_ids_differ(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head = head_of(s, ""), id = field(head, "x-request-id");
	char first[32];

	(void)state;
	memcpy(first, id.data, sizeof(first));
	for (size_t i = 0; i < sizeof(first); i++)
		assert_non_null(strchr("0123456789abcdef", first[i]));
	id = field(head_of(s, ""), "x-request-id");

	assert_memory_not_equal(first, id.data, sizeof(first));
	scene_free(s);
}

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void a_valid_trace_goes_on_and_another_begins_anew(void **state)
{
	static const char *const bad[] = {
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c8031-c-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
	};
	struct scene *s = scene_new();
	struct weir_str head = head_of(s, "traceparent: " TRACE "\r\ntracestate: x=1\r\n");
	char line[128];

	(void)state;
	assert_str(field(head, "traceparent"), TRACE);
	assert_str(field(head, "tracestate"), "x=1");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		(void)snprintf(line, sizeof(line), "traceparent: %s\r\ntracestate: x=1\r\n", bad[i]);
		head = head_of(s, line);
		assert_int_equal(field(head, "traceparent").len, 55);
		assert_false(str_eq(field(head, "traceparent"), str_from(bad[i])));
		assert_null(field(head, "tracestate").data);
	}
	scene_free(s);
}

static void a_route_edits_what_goes_up_and_what_comes_down(void **state)
{
	static struct header_edit up[] = {
		{ .kind = EDIT_SET, .name = { "x-set", 5 }, .text = { "1", 1 } },
		{ .kind = EDIT_ADD, .name = { "x-add", 5 }, .text = { "2", 1 } },
		{ .kind = EDIT_REMOVE, .name = { "x-gone", 6 } },
	};
	static struct header_edit down[] = {
		{ .kind = EDIT_SET, .name = { "server", 6 }, .text = { "hidden", 6 } },
	};
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.request_headers = (struct header_edits){ up, 3 };
	s->plan.response_headers = (struct header_edits){ down, 1 };
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx-set: 0\r\nx-set: 9\r\nx-gone: 1\r\n\r\n");
	origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	assert_str(field(heard, "x-set"), "1");
	assert_str(field(heard, "x-add"), "2");
	assert_null(field(heard, "x-gone").data);
	origin_says(s, "HTTP/1.1 200 OK\r\nserver: secret/1.2\r\ncontent-length: 0\r\n\r\n");

	assert_str(field(client_hears(s, "\r\n\r\n"), "server"), "hidden");
	scene_free(s);
}

static void paths_go_up_normalised(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET //a/%7Eb/../c?x=%2F HTTP/1.1\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	assert_true(str_starts(origin_hears(s, "\r\n\r\n"), STR("GET /a/c?x=%2F HTTP/1.1\r\n")));
	scene_free(s);
}

/* Templates. */

static const struct template *template(struct scene *s, const char *text)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(&s->arena, str_from(text), &error);

	assert_string_equal(error.text, "");
	return t;
}

static void goes_up_as(struct scene *s, const char *target, const char *line)
{
	struct weir_str heard;

	client_says(s, "GET ");
	client_says(s, target);
	client_says(s, " HTTP/1.1\r\nhost: a\r\nx-to: ..\r\n\r\n");
	if (s->origin < 0)
		origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	if (!str_starts(heard, str_from(line)))
		fail_msg("wanted \"%s\", got \"%.*s\"", line, STR_ARG(heard));
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
}

static void a_template_makes_the_path_and_the_query_is_kept(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.path = template(s, "/v2/{query.to}");
	goes_up_as(s, "/x?to=a%2Fb", "GET /v2/a%2Fb?to=a%2Fb HTTP/1.1\r\n");
	s->plan.path = template(s, "/v2?by=weir");
	goes_up_as(s, "/x", "GET /v2?by=weir HTTP/1.1\r\n");
	goes_up_as(s, "/x?y=1", "GET /v2?by=weir&y=1 HTTP/1.1\r\n");
	scene_free(s);
}

static void is_refused(struct scene *s, const char *target, const char *status, const char *word)
{
	struct weir_str heard;

	client_says(s, "GET ");
	client_says(s, target);
	client_says(s, " HTTP/1.1\r\nhost: a\r\n\r\n");
	heard = client_hears(s, "}\n");
	assert_true(str_starts(heard, str_from(status)));
	assert_true(str_find_str(heard, str_from(word)) < heard.len);
	assert_true(str_find_str(heard, STR("of this request is not valid")) < heard.len);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void a_path_that_is_none_is_not_replaced_by_the_old_one(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.path = template(s, "/v2/{query.to}");
	is_refused(s, "/x?to=..", "HTTP/1.1 400 ", "weir-reason: bad-path");
}

static void a_host_that_is_none_is_not_replaced_by_the_old_one(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.host = template(s, "{query.to}.example");
	is_refused(s, "/x?to=a%20b", "HTTP/1.1 400 ", "weir-reason: bad-host");
}

static void a_location_that_is_none_is_not_sent(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.kind = PLAN_REDIRECT;
	s->plan.status = 302;
	s->plan.location = template(s, "http://x/{query.to}");
	is_refused(s, "/x?to=a%0d%0ab", "HTTP/1.1 400 ", "weir-reason: bad-path");
}

/* Else the client could choose it: by making the template fail. */
static void a_header_that_is_set_to_what_cannot_be_sent_is_absent(void **state)
{
	struct header_edit edit = { .kind = EDIT_SET, .name = STR("x-user") };
	struct scene *s = scene_new();
	struct weir_str head;

	(void)state;
	edit.value = template(s, "{query.user}");
	s->plan.request_headers = (struct header_edits){ .at = &edit, .count = 1 };
	client_says(s, "GET /x?user=a%0ab HTTP/1.1\r\nhost: a\r\nx-user: root\r\n\r\n");
	origin_accepts(s);
	head = origin_hears(s, "\r\n\r\n");

	assert_null(field(head, "x-user").data);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upstreams_learn_who_asks_and_how),
		cmocka_unit_test(strangers_are_not_believed),
		cmocka_unit_test(trusted_proxies_are_believed),
		cmocka_unit_test(what_is_for_one_hop_stays_there),
		cmocka_unit_test(ways_that_were_gone_are_kept),
		cmocka_unit_test(a_circle_is_broken),
		cmocka_unit_test(a_fit_request_id_is_kept),
		cmocka_unit_test(request_ids_differ),
		cmocka_unit_test(a_valid_trace_goes_on_and_another_begins_anew),
		cmocka_unit_test(a_route_edits_what_goes_up_and_what_comes_down),
		cmocka_unit_test(paths_go_up_normalised),
		cmocka_unit_test(a_template_makes_the_path_and_the_query_is_kept),
		cmocka_unit_test(a_path_that_is_none_is_not_replaced_by_the_old_one),
		cmocka_unit_test(a_host_that_is_none_is_not_replaced_by_the_old_one),
		cmocka_unit_test(a_location_that_is_none_is_not_sent),
		cmocka_unit_test(a_header_that_is_set_to_what_cannot_be_sent_is_absent),
	};

	return cmocka_run_group_tests_name("forwarded", tests, NULL, NULL);
}
