/* test_plugins.c - plugins of third parties in a running gateway: the one of the documentation, one that
 * waits, one that learns, one with a thread of its own, one of the first day; and bad ones. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>

#include "tests/e2e/load.h"

#define WITH(policies) LISTEN \
	"plugins: {path: [\"${PLUGINS}\", \"${PLUGINS}/bad\"]}\n" \
	"services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n" \
	"routes: [{name: r, policies: [" policies "], to: app}]\n"

/* They lie where the build has put them. */
static void knows_plugins(struct story *s)
{
	char *folder = realpath("tests/plugins", NULL);

	assert_non_null(folder);
	gateway_knows(s->gateway, "PLUGINS", folder);
	free(folder);
}

static void begins(struct story *s, const char *config)
{
	knows_plugins(s);
	story_starts(s, config);
	story_reconnects(s);
}

static void stamp_sets_its_header_on_every_answer(struct story *s)
{
	begins(s, WITH("stamp: {name: x-stamp, value: hello}"));

	client_gets(s->client, "/");

	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "x-stamp", "hello");
}

static void also_on_answers_of_weirs_own(struct story *s)
{
	origin_refuses(s->a);
	begins(s, WITH("stamp: {name: x-stamp, value: hello}"));

	client_gets(s->client, "/");
	client_saw_reason(s->client, 503, "connect-refused");
	client_saw_header(s->client, "x-stamp", "hello");
}

static void a_plugin_of_the_first_day_still_works(struct story *s)
{
	begins(s, WITH("first: {value: kept}"));

	client_gets(s->client, "/");

	client_saw_header(s->client, "x-first", "kept");
}

static void a_hook_may_sleep_read_the_body_and_call(struct story *s)
{
	begins(s, WITH("waiter: {sleep: 5ms, body: 1k, call: other}"));
	origin_always(s->b, answers(207, "from the other"));

	client_posts(s->client, "/x", "twelve bytes");

	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "x-waits", "3");
	assert_str(origin_last_header(s->a, "x-body-length"), "12");
	assert_str(origin_last_header(s->a, "x-called-status"), "207");
	assert_str(origin_last_header(s->a, "x-called-body"), "from the other");
	assert_string_equal(origin_last_body(s->a), "twelve bytes");
}

static void a_body_over_what_a_hook_allows_is_refused_by_it(struct story *s)
{
	begins(s, WITH("waiter: {body: 8b}"));

	client_posts(s->client, "/x", "nine bytes");

	client_saw_reason(s->client, 413, "refused");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_call_that_fails_is_the_hooks_to_judge(struct story *s)
{
	begins(s, WITH("waiter: {call: other}"));
	origin_refuses(s->b);

	client_gets(s->client, "/");

	client_saw_reason(s->client, 503, "refused");
	assert_non_null(strstr(s->client->answer.body, "somebody else could not be asked"));
}

/* The client goes while the hook sleeps: the hook is cancelled long before it would wake, and
 * nothing goes upstream. */
static void a_client_that_leaves_ends_the_wait(struct story *s)
{
	begins(s, LISTEN "plugins: {path: [\"${PLUGINS}\"]}\n"
	       "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [waiter: {sleep: 1h}], to: app, timeout: 2h}]\n");

	client_asks(s->client, "GET", "/");
	client_is_still_connected(s->client);
	client_aborts(s->client);
	s->client = NULL;

	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "client-gone"));
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_body_that_breaks_off_is_the_clients_doing(struct story *s)
{
	begins(s, WITH("waiter: {body: 1k}"));

	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf");
	client_half_closes(s->client);

	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "client-gone"));

	story_reconnects(s);
	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
	assert_true(client_reads(s->client));
	client_saw(s->client, 503, NULL);	/* as the hook has chosen, who was told that it did not come */
	assert_int_equal(origin_count(s->a, NULL), 0);
}

/* The body takes longer to come than the route allows for the answer. */
static void a_slow_body_that_a_hook_reads_costs_the_route_no_time(struct story *s)
{
	begins(s, LISTEN "plugins: {path: [\"${PLUGINS}\"]}\n"
	       "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [waiter: {body: 1k}], to: app, timeout: 2s}]\n");

	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\n");
	for (int i = 0; i < 6; i++) {
		usleep(400000);
		client_sends(s->client, "x");
	}

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);
	assert_string_equal(origin_last_body(s->a), "xxxxxx");
}

