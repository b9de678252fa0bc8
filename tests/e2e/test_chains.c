/* test_chains.c - policies in chains: their order, use, any, when, as, on_error, around 404, on Weir's own
 * answers, and what `weir explain` says of them. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>

/* Each leaves its letter on the request going in, and on the answer coming back. */
#define MARK(letter) "headers: {request: {add: {x-in: " letter "}}, response: {add: {x-out: " letter "}}}"
#define GUARDED(more) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes:\n  - to: app\n    policies:\n" more

/* All values of a header that may stand there several times. */
static void client_saw_all(struct client *c, const char *name, const char *wanted)
{
	const char *at = c->answer.head;
	char all[128] = "", line[64];

	(void)snprintf(line, sizeof(line), "\n%s: ", name);
	while ((at = strstr(at, line)) != NULL) {
		at += strlen(line);
		strncat(all, at, 1);
	}
	assert_string_equal(all, wanted);
}

static unsigned asks_with(struct story *s, const char *target, const char *header)
{
	client_sends(s->client, "GET ");
	client_sends(s->client, target);
	client_sends(s->client, " HTTP/1.1\r\nhost: x\r\n");
	client_sends(s->client, header);
	client_sends(s->client, "\r\n");
	assert_true(client_reads(s->client));
	return wire_status(&s->client->answer);
}

#define NESTED \
	"listen: {edge: {address: \"${EDGE}\", policies: [" MARK("a") ", use: outer]}}\n" \
	"chains:\n" \
	"  outer: [" MARK("b") ", use: inner, " MARK("d") "]\n" \
	"  inner: [" MARK("c") "]\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes:\n" \
	"  - {name: one, match: {path: /one}, policies: [" MARK("e") ", use: inner], to: app}\n" \
	"  - {name: two, match: {path: /two, method: GET}, policies: [use: inner, use: inner], to: app}\n" \
	"  - {name: own, match: {path: /own}, policies: [" MARK("e") "], respond: {status: 200, body: x}}\n"

static void first_the_listeners_then_the_routes_and_back_reversed(struct story *s)
{
	client_gets(s->client, "/one");
	client_saw(s->client, 200, NULL);
	assert_str(origin_last_header(s->a, "x-in"), "a");
	assert_non_null(strstr(origin_last_head(s->a), "x-in: a\r\nx-in: b\r\nx-in: c\r\nx-in: d\r\n"
			       "x-in: e\r\nx-in: c\r\n"));
	client_saw_all(s->client, "x-out", "cedcba");
}

static void a_chain_may_stand_anywhere_any_number_of_times(struct story *s)
{
	client_gets(s->client, "/two");
	client_saw_all(s->client, "x-out", "ccdcba");
}

static void answers_of_weirs_own_come_back_through_them_too(struct story *s)
{
	client_gets(s->client, "/own");
	client_saw(s->client, 200, "x");
	client_saw_all(s->client, "x-out", "edcba");

	client_gets(s->client, "/nowhere");
	client_saw_reason(s->client, 404, "no-route");
	client_saw_all(s->client, "x-out", "dcba");

	client_posts(s->client, "/two", "x");
	client_saw_reason(s->client, 405, "method-not-allowed");
	client_saw_all(s->client, "x-out", "dcba");

	origin_refuses(s->a);
	client_gets(s->client, "/one");
	client_saw_reason(s->client, 503, "connect-refused");
	client_saw_all(s->client, "x-out", "cedcba");
}

