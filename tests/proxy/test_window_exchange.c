/* test_window_exchange.c - what a plugin may decide, and what it says that cannot be. */
#include "core/proxy/answer.h"
#include "tests/proxy/lone.h"

#include <weir/policy.h>

#include "core/base/hash.h"
#include "core/plugin/window.h"
#include "core/proxy/window_exchange.h"
#include "core/upstream/service.h"

static const struct weir_host *window;

static struct weir_exchange *asked(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET /x HTTP/1.1\r\nhost: a\r\nx-user: ann\r\n\r\n");
	l->ex.client_ip = STR("192.0.2.1");
	return exchange_window(&l->ex);
}

static struct weir_exchange *answered(void **state, uint16_t status)
{
	struct weir_exchange *ex = asked(state);

	lone_is_answered(*state, status);
	return ex;
}

static struct weir_str answers(struct lone *l, const char *name)
{
	return headers_get_at(&l->ex.res.headers, str_from(name), 0);
}

/* Status. */

static void a_status_may_become_another(void **state)
{
	struct weir_exchange *ex = answered(state, 404);
	struct lone *l = *state;

	l->ex.res.phrase = STR("Not Found");
	assert_true(window->status_set(ex, 410));

	assert_int_equal(window->status(ex), 410);
	assert_null(l->ex.res.phrase.data);
}

/* Its framing has been decided by the one that came. */
static void but_none_that_has_a_body_where_the_other_has_none(void **state)
{
	struct weir_exchange *ex = answered(state, 200);
	struct lone *l = *state;

	assert_false(window->status_set(ex, 204));
	assert_false(window->status_set(ex, 304));
	assert_false(window->status_set(ex, 101));
	assert_false(window->status_set(ex, 600));
	assert_int_equal(window->status(ex), 200);

	l->ex.res.status = 304;
	assert_false(window->status_set(ex, 200));
	assert_true(window->status_set(ex, 204));
}

static void there_is_no_status_to_set_before_and_after(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	assert_false(window->status_set(ex, 200));
	lone_is_answered(l, 200);
	l->ex.head_sent = true;
	assert_false(window->status_set(ex, 201));
	assert_int_equal(window->status(ex), 200);
}

/* Services. */

static void a_request_goes_to_another_service_until_it_was_sent(void **state)
{
	struct service risk = { .name = STR("risk") }, tariff = { .name = STR("tariff") };
	struct service *services[] = { &risk, &tariff };
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	l->snapshot.services = services;
	l->snapshot.service_count = 2;

	assert_true(window->route_to(ex, STR("tariff")));
	assert_ptr_equal(l->ex.service, &tariff);
	assert_false(window->route_to(ex, STR("nobody")));
	assert_ptr_equal(l->ex.service, &tariff);
	l->ex.forwarded = true;
	assert_false(window->route_to(ex, STR("risk")));
	assert_ptr_equal(l->ex.service, &tariff);
}

/* Answers. */

static void an_answer_is_text_unless_it_says_otherwise(void **state)
{
	const struct weir_reply text = WEIR_REPLY(.status = 218, .body = STR("mine"));
	const struct weir_reply json = WEIR_REPLY(.status = 219, .body = STR("{}"),
						  .content_type = STR("application/json"));
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->reply(ex, &text);
	assert_int_equal(l->ex.res.status, 218);
	assert_str(answers(l, "content-type"), "text/plain; charset=utf-8");
	assert_str(l->ex.reply, "mine");
	assert_true(l->ex.replied);

	window->reply(ex, &json);	/* the last one stands */
	assert_int_equal(l->ex.res.status, 219);
	assert_str(answers(l, "content-type"), "application/json");
	assert_int_equal(headers_count(&l->ex.res.headers, STR("content-type")), 1);
	assert_str(l->ex.reply, "{}");
}

static void an_answer_that_cannot_be_is_a_500(void **state)
{
	static const uint16_t bad[] = { 0, 100, 199, 600, 999 };
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct weir_reply r = WEIR_REPLY(.status = bad[i]);

		window->reply(ex, &r);
		assert_int_equal(l->ex.res.status, 500);
	}
	assert_null(answers(l, "content-type").data);	/* of no body */
}