static void what_is_learnt_in_the_background_is_read_on_the_way(struct story *s)
{
	struct weir_str first;
	char seen[32];

	begins(s, WITH("learner: {every: 5ms}"));

	client_gets(s->client, "/");
	first = client_header(s->client, "x-learnt");
	(void)snprintf(seen, sizeof(seen), "%.*s", STR_ARG(first));
	assert_int_equal(strncmp(seen, "lesson ", 7), 0);

	assert_true(eventually((client_gets(s->client, "/"),
				!str_eq(client_header(s->client, "x-learnt"), str_from(seen)))));
}

static void a_thread_of_a_plugin_wakes_its_exchanges(struct story *s)
{
	begins(s, WITH("alarm"));

	for (int i = 0; i < 200; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, NULL);
	}

	assert_str(origin_last_header(s->a, "x-alarm"), "rung");
}

static void a_reload_replaces_and_carries_over(struct story *s)
{
	begins(s, WITH("stamp: {name: x-stamp, value: one}, alarm"));

	gateway_writes(s->gateway, WITH("stamp: {name: x-stamp, value: two}, alarm"));
	gateway_signal(s->gateway, SIGHUP);

	assert_true(eventually((client_gets(s->client, "/"),
				str_eq(client_header(s->client, "x-stamp"), STR("two")))));
	assert_str(origin_last_header(s->a, "x-alarm"), "rung");
}

static void a_bad_plugin_is_refused_with_a_place_and_a_reason(struct story *s)
{
	static const struct { const char *policy, *sentence; } bad[] = {
		{ "stamb: {name: a, value: b}", "there is no plugin \"stamb\"; looked for stamb.so in " },
		{ "stamb: {name: a, value: b}", "did you mean \"stamp\"?" },
		{ "nobody", "nobody.so is no plugin of Weir: it does not export `weir_plugin`" },
		{ "elder", "elder.so cannot be used: it was built for plugin API 0" },
		{ "round_robin", "wants a plugin of the role policy, and it is one of balancer" },
		{ "stamp: {name: a}", "value" },
		{ "stamp: {name: a, valeu: b}", "did you mean \"value\"?" },
		{ "waiter: {sleep: soon}", "a duration such as" },
		{ "waiter: {call: nobody-svc}", "nobody-svc" },
	};
	char config[1024];

	s->may_end_badly = true;	/* the last thing it does is a check that finds faults */
	knows_plugins(s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(config, sizeof(config), "%s%s%s", LISTEN
			       "plugins: {path: [\"${PLUGINS}\", \"${PLUGINS}/bad\"]}\n"
			       "services: {app: {endpoints: [\"${A}\"]}}\n"
			       "routes:\n  - policies:\n    - ", bad[i].policy, "\n    to: app\n");
		gateway_writes(s->gateway, config);
		assert_int_equal(gateway_checks(s->gateway), 1);
		if (strstr(gateway_log(s->gateway), bad[i].sentence) == NULL)
			fail_msg("%s: %s", bad[i].policy, gateway_log(s->gateway));
		if (strstr(gateway_log(s->gateway), "weir.yaml:") == NULL)
			fail_msg("no place: %s", gateway_log(s->gateway));
		gateway_forgets_log(s->gateway);
	}
}

static void a_reload_with_a_bad_plugin_changes_nothing(struct story *s)
{
	begins(s, WITH("stamp: {name: x-stamp, value: one}"));

	gateway_writes(s->gateway, WITH("nobody"));
	gateway_signal(s->gateway, SIGHUP);

	assert_true(gateway_logs(s->gateway, "nobody.so is no plugin of Weir"));

	client_gets(s->client, "/");
	client_saw_header(s->client, "x-stamp", "one");
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(stamp_sets_its_header_on_every_answer, NULL),
		STORY(also_on_answers_of_weirs_own, NULL),
		STORY(a_plugin_of_the_first_day_still_works, NULL),
		STORY(a_hook_may_sleep_read_the_body_and_call, NULL),
		STORY(a_body_over_what_a_hook_allows_is_refused_by_it, NULL),
		STORY(a_call_that_fails_is_the_hooks_to_judge, NULL),
		STORY(a_client_that_leaves_ends_the_wait, NULL),
		STORY(a_body_that_breaks_off_is_the_clients_doing, NULL),
		STORY(a_slow_body_that_a_hook_reads_costs_the_route_no_time, NULL),
		STORY(what_is_learnt_in_the_background_is_read_on_the_way, NULL),
		STORY(a_thread_of_a_plugin_wakes_its_exchanges, NULL),
		STORY(a_reload_replaces_and_carries_over, NULL),
		STORY(a_bad_plugin_is_refused_with_a_place_and_a_reason, NULL),
		STORY(a_reload_with_a_bad_plugin_changes_nothing, NULL),
	};

	return TELL("plugins", stories);
}
