/* test_entry.c - who is let in, and who is told why not. */
#include "tests/test.h"

#include "core/admin/entry.h"
#include "core/base/mem.h"

static const struct admin_world nobody;

struct knock {
	const char *method, *target;
	struct visit_fields fields;
	unsigned status;		/* 0: let in */
};

static unsigned knocks(const struct knock *k, const struct entry_rules *rules)
{
	const char *why = "";
	struct visit v;
	unsigned status = 0;
	bool in;

	assert_true(visit_init(&v, &nobody, str_from(k->target != NULL ? k->target : "/")));
	visit_set_method(&v, str_from(k->method != NULL ? k->method : "GET"));
	in = entry_check(&v, &k->fields, rules, &why);
	if (!in) {
		status = v.status;
		assert_true(strlen(why) > 0);
		assert_true(buffer_len(&v.answer) > 0);
	}
	assert_true((v.challenge != NULL) == (status == 401));
	visit_fini(&v);
	return status;
}

static void expect(const struct knock *all, size_t count, const struct entry_rules *rules)
{
	for (size_t i = 0; i < count; i++) {
		unsigned got = knocks(&all[i], rules);

		if (got != all[i].status)
			fail_msg("case %zu: got %u, wanted %u", i, got, all[i].status);
	}
}

#define HOST(text) .host = STR(text), .hosts = 1
#define ORIGIN(text) .origin = STR(text), .origins = 1
#define TOKEN(text) .authorization = STR(text), .authorizations = 1

static const struct entry_rules loopback = { .local = true, .token = STR("open sesame") };

