/* test_forward.c - a routed request: which service it goes to, and whether there is room. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"
#include "core/route/key.h"

/* A policy that notes where a request went, and may choose it. */
static struct {
	const char *choose;
	char went[32];
	uint32_t attempts;
} noted;

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	if (noted.choose != NULL)
		assert_true(window_table()->route_to(ex, str_from(noted.choose)));
	return WEIR_NEXT;
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str went = window_table()->part(ex, WEIR_PART_SERVICE);

	(void)here;
	(void)snprintf(noted.went, sizeof(noted.went), "%.*s", STR_ARG(went));
	noted.attempts = window_table()->attempts(ex);
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .on_done = on_done);

static struct scene *noting(struct scene *s)
{
	memset(&noted, 0, sizeof(noted));
	(void)scene_policy(s, &policy);
	return s;
}

/* Where one goes whose request says so of him. */
static const char *goes(struct scene *s, const char *fields)
{
	char head[256];

	(void)snprintf(head, sizeof(head), "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n%s\r\n",
		       fields);
	client_connects(s);
	client_says(s, head);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
	(void)client_hears(s, "\r\n\r\nok");
	client_hears_the_end(s);
	scene_until(s, nobody_is_served);
	origin_closes(s);
	client_closes(s);
	return noted.went;
}

/* Splits. */

static struct scene *splitting(uint32_t first, uint32_t second)
{
	static struct split_share shares[2];
	struct scene *s = noting(scene_new());

	shares[0] = (struct split_share){ s->svc, first };
	shares[1] = (struct split_share){ scene_other_service(s, "risk-svc"), first + second };
	s->plan.kind = PLAN_SPLIT;
	s->plan.shares = shares;
	s->plan.share_count = 2;
	s->plan.share_total = first + second;
	return s;
}

static void a_share_of_nothing_gets_nobody(void **state)
{
	struct scene *s = splitting(0, 1);

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_string_equal(goes(s, ""), "risk-svc");
	scene_free(s);
	s = splitting(1, 0);
	for (int i = 0; i < 8; i++)
		assert_string_equal(goes(s, ""), "tariff-svc");
	scene_free(s);
}

static void dice_take_each_side_at_some_time(void **state)
{
	struct scene *s = splitting(1, 1);
	unsigned risk = 0, tariff = 0;

	(void)state;
	for (int i = 0; i < 64 && (risk == 0 || tariff == 0); i++)
		*(strcmp(goes(s, ""), "risk-svc") == 0 ? &risk : &tariff) += 1;

	assert_true(risk > 0 && tariff > 0);
	scene_free(s);
}

static void who_is_split_by_a_key_stays_on_his_side(void **state)
{
	const struct weir_str part = STR("header.x-user");
	struct weir_error error = { "" };
	struct scene *s = splitting(1, 1);
	unsigned risk = 0;
	char fields[32];

	(void)state;
	s->plan.split_by = key_compile(&s->arena, &part, 1, &error);
	assert_non_null(s->plan.split_by);
	for (int user = 0; user < 12; user++) {
		bool first;

		(void)snprintf(fields, sizeof(fields), "x-user: %d\r\n", user);
		first = strcmp(goes(s, fields), "risk-svc") == 0;
		risk += first;
		if ((strcmp(goes(s, fields), "risk-svc") == 0) != first)
			fail_msg("user %d changed sides", user);
	}

	assert_true(risk > 0 && risk < 12);	/* hashes do not change: always the same users */
	scene_free(s);
}

/* Choices. */

static void a_policys_choice_comes_before_the_routes(void **state)
{
	struct scene *s = splitting(1, 0);

	(void)state;
	noted.choose = "risk-svc";
	assert_string_equal(goes(s, ""), "risk-svc");
	scene_free(s);
}

static void a_policys_choice_comes_before_a_redirect(void **state)
{
	struct scene *s = noting(scene_new());

	(void)state;
	s->plan.kind = PLAN_RESPOND;
	s->plan.status = 404;
	noted.choose = "tariff-svc";
	assert_string_equal(goes(s, ""), "tariff-svc");
	assert_int_equal(noted.attempts, 1);
	scene_free(s);
}

/* Tries. */

static void every_try_is_counted(void **state)
{
	static const enum reason lost[] = { REASON_UPSTREAM_RESET };
	struct scene *s = noting(scene_new());

	(void)state;
	scene_retries(s, lost, 1, 0);
	client_says(s, GET);
	for (int i = 0; i < 2; i++) {
		origin_accepts(s);
		(void)origin_hears(s, "\r\n\r\n");
		origin_closes(s);
	}
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 502 ")));
	scene_until(s, nobody_is_served);

	assert_int_equal(noted.attempts, 2);
	scene_free(s);
}

/* Room. */

static struct scene *narrow(uint32_t queue)
{
	struct service_settings settings = {
		.timeouts = { .connect = 60 * NS_PER_S, .first_byte = 60 * NS_PER_S,
			      .between_bytes = 60 * NS_PER_S, .keepalive = 60 * NS_PER_S,
			      .queue = 60 * NS_PER_S },
		.eject = { .after = NO_LIMIT },
		.limits = { .requests = 1, .queue = queue },
	};

	return scene_new_with(&settings, NULL, 0);
}

/* The first client's request is with the origin; its connection is given. */
static int one_is_served(struct scene *s)
{
	int first;

	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	first = s->client;
	client_connects(s);
	client_says(s, GET);
	return first;
}

static void the_first_is_answered(struct scene *s, int first)
{
	int second = s->client;

	s->client = first;
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	client_closes(s);
	s->client = second;
}

static void a_full_service_takes_nobody(void **state)
{
	struct scene *s = narrow(0);
	int first = one_is_served(s);

	(void)state;
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 503 ")));
	assert_int_equal(scene_in_flight(s->svc), 1);
	the_first_is_answered(s, first);

	plain_exchange(s);	/* and there is room again */
	scene_free(s);
}

static bool two_are_there(struct scene *s)
{
	return s->px->exchange_count == 2;
}

static void who_waits_in_the_queue_is_served_next(void **state)
{
	struct scene *s = narrow(1);
	int first = one_is_served(s);

	(void)state;
	scene_until(s, two_are_there);
	assert_true(client_hears_nothing(s));
	the_first_is_answered(s, first);

	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static bool one_is_left(struct scene *s)
{
	return s->px->exchange_count == 1;
}

static void who_leaves_the_queue_holds_up_nobody(void **state)
{
	struct scene *s = narrow(1);
	int first = one_is_served(s);

	(void)state;
	scene_until(s, two_are_there);
	client_resets(s);
	scene_until(s, one_is_left);
	client_connects(s);
	client_says(s, GET);
	scene_until(s, two_are_there);
	assert_true(client_hears_nothing(s));	/* it has the place of the one that left */
	the_first_is_answered(s, first);

	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_of_nothing_gets_nobody),
		cmocka_unit_test(dice_take_each_side_at_some_time),
		cmocka_unit_test(who_is_split_by_a_key_stays_on_his_side),
		cmocka_unit_test(a_policys_choice_comes_before_the_routes),
		cmocka_unit_test(a_policys_choice_comes_before_a_redirect),
		cmocka_unit_test(every_try_is_counted),
		cmocka_unit_test(a_full_service_takes_nobody),
		cmocka_unit_test(who_waits_in_the_queue_is_served_next),
		cmocka_unit_test(who_leaves_the_queue_holds_up_nobody),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
