/* test_guards.c - concurrency, fault, security_headers and headers in a running gateway. */
#include "tests/e2e/story.h"

#include <signal.h>

#define ROUTE(policies) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{name: r, policies: [" policies "], to: app}]\n"

static double counted(struct story *s, const char *plugin, const char *event)
{
	char by[64], what[64];

	(void)snprintf(by, sizeof(by), "plugin=\"%s\"", plugin);
	(void)snprintf(what, sizeof(what), "event=\"%s\"", event);
	return gateway_metric(s->gateway, "weir_plugin_events_total", by, what, NULL);
}

/* concurrency ----------------------------------------------------------------- */

/* The one place is taken by a request that the origin holds back. */
static struct client *takes_the_place(struct story *s, struct act then)
{
	struct client *first = story_client(s);

	origin_at(s->a, "/held", gated(then));
	client_asks(first, "GET", "/held");
	assert_true(origin_sees(s->a, "GET /held", 1));
	return first;
}

static void place_is_free(struct story *s)
{
	assert_true(gateway_is_idle(s->gateway));
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);
}

static void one_more_than_may_be_under_way_is_refused(struct story *s)
{
	struct client *first = takes_the_place(s, answers(200, "at last"));

	client_gets(s->client, "/");
	client_saw_reason(s->client, 429, "concurrency-limited");
	origin_lets_go(s->a, 1);
	assert_true(client_reads(first));
	client_saw(first, 200, "at last");
	client_close(first);

	place_is_free(s);
	assert_int_equal(origin_count(s->a, NULL), 2);
}

static void a_client_that_leaves_gives_its_place_back(struct story *s)
{
	client_aborts(takes_the_place(s, answers(200, "at last")));
	place_is_free(s);
}

static void so_does_an_endpoint_that_breaks_off(struct story *s)
{
	struct client *first = takes_the_place(s, resetting(says("")));

	origin_lets_go(s->a, 1);
	assert_true(client_reads(first));
	client_saw_reason(first, 502, "upstream-reset");
	client_close(first);

	place_is_free(s);
}

static void so_does_a_time_that_ran_out(struct story *s)
{
	struct client *first = takes_the_place(s, answers(200, "at last"));

	assert_true(client_reads(first));
	client_saw_reason(first, 504, "timeout");
	client_close(first);

	place_is_free(s);
}

static void so_does_a_later_policy_that_refuses(struct story *s)
{
	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw_reason(s->client, 403, "refused");
	}
}

static void a_queue_lets_the_next_one_wait(struct story *s)
{
	struct client *first = takes_the_place(s, answers(200, "at last")), *third = story_client(s);

	client_asks(s->client, "GET", "/second");
	assert_true(eventually(counted(s, "concurrency", "waited") == 1));
	client_gets(third, "/");
	client_saw_reason(third, 429, "concurrency-limited");
	assert_int_equal(origin_count(s->a, NULL), 1);

	origin_lets_go(s->a, 1);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);
	client_close(first);
	client_close(third);
	place_is_free(s);
}

static void one_that_leaves_the_queue_lets_the_next_one_follow(struct story *s)
{
	struct client *first = takes_the_place(s, answers(200, "at last")), *second = story_client(s);

	client_asks(second, "GET", "/second");
	assert_true(eventually(counted(s, "concurrency", "waited") == 1));
	client_aborts(second);
	client_asks(s->client, "GET", "/third");
	assert_true(eventually(counted(s, "concurrency", "waited") == 2));

	origin_lets_go(s->a, 1);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);
	client_close(first);
	assert_int_equal(origin_count(s->a, "GET /second"), 0);
	place_is_free(s);
}

static void a_reload_keeps_count_of_those_under_way(struct story *s)
{
	struct client *first = takes_the_place(s, answers(200, "at last"));

	assert_int_equal(story_reloads(s, ROUTE("concurrency: {limit: 2}")), 200);
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);
	assert_int_equal(story_reloads(s, ROUTE("concurrency: {limit: 1}")), 200);
	client_gets(s->client, "/");
	client_saw(s->client, 429, NULL);

	origin_lets_go(s->a, 1);
	assert_true(client_reads(first));
	client_close(first);
	place_is_free(s);
}