static void headers_that_cannot_stand_in_an_answer_are_left_out(void **state)
{
	const struct weir_field fields[] = { { STR("x-a"), STR("1") },
					     { STR("content-length"), STR("7") },
					     { STR("x-b"), STR("1\r\nx-c: 2") },
					     { STR("set-cookie"), STR("a") },
					     { STR("set-cookie"), STR("b") } };
	const struct weir_reply r = WEIR_REPLY(.status = 200, .headers = fields, .header_count = 5);
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->reply(ex, &r);

	assert_str(answers(l, "x-a"), "1");
	assert_null(answers(l, "content-length").data);
	assert_null(answers(l, "x-b").data);
	assert_null(answers(l, "x-c").data);
	assert_int_equal(headers_count(&l->ex.res.headers, STR("set-cookie")), 2);
}

static void an_answer_comes_too_late_when_a_head_was_sent(void **state)
{
	const struct weir_reply r = WEIR_REPLY(.status = 500, .body = STR("no"));
	struct weir_exchange *ex = answered(state, 200);
	struct lone *l = *state;

	l->ex.head_sent = true;
	window->reply(ex, &r);

	assert_int_equal(l->ex.res.status, 200);
	assert_false(l->ex.replied);
}

/* A plugin built when the reply was shorter. */
static void what_an_older_plugin_does_not_know_is_absent(void **state)
{
	struct weir_reply r = { .size = offsetof(struct weir_reply, headers), .status = 200,
				.body = STR("old"), .headers = (void *)1, .header_count = 3 };
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->reply(ex, &r);

	assert_int_equal(l->ex.res.status, 200);
	assert_str(l->ex.reply, "old");
}

/* Refusals. */

static void a_refusal_has_a_status_of_its_kind(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->refuse(ex, 401, STR("who are you?"));
	assert_int_equal(l->ex.refused_status, 401);
	assert_str(l->ex.detail, "who are you?");
	window->refuse(ex, 200, STR("no"));
	assert_int_equal(l->ex.refused_status, 403);
	window->refuse(ex, 600, STR("no"));
	assert_int_equal(l->ex.refused_status, 403);
}

static void a_reason_has_a_status_of_its_own(void **state)
{
	const struct weir_refusal expired = WEIR_REFUSAL(.reason = STR("token-expired"));
	const struct weir_refusal nobody = WEIR_REFUSAL(.reason = STR("no-such-word"), .status = 429);
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->refuse_with(ex, &expired);
	assert_int_equal(l->ex.refused_status, 401);
	assert_int_equal(exchange_refused_why(&l->ex), REASON_TOKEN_EXPIRED);
	assert_null(l->ex.detail.data);

	window->refuse_with(ex, &nobody);
	assert_int_equal(l->ex.refused_status, 429);
	assert_int_equal(exchange_refused_why(&l->ex), REASON_REFUSED);
}

static void a_second_refusal_leaves_nothing_of_the_first(void **state)
{
	const struct weir_field field = { STR("www-authenticate"), STR("Bearer") };
	const struct weir_refusal first = WEIR_REFUSAL(.reason = STR("token-expired"),
						       .why = STR("too old"), .headers = &field,
						       .header_count = 1);
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	window->refuse_with(ex, &first);
	assert_int_equal(l->ex.refused_count, 1);
	window->refuse(ex, 429, STR("too many"));

	assert_int_equal(exchange_refused_why(&l->ex), REASON_REFUSED);
	assert_int_equal(l->ex.refused_count, 0);
	assert_str(l->ex.detail, "too many");
}

/* What is kept. */

static void what_a_plugin_gives_is_copied(void **state)
{
	char identity[] = "ann", key[] = "tier", value[] = "gold";
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	assert_true(window->identity_set(ex, str_from(identity)));
	assert_true(window->log_value(ex, str_from(key), str_from(value)));
	memset(identity, '!', 3);
	memset(key, '!', 4);
	memset(value, '!', 4);

	assert_str(l->ex.identity, "ann");
	assert_str(l->ex.record.extra[0].key, "tier");
	assert_str(l->ex.record.extra[0].value, "gold");
}