static void a_host_is_an_ip_address_or_localhost(void **state)
{
	const struct knock all[] = {
		{ .fields = { .hosts = 0 } },
		{ .fields = { HOST("127.0.0.1") } },
		{ .fields = { HOST("127.0.0.1:9901") } },
		{ .fields = { HOST("[::1]:9901") } },
		{ .fields = { HOST("LocalHost:1") } },
		{ .fields = { HOST("10.0.0.7") } },
		{ .fields = { HOST("rebound.example") }, .status = 403 },
		{ .fields = { HOST("127.0.0.1.rebound.example") }, .status = 403 },
		{ .fields = { HOST("localhost.rebound.example") }, .status = 403 },
		{ .fields = { HOST("127.1") }, .status = 403 },
		{ .fields = { HOST("2130706433") }, .status = 403 },
		{ .fields = { HOST("user@localhost") }, .status = 400 },
		{ .fields = { HOST("") }, .status = 400 },
		{ .fields = { HOST("localhost:x") }, .status = 400 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

static void the_configured_name_may_be_used(void **state)
{
	struct entry_rules rules = loopback;
	const struct knock all[] = {
		{ .fields = { HOST("Gateway.internal:9901") } },
		{ .fields = { HOST("other.internal") }, .status = 403 },
	};

	(void)state;
	rules.name = STR("gateway.internal");
	expect(all, ARRAY_LEN(all), &rules);
}

static void a_page_of_another_site_is_refused(void **state)
{
	const struct knock all[] = {
		{ .fields = { HOST("localhost:9901"), ORIGIN("http://localhost:9901") } },
		{ .fields = { HOST("localhost:9901"), ORIGIN("https://localhost:9901") } },
		{ .fields = { HOST("localhost:9901"), ORIGIN("http://localhost:9902") },
		  .status = 403 },
		{ .fields = { HOST("localhost:9901"), ORIGIN("http://evil.example") },
		  .status = 403 },
		{ .fields = { HOST("localhost:9901"), ORIGIN("null") }, .status = 403 },
		{ .fields = { HOST("localhost:9901"), ORIGIN("") }, .status = 403 },
		{ .fields = { ORIGIN("http://localhost:9901") }, .status = 403 },
		{ .method = "POST", .fields = { HOST("localhost"), ORIGIN("http://evil.example"),
						TOKEN("Bearer open sesame") }, .status = 403 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

static void on_loopback_a_command_needs_the_token_and_a_question_does_not(void **state)
{
	const struct knock all[] = {
		{ .method = "GET" },
		{ .method = "HEAD" },
		{ .method = "POST", .status = 401 },
		{ .method = "POST", .fields = { TOKEN("Bearer open sesame") } },
		{ .method = "POST", .fields = { TOKEN("bearer   open sesame ") } },
		{ .method = "POST", .fields = { TOKEN("Bearer open sesam") }, .status = 401 },
		{ .method = "POST", .fields = { TOKEN("Bearer open sesame!") }, .status = 401 },
		{ .method = "POST", .fields = { TOKEN("Bearer ") }, .status = 401 },
		{ .method = "POST", .fields = { TOKEN("open sesame") }, .status = 401 },
		{ .method = "POST", .fields = { TOKEN("Basic open sesame") }, .status = 401 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

static void where_others_reach_it_everything_needs_the_token(void **state)
{
	const struct entry_rules open = { .token = STR("t") };
	const struct knock all[] = {
		{ .method = "GET", .target = "/healthz", .status = 401 },
		{ .method = "GET", .target = "/nothing", .status = 401 },
		{ .method = "GET", .target = "/config", .fields = { TOKEN("Bearer t") } },
		{ .method = "POST", .fields = { TOKEN("Bearer t") } },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &open);
}

static void without_a_token_nobody_may_command_over_tcp(void **state)
{
	const struct entry_rules local = { .local = true }, open = { .local = false };
	const struct knock all[] = {
		{ .method = "POST", .status = 403 },
		{ .method = "POST", .fields = { TOKEN("Bearer ") }, .status = 403 },
	};
	const struct knock question = { .method = "GET", .status = 403 };

	(void)state;
	expect(all, ARRAY_LEN(all), &local);
	expect(all, ARRAY_LEN(all), &open);
	expect(&question, 1, &open);
}

static void whoever_opens_the_unix_socket_may_do_everything(void **state)
{
	const struct entry_rules file = { .local = true, .file = true, .token = STR("t") };
	const struct knock all[] = {
		{ .method = "POST" },
		{ .method = "POST", .fields = { HOST("localhost") } },
		{ .method = "POST", .fields = { HOST("evil.example") }, .status = 403 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &file);
}

static void the_probe_is_asked_under_any_name_without_a_token(void **state)
{
	const struct entry_rules open = { .probe = true }, local = { .probe = true, .local = true };
	const struct knock all[] = {
		{ .fields = { HOST("weir.monitoring.svc:9902") } },
		{ .fields = { HOST("weir"), ORIGIN("http://evil.example") }, .status = 403 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &open);
	expect(all, ARRAY_LEN(all), &local);
}

static void fields_that_stand_twice_are_refused(void **state)
{
	const struct knock all[] = {
		{ .fields = { .host = STR("localhost"), .hosts = 2 }, .status = 400 },
		{ .fields = { .origin = STR("null"), .origins = 2 }, .status = 400 },
		{ .fields = { .authorization = STR("Bearer open sesame"), .authorizations = 2 },
		  .status = 400 },
		{ .fields = { .length = STR("1"), .lengths = 2 }, .status = 400 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

static void bodies_say_their_length_and_are_bounded(void **state)
{
	const struct knock all[] = {
		{ .fields = { .length = STR("65536"), .lengths = 1 } },
		{ .fields = { .length = STR("65537"), .lengths = 1 }, .status = 413 },
		{ .fields = { .length = STR("-1"), .lengths = 1 }, .status = 400 },
		{ .fields = { .length = STR("99999999999999999999"), .lengths = 1 }, .status = 400 },
		{ .fields = { .chunked = true }, .status = 411 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

static void a_target_is_a_path(void **state)
{
	const struct knock all[] = {
		{ .target = "http://localhost/config", .status = 400 },
		{ .target = "*", .status = 400 },
		{ .target = "?", .status = 400 },
		{ .target = "", .status = 400 },
	};

	(void)state;
	expect(all, ARRAY_LEN(all), &loopback);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_an_ip_address_or_localhost),
		cmocka_unit_test(the_configured_name_may_be_used),
		cmocka_unit_test(a_page_of_another_site_is_refused),
		cmocka_unit_test(on_loopback_a_command_needs_the_token_and_a_question_does_not),
		cmocka_unit_test(where_others_reach_it_everything_needs_the_token),
		cmocka_unit_test(without_a_token_nobody_may_command_over_tcp),
		cmocka_unit_test(whoever_opens_the_unix_socket_may_do_everything),
		cmocka_unit_test(the_probe_is_asked_under_any_name_without_a_token),
		cmocka_unit_test(fields_that_stand_twice_are_refused),
		cmocka_unit_test(bodies_say_their_length_and_are_bounded),
		cmocka_unit_test(a_target_is_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