/* fault, security_headers, headers ----------------------------------------------- */

static void a_fault_says_that_it_is_one(struct story *s)
{
	client_gets(s->client, "/");

	client_saw_reason(s->client, 418, "fault-injected");
	assert_int_equal(origin_count(s->a, NULL), 0);
	assert_true(counted(s, "fault", "aborted") == 1);
}

static void a_client_that_leaves_ends_the_delay(struct story *s)
{
	client_asks(s->client, "GET", "/");
	assert_true(eventually(counted(s, "fault", "delayed") == 1));
	client_aborts(s->client);
	s->client = NULL;

	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "client-gone"));
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_delay_ends_with_the_routes_time(struct story *s)
{
	client_gets(s->client, "/");
	client_saw_reason(s->client, 504, "timeout");
}

static void every_answer_is_kept_safe_also_weirs_own(struct story *s)
{
	client_gets(s->client, "/app");
	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "x-content-type-options", "nosniff");
	client_saw_header(s->client, "x-origin", NULL);
	client_saw_header(s->client, "strict-transport-security", NULL);

	client_gets(s->client, "/nowhere");
	client_saw_reason(s->client, 404, "no-route");
	client_saw_header(s->client, "x-content-type-options", "nosniff");
}

static void headers_are_edited_both_ways_and_only_when(struct story *s)
{
	client_gets(s->client, "/v1/ada?x=1");
	client_saw_header(s->client, "x-for", "ada");
	assert_str(origin_last_header(s->a, "x-who"), "GET ada");

	client_posts(s->client, "/v1/ada", "x");
	client_saw_header(s->client, "x-for", NULL);
	assert_null(origin_last_header(s->a, "x-who").data);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(one_more_than_may_be_under_way_is_refused, ROUTE("concurrency: 1")),
		STORY(a_client_that_leaves_gives_its_place_back, ROUTE("concurrency: 1")),
		STORY(so_does_an_endpoint_that_breaks_off, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{policies: [concurrency: 1], to: app, retry: {attempts: 1}}]\n"),
		STORY(so_does_a_time_that_ran_out, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{policies: [concurrency: 1], to: app, timeout: 2s}]\n"),
		STORY(so_does_a_later_policy_that_refuses, ROUTE("concurrency: 1, refuse: {path: \"/*\"}")),
		STORY(a_queue_lets_the_next_one_wait, ROUTE("concurrency: {limit: 1, queue: 1, wait: 20s}")),
		STORY(one_that_leaves_the_queue_lets_the_next_one_follow,
		      ROUTE("concurrency: {limit: 1, queue: 2, wait: 20s}")),
		STORY(a_reload_keeps_count_of_those_under_way, ROUTE("concurrency: 1")),
		STORY(a_fault_says_that_it_is_one, ROUTE("fault: {abort: 418}")),
		STORY(a_client_that_leaves_ends_the_delay, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{policies: [fault: {delay: 1h}], to: app, timeout: 2h}]\n"),
		STORY(a_delay_ends_with_the_routes_time, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{policies: [fault: {delay: 1h}], to: app, timeout: 500ms}]\n"),
		STORY(every_answer_is_kept_safe_also_weirs_own,
		      "listen: {edge: {address: \"${EDGE}\", policies: [security_headers: {remove: x-origin}]}}\n"
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{match: {path: /app}, to: app}]\n"),
		STORY(headers_are_edited_both_ways_and_only_when, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes:\n  - match: {path: \"/v1/{name}\"}\n    to: app\n    policies:\n"
		      "      - headers:\n          request: {set: {x-who: \"{method} {name}\"}}\n"
		      "          response: {set: {x-for: \"{name}\"}}\n"
		      "        when: {method: GET}\n"),
	};

	return TELL("guards", stories);
}