static void words_for_the_log_are_few_and_have_plain_names(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;
	char key[16];

	assert_false(window->log_value(ex, STR("a b"), STR("1")));
	assert_false(window->log_value(ex, STR(""), STR("1")));
	for (int i = 0; i < 16; i++) {
		(void)snprintf(key, sizeof(key), "k%d", i);
		assert_true(window->log_value(ex, str_from(key), STR("1")));
	}
	assert_false(window->log_value(ex, STR("k16"), STR("1")));
	assert_true(window->log_value(ex, STR("k3"), STR("2")));	/* takes the place of another */
	assert_int_equal(l->ex.record.extras, 16);
}

static void memory_has_an_end(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_non_null(window->alloc(ex, 100));
	assert_null(window->alloc(ex, 2 << 20));
	assert_null(window->alloc(ex, SIZE_MAX));
	assert_false(window->identity_set(ex, STR("ann")));	/* it has overflowed */
}

/* Time. */

static void the_time_that_is_left_is_the_nearer_ends(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;
	uint64_t now = l->w.loop.now;

	assert_true(window->time_left(ex) == UINT64_MAX);
	l->ex.all_until = now + 5;
	assert_true(window->time_left(ex) == 5);
	l->ex.route_until = now + 3;
	assert_true(window->time_left(ex) == 3);
	l->ex.route_until = now - 1;
	assert_true(window->time_left(ex) == 0);
}

/* Keys. */

static void a_plugin_may_have_a_key_of_its_own(void **state)
{
	const struct weir_str parts[] = { STR("header.x-user"), STR("client.ip") };
	struct weir_error error = { "" };
	struct weir_exchange *ex = asked(state);
	struct weir_own_key own;
	struct weir_str text;
	uint64_t hash;

	assert_true(window->key_compile(parts, 2, &own, &error));
	assert_true(window->key_text(ex, own.key, &text));
	assert_str(text, "3:ann9:192.0.2.1");
	assert_true(window->key_hash(ex, own.key, &hash));
	assert_true(hash == hash64(0, text));

	window->key_free(&own);
	assert_null(own.key);
	window->key_free(&own);		/* once more is harmless */
}

static void a_key_that_is_none_gives_a_sentence(void **state)
{
	const struct weir_str part = STR("client.ipp");
	struct weir_error error = { "" };
	struct weir_own_key own;

	(void)state;
	assert_false(window->key_compile(&part, 1, &own, &error));
	assert_non_null(strstr(error.text, "client.ipp"));
	assert_null(own.hold);
	window->key_free(&own);
}

static void another_answer_is_not_for_who_has_sent_nothing(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_int_equal(window->retry(ex, WEIR_ABSENT, 0), WEIR_RETRY_NOT_HERE);
}

static int fill_window(void **state)
{
	(void)state;
	window_fill_exchange(window_table());
	window = window_table();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LONE_TEST(a_status_may_become_another),
		LONE_TEST(but_none_that_has_a_body_where_the_other_has_none),
		LONE_TEST(there_is_no_status_to_set_before_and_after),
		LONE_TEST(a_request_goes_to_another_service_until_it_was_sent),
		LONE_TEST(an_answer_is_text_unless_it_says_otherwise),
		LONE_TEST(an_answer_that_cannot_be_is_a_500),
		LONE_TEST(headers_that_cannot_stand_in_an_answer_are_left_out),
		LONE_TEST(an_answer_comes_too_late_when_a_head_was_sent),
		LONE_TEST(what_an_older_plugin_does_not_know_is_absent),
		LONE_TEST(a_refusal_has_a_status_of_its_kind),
		LONE_TEST(a_reason_has_a_status_of_its_own),
		LONE_TEST(a_second_refusal_leaves_nothing_of_the_first),
		LONE_TEST(what_a_plugin_gives_is_copied),
		LONE_TEST(words_for_the_log_are_few_and_have_plain_names),
		LONE_TEST(memory_has_an_end),
		LONE_TEST(the_time_that_is_left_is_the_nearer_ends),
		LONE_TEST(a_plugin_may_have_a_key_of_its_own),
		LONE_TEST(a_key_that_is_none_gives_a_sentence),
		LONE_TEST(another_answer_is_not_for_who_has_sent_nothing),
	};

	return cmocka_run_group_tests_name("window_exchange", tests, fill_window, NULL);
}
