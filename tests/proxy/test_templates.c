/* test_templates.c - what keys and templates are for one exchange. */
#include "tests/proxy/lone.h"

#include "core/base/hash.h"
#include "core/proxy/claims.h"
#include "core/proxy/templates.h"
#include "core/upstream/service.h"

static struct lone *asked(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET /tariff/010121?x=%61+b HTTP/1.1\r\nhost: A.example:80\r\n"
		     "cookie: k=v\r\nx-a: 1\r\nx-a: 2\r\n\r\n");
	l->ex.client_ip = STR("192.0.2.1");
	l->ex.identity = STR("ann");
	l->ex.found.capture_count = 1;
	l->ex.found.captures[0] = (struct route_capture){ STR("code"), STR("010121") };
	assert_true(exchange_claim_add(&l->ex, STR("role"), STR("x/y")));
	return l;
}

static const struct template *template(struct lone *l, const char *text)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(&l->ex.arena, str_from(text), &error);

	assert_string_equal(error.text, "");
	return t;
}

static const struct key *key(struct lone *l, const char *text)
{
	struct weir_str part = str_from(text);
	struct weir_error error = { "" };
	const struct key *k = key_compile(&l->ex.arena, &part, 1, &error);

	assert_string_equal(error.text, "");
	return k;
}

#define FILLED(text, want) assert_str(template_fill(&l->ex, template(l, text)), want)

static void each_part_of_a_request_can_be_asked(void **state)
{
	struct lone *l = asked(state);

	FILLED("{client.ip}", "192.0.2.1");
	FILLED("{client.identity}", "ann");
	FILLED("{header.x-a}", "1, 2");
	FILLED("{cookie.k}", "v");
	FILLED("{query.x}", "a b");
	FILLED("{path.code} {code}", "010121 010121");
	FILLED("{claim.role}", "x/y");
	FILLED("{host}", "a.example");
	FILLED("{method}", "GET");
	FILLED("{route}", "all");
	FILLED("{listener}", "edge");
}

static void what_is_not_there_is_empty(void **state)
{
	struct lone *l = asked(state);

	l->ex.plan = NULL;

	FILLED("<{route}{service}{cookie.l}{query.y}{header.x-b}{claim.z}>", "<>");
}

static void the_service_is_the_chosen_one_or_the_routes(void **state)
{
	struct lone *l = asked(state);
	struct service routes = { .name = STR("tariff") }, chosen = { .name = STR("risk") };

	l->plan.service = &routes;
	FILLED("{service}", "tariff");
	l->ex.service = &chosen;
	FILLED("{service}", "risk");
	assert_str(exchange_service_name(&l->ex), "risk");
}

static void a_claim_stays_within_its_segment_of_a_path(void **state)
{
	struct lone *l = asked(state);
	struct weir_str path;

	assert_true(rewritten_path(&l->ex, template(l, "/v2/{claim.role}/{code}"), &path));
	assert_str(path, "/v2/x%2Fy/010121");
}

static void a_path_that_comes_to_nothing_valid_is_refused(void **state)
{
	struct lone *l = asked(state);
	static const char *const steps[] = { "..", ".", "x/../y", "a\\b" };
	struct weir_str path;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		assert_true(exchange_claim_set(&l->ex, STR("role"), str_from(steps[i])));
		if (rewritten_path(&l->ex, template(l, "/v2/{claim.role}/x"), &path))
			fail_msg("\"%s\" became \"%.*s\"", steps[i], STR_ARG(path));
	}
}

static void a_host_may_have_a_port_and_is_lower_case(void **state)
{
	struct lone *l = asked(state);
	struct weir_str host;

	assert_true(rewritten_host(&l->ex, template(l, "T{code}.Example:90"), &host));
	assert_str(host, "t010121.example:90");
}

static void a_host_made_of_a_clients_words_is_checked(void **state)
{
	struct lone *l = asked(state);
	struct weir_str host;

	assert_false(rewritten_host(&l->ex, template(l, "{claim.role}.example"), &host));
	assert_false(rewritten_host(&l->ex, template(l, "{query.x}"), &host));
	assert_false(rewritten_host(&l->ex, template(l, "{cookie.none}"), &host));
}

static void a_key_says_when_a_part_is_missing(void **state)
{
	struct lone *l = asked(state);
	struct weir_str text;

	assert_true(exchange_key_text(&l->ex, key(l, "header.x-a"), &text));
	assert_str(text, "1, 2");
	assert_false(exchange_key_text(&l->ex, key(l, "header.x-b"), &text));
	assert_int_equal(text.len, 0);
}

/* Endpoints are found by it again: after a restart, and on another machine. */
static void the_hash_of_a_key_is_the_same_everywhere(void **state)
{
	struct lone *l = asked(state);
	uint64_t hash = exchange_key_hash(&l->ex, key(l, "client.ip"));

	assert_true(hash == hash64(0, STR("192.0.2.1")));
	l->ex.client_ip = STR("192.0.2.2");
	assert_true(hash != exchange_key_hash(&l->ex, key(l, "client.ip")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LONE_TEST(each_part_of_a_request_can_be_asked),
		LONE_TEST(what_is_not_there_is_empty),
		LONE_TEST(the_service_is_the_chosen_one_or_the_routes),
		LONE_TEST(a_claim_stays_within_its_segment_of_a_path),
		LONE_TEST(a_path_that_comes_to_nothing_valid_is_refused),
		LONE_TEST(a_host_may_have_a_port_and_is_lower_case),
		LONE_TEST(a_host_made_of_a_clients_words_is_checked),
		LONE_TEST(a_key_says_when_a_part_is_missing),
		LONE_TEST(the_hash_of_a_key_is_the_same_everywhere),
	};

	return cmocka_run_group_tests_name("templates", tests, NULL, NULL);
}