/* As CORS needs it: the browser must be able to read a 401. */
static void a_refusal_is_seen_by_those_before_it_and_by_itself(struct story *s)
{
	client_gets(s->client, "/");

	client_saw_reason(s->client, 401, "refused");
	client_saw_all(s->client, "x-out", "ba");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void any_passes_if_one_of_them_does(struct story *s)
{
	assert_int_equal(asks_with(s, "/", "x-key: 1\r\n"), 200);
	assert_int_equal(asks_with(s, "/", "x-token: 1\r\n"), 200);
	assert_int_equal(asks_with(s, "/", ""), 402);	/* the last one's refusal */
	client_saw_header(s->client, "x-behind", NULL);
	assert_int_equal(origin_count(s->a, NULL), 2);
	assert_null(strstr(origin_last_head(s->a), "401"));
}

static void when_says_for_whom_one_is_or_a_whole_any(struct story *s)
{
	assert_int_equal(asks_with(s, "/a", ""), 200);
	assert_int_equal(asks_with(s, "/closed/x", ""), 403);
	assert_int_equal(asks_with(s, "/closed/x", "x-key: 1\r\n"), 200);
	assert_int_equal(asks_with(s, "/a", "x-test: 1\r\n"), 418);
	assert_int_equal(asks_with(s, "/a", "x-test: 2\r\n"), 200);
}

#define GROUPED LISTEN \
	"chains:\n" \
	"  closed: [" MARK("b") ", refuse: {missing: x-key, status: 401}, " MARK("c") "]\n" \
	"  outer: [{use: closed, when: {path: /in/closed/*}}, " MARK("d") "]\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes:\n" \
	"  - policies: [" MARK("a") ", {use: closed, when: {path: /closed/*}}, " \
	"{use: outer, when: {path: /in/*}}]\n" \
	"    to: app\n" \
	"  - {match: {path: /soft}, policies: [{use: closed, on_error: continue}, " MARK("e") "], to: app}\n"

static void when_says_for_whom_a_whole_chain_is(struct story *s)
{
	assert_int_equal(asks_with(s, "/a", ""), 200);
	client_saw_all(s->client, "x-out", "a");
	assert_int_equal(asks_with(s, "/closed/a", ""), 401);
	client_saw_all(s->client, "x-out", "ba");
	assert_int_equal(asks_with(s, "/closed/a", "x-key: 1\r\n"), 200);
	client_saw_all(s->client, "x-out", "cba");
	assert_int_equal(asks_with(s, "/in/a", ""), 200);
	client_saw_all(s->client, "x-out", "da");
	assert_int_equal(asks_with(s, "/in/closed/a", ""), 401);
	client_saw_all(s->client, "x-out", "ba");
}

static void on_error_of_a_chain_overrules_what_it_refuses(struct story *s)
{
	assert_int_equal(asks_with(s, "/soft", ""), 200);
	client_saw_all(s->client, "x-out", "eb");	/* the rest of it was passed over */
	assert_int_equal(asks_with(s, "/soft", "x-key: 1\r\n"), 200);
	client_saw_all(s->client, "x-out", "ecb");
}

static void on_error_continue_overrules_one_refusal_only(struct story *s)
{
	assert_int_equal(asks_with(s, "/", ""), 200);
	assert_int_equal(asks_with(s, "/no", ""), 409);
}

static void an_answer_is_an_answer_whatever_on_error_says(struct story *s)
{
	client_gets(s->client, "/");
	client_saw(s->client, 200, "hello, Ada\n");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_name_of_its_own_is_what_people_see(struct story *s)
{
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);

	assert_true(gateway_metric(s->gateway, "weir_plugin_events_total", "use=\"everybody\"",
				   "event=\"passed\"", NULL) == 1);
	assert_int_equal(admin_get(s->gateway, "/plugins?name=everybody"), 200);
	assert_non_null(strstr(s->gateway->text, "\"rate_limit\""));
	assert_non_null(strstr(s->gateway->text, "\"passed\": 1"));
}

/* What it says, as long as it lasts. */
static const char *explains(struct story *s, const char *question)
{
	static char said[16384];
	char command[512];
	FILE *f;

	(void)snprintf(command, sizeof(command), "\"${WEIR:-./weir}\" explain -c %s/weir.yaml %s 2>&1",
		       s->gateway->dir, question);
	f = popen(command, "r");
	said[fread(said, 1, sizeof(said) - 1, f)] = '\0';
	assert_int_equal(pclose(f), 0);
	return said;
}

static bool in_order(const char *text, const char *const *lines)
{
	for (; *lines != NULL; lines++) {
		text = strstr(text, *lines);
		if (text == NULL)
			return false;
		text += strlen(*lines);
	}
	return true;
}

static void explain_shows_the_chain_with_options(struct story *s)
{
	static const char *const wanted[] = {
		"  security_headers {", "\"hsts\":\"max-age=31536000\"",
		"  rate_limit as everybody {\"rate\":\"100/s\"", "(chain base; on_error: continue)\n",
		"  any of:  (chain base; when {\"method\":[\"POST\"]}: not this request)\n",
		"    refuse {\"missing\":[\"x-key\"]", "    refuse as second {",
		"  concurrency {\"limit\":5", "  chain closed as shut:  (when {\"path\":", ": not this request)\n",
		"    refuse {", NULL
	};
	const char *said = explains(s, "GET http://x/a");

	if (!in_order(said, wanted))
		fail_msg("%s", said);
	said = explains(s, "POST http://x/a");
	assert_non_null(strstr(said, "when {\"method\":[\"POST\"]}: holds)"));
	said = explains(s, "GET http://x/nowhere");	/* the listener's run around a 404 as well */
	assert_non_null(strstr(said, "rate_limit as everybody"));
	assert_null(strstr(said, "concurrency"));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(first_the_listeners_then_the_routes_and_back_reversed, NESTED),
		STORY(a_chain_may_stand_anywhere_any_number_of_times, NESTED),
		STORY(answers_of_weirs_own_come_back_through_them_too, NESTED),
		STORY(a_refusal_is_seen_by_those_before_it_and_by_itself, GUARDED(
		      "      - " MARK("a") "\n      - " MARK("b") "\n"
		      "      - refuse: {missing: authorization, status: 401}\n      - " MARK("c") "\n")),
		STORY(any_passes_if_one_of_them_does, GUARDED(
		      "      - any:\n"
		      "          - refuse: {missing: x-key, status: 401}\n"
		      "          - refuse: {missing: x-token, status: 402}\n"
		      "      - headers: {response: {set: {x-behind: \"1\"}}}\n")),
		STORY(when_says_for_whom_one_is_or_a_whole_any, GUARDED(
		      "      - any:\n          - refuse: {missing: x-key}\n"
		      "        when: {path: /closed/*}\n"
		      "      - refuse: {status: 418}\n"
		      "        when: {header: {x-test: \"1\"}}\n")),
		STORY(when_says_for_whom_a_whole_chain_is, GROUPED),
		STORY(on_error_of_a_chain_overrules_what_it_refuses, GROUPED),
		STORY(on_error_continue_overrules_one_refusal_only, GUARDED(
		      "      - refuse: {status: 401}\n        on_error: continue\n"
		      "      - refuse: {path: /no, status: 409}\n")),
		STORY(an_answer_is_an_answer_whatever_on_error_says, GUARDED(
		      "      - hello: {to: Ada}\n        on_error: continue\n")),
		STORY(a_name_of_its_own_is_what_people_see, GUARDED(
		      "      - rate_limit: 100/s\n        as: everybody\n")),
		STORY(explain_shows_the_chain_with_options,
		      "listen: {edge: {address: \"${EDGE}\", policies: [security_headers, use: base]}}\n"
		      "chains:\n  base:\n"
		      "    - rate_limit: {rate: 100/s}\n      as: everybody\n      on_error: continue\n"
		      "    - any:\n        - refuse: {missing: x-key}\n"
		      "        - refuse: {missing: x-token}\n          as: second\n"
		      "      when: {method: POST}\n"
		      "  closed: [refuse]\n"
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{match: {path: /a}, policies: [concurrency: 5, "
		      "{use: closed, as: shut, when: {path: /x/*}}], to: app}]\n"),
	};

	return TELL("chains", stories);
}
