/* test_faults.c - upstreams that misbehave: the client sees what is right or visibly broken. */
#include "tests/e2e/story.h"

/* No second try and no ejection, so that each fault is seen as it is. */
#define BARE WITH_TIMEOUTS("")
#define WITH_TIMEOUTS(timeouts) LISTEN \
	"services: {app: {endpoints: [\"${A}\"], eject: none, timeouts: {" timeouts "}}}\n" \
	"routes: [{to: app, retry: 1}]\n"

static void invalid_answers_are_never_passed_on(struct story *s)
{
	static const char *const invalid[] = {
		"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
		"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nx : space\r\n\r\n",
		"HTTP/1.1 200 OK\r\nx: folded\r\n more\r\n\r\n",
		"HTTP/1.1 200 OK\n\n",
		"HTTP/1.1 200 OK\r\nx: bell\a\r\n\r\n",
		"HTTP/1.1 99 Low\r\n\r\n",
		"HTTP/1.1 2000 High\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"ICY 200 OK\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
		"this is not HTTP at all\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(invalid); i++) {
		origin_once(s->a, closing(says(invalid[i])));
		client_gets(s->client, "/");
		if (wire_status(&s->client->answer) != 502)
			fail_msg("%s came through:\n%s", invalid[i], s->client->answer.head);
		client_saw_header(s->client, "weir-reason", "upstream-invalid");
	}
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

static void a_connection_that_ends_before_the_head_is_told(struct story *s)
{
	origin_once(s->a, closing(says("")));
	client_gets(s->client, "/");
	client_saw_reason(s->client, 502, "upstream-reset");

	origin_once(s->a, resetting(says("")));
	client_gets(s->client, "/");
	client_saw_reason(s->client, 502, "upstream-reset");

	origin_once(s->a, resetting(says("HTTP/1.1 200 OK\r\ncontent-")));
	client_gets(s->client, "/");
	client_saw_reason(s->client, 502, "upstream-reset");

	origin_refuses(s->a);
	origin_drops_connections(s->a);
	client_gets(s->client, "/");
	client_saw_reason(s->client, 503, "connect-refused");
}

/* The head has left: the only honest way to say that the rest is missing is to cut the connection. */
static void answers_that_break_off_are_cut_not_ended(struct story *s)
{
	static const char *const broken[] = {
		"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\nhalf",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nx: y",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalfXX0\r\n\r\n",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n\r\n",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\n0\n\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		story_reconnects(s);
		origin_once(s->a, closing(says(broken[i])));
		client_asks(s->client, "GET", "/");
		if (client_reads(s->client) && wire_status(&s->client->answer) == 200)
			fail_msg("a whole answer was made of:\n%s", broken[i]);
	}
}

static void a_reset_in_the_body_is_a_cut_too(struct story *s)
{
	origin_once(s->a, resetting(says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")));

	client_asks(s->client, "GET", "/");

	assert_false(client_reads(s->client));
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "upstream-cut"));
}

static void an_answer_that_stalls_is_cut(struct story *s)
{
	origin_once(s->a, hanging(says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")));

	client_asks(s->client, "GET", "/");

	assert_false(client_reads(s->client));
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "upstream-stalled"));
	assert_true(origin_becomes_idle(s->a));
}

static void a_slow_drip_that_keeps_coming_arrives(struct story *s)
{
	origin_once(s->a, dripping(answers(200, "drop by drop by drop"), 10));

	client_gets(s->client, "/");

	client_saw(s->client, 200, "drop by drop by drop");
}

static void interim_answers_come_before_the_real_one(struct story *s)
{
	origin_once(s->a, says("HTTP/1.1 100 Continue\r\n\r\n"
			       "HTTP/1.1 103 Early Hints\r\nlink: </x.css>\r\n\r\n"
			       "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "ok");

	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

#define HINT "HTTP/1.1 103 Early Hints\r\n\r\n"

static void endless_interim_answers_are_ended(struct story *s)
{
	origin_once(s->a, closing(says(HINT HINT HINT HINT HINT HINT HINT HINT HINT HINT HINT HINT
				       "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "upstream-invalid");
}

static void a_head_that_never_ends_is_too_large(struct story *s)
{
	static char endless[200000];

	memset(endless, 'x', sizeof(endless) - 1);
	memcpy(endless, "HTTP/1.1 200 OK\r\nx-long: ", 25);
	origin_once(s->a, closing(says(endless)));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "upstream-too-large");
}

static void an_answer_nobody_asked_for_is_not_taken_for_ours(struct story *s)
{
	origin_once(s->a, unread(says("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")));

	client_gets(s->client, "/");

	assert_int_equal(wire_status(&s->client->answer), 200);
	if (!str_eq(str_from(s->client->answer.body), STR("A")))
		client_saw(s->client, 200, "poison");	/* it raced with the request: its own fault */
	for (int i = 0; i < 3; i++) {	/* the dying connection costs an attempt, and no more */
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}
}

static void every_fault_is_counted_by_its_reason(struct story *s)
{
	origin_once(s->a, closing(says("HTTP/1.1 junk\r\n\r\n")));
	client_gets(s->client, "/");
	client_saw(s->client, 502, NULL);

	assert_true(eventually(gateway_metric(s->gateway, "weir_reasons_total",
					      "reason=\"upstream-invalid\"", NULL) == 1));
	assert_true(gateway_is_idle(s->gateway));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(invalid_answers_are_never_passed_on, BARE),
		STORY(a_connection_that_ends_before_the_head_is_told, BARE),
		STORY(answers_that_break_off_are_cut_not_ended, BARE),
		STORY(a_reset_in_the_body_is_a_cut_too, BARE),
		STORY(an_answer_that_stalls_is_cut, WITH_TIMEOUTS("between_bytes: 300ms")),
		STORY(a_slow_drip_that_keeps_coming_arrives, BARE),
		STORY(interim_answers_come_before_the_real_one, BARE),
		STORY(endless_interim_answers_are_ended, BARE),
		STORY(a_head_that_never_ends_is_too_large, BARE),
		STORY(an_answer_nobody_asked_for_is_not_taken_for_ours, ONE_SERVICE),
		STORY(every_fault_is_counted_by_its_reason, BARE),
	};

	return TELL("faults", stories);
}
