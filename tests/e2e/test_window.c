/* test_window.c - every part of the window in a running gateway: each wait cancelled, a thread that wakes who
 * has gone, keys, templates, what is shared and what is a worker's own. */
#include "tests/e2e/story.h"

#include <stdlib.h>

#define ALONE(policies) LISTEN \
	"plugins: {path: [\"${PLUGINS}\"]}\n" \
	"services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n" \
	"routes: [{name: r, match: {path: \"/*\"}, policies: [" policies "], to: app, timeout: 2h}]\n"

static void begins(struct story *s, const char *config)
{
	char *folder = realpath("tests/plugins", NULL);

	assert_non_null(folder);
	gateway_knows(s->gateway, "PLUGINS", folder);
	free(folder);
	story_starts(s, config);
	story_reconnects(s);
}

static double counted(struct story *s, const char *event)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "event=\"%s\"", event);
	return gateway_metric(s->gateway, "weir_plugin_events_total", "plugin=\"stuck\"", what, NULL);
}

/* The client goes while the hook waits: the wait says so, the hook ends, `done` comes once, and nothing is
 * left. */
static void is_cancelled_in_it(struct story *s, const char *request)
{
	unsigned before;

	client_gets(s->client, "/warm");
	before = gateway_descriptors(s->gateway) + 2;
	for (int i = 1; i <= 3; i++) {
		struct client *c = story_client(s);

		client_sends(c, request);
		assert_true(eventually(counted(s, "began") == i));
		client_aborts(c);
		assert_true(eventually(counted(s, "cancelled") == i));
		assert_true(eventually(counted(s, "done") == i));
	}
	assert_true(counted(s, "waited") + counted(s, "timed_out") + counted(s, "other") == 0);
	assert_int_equal(origin_count(s->a, "GET /x"), 0);
	story_is_at_baseline(s, before);
	client_gets(s->client, "/warm");	/* and the worker goes on */
	client_saw(s->client, 200, NULL);
}

#define GET "GET /x HTTP/1.1\r\nhost: x\r\n\r\n"
#define STUCK(options) LISTEN \
	"plugins: {path: [\"${PLUGINS}\"]}\n" \
	"services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n" \
	"routes:\n" \
	"  - {match: {path: /warm}, to: app}\n" \
	"  - {match: {path: /x}, policies: [stuck: " options "], to: app, timeout: 2h}\n"

static void cancelled_in_a_sleep(struct story *s)
{
	begins(s, STUCK("sleep"));
	is_cancelled_in_it(s, GET);
}

static void cancelled_while_a_body_comes(struct story *s)
{
	begins(s, STUCK("body"));
	is_cancelled_in_it(s, "POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf ");
}

static void cancelled_in_a_call(struct story *s)
{
	begins(s, STUCK("{in: call, service: other}"));
	origin_always(s->b, hanging(says("")));
	is_cancelled_in_it(s, GET);
}

static void cancelled_in_a_fetch(struct story *s)
{
	begins(s, STUCK("{in: fetch, url: \"http://${B}/held\"}"));
	origin_always(s->b, hanging(says("")));
	is_cancelled_in_it(s, GET);
}

static void cancelled_at_a_descriptor(struct story *s)
{
	begins(s, STUCK("fd"));
	is_cancelled_in_it(s, GET);
}

static void cancelled_while_a_helper_works(struct story *s)
{
	begins(s, STUCK("offload"));
	is_cancelled_in_it(s, GET);
}

/* The thread rings when the exchange is long over, and another one may have its place. */
static void cancelled_before_a_thread_rings(struct story *s)
{
	begins(s, STUCK("ticket"));
	is_cancelled_in_it(s, GET);
	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/x");	/* by now it rings for those before as well */
		client_saw(s->client, 200, NULL);
	}
	assert_true(counted(s, "waited") == 3);
}

/* And what comes in time is there. */
static void each_of_them_ends_well_too(struct story *s)
{
	static const char *const ways[] = { "body", "{in: fetch, url: \"http://${B}/held\"}",
					    "{in: call, service: other}", "offload", "ticket" };
	char config[1024];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		(void)snprintf(config, sizeof(config), LISTEN
			       "plugins: {path: [\"${PLUGINS}\"]}\n"
			       "services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n"
			       "routes: [{policies: [stuck: %s], to: app}]\n", ways[i]);
		if (i == 0)
			begins(s, config);
		else
			assert_int_equal(story_reloads(s, config), 200);
		client_posts(s->client, "/x", "a body");
		client_saw(s->client, 200, "A");
		assert_true(counted(s, "waited") == (double)i + 1);
	}
	assert_int_equal(origin_count(s->b, "GET /held"), 2);
}

static void a_helper_may_block_while_others_are_served(struct story *s)
{
	struct client *slow;

	begins(s, STUCK("offload"));
	slow = story_client(s);
	client_sends(slow, GET);
	client_gets(s->client, "/warm");
	client_saw(s->client, 200, NULL);
	assert_true(client_reads(slow));
	client_saw(slow, 200, NULL);
	client_close(slow);
	assert_true(counted(s, "waited") == 1);
}

static void a_wait_ends_with_the_routes_time(struct story *s)
{
	static const char *const ways[] = { "sleep", "fd", "{in: fetch, url: \"http://${B}/held\"}",
					    "{in: call, service: other}" };
	char config[1024];

	origin_always(s->b, hanging(says("")));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		(void)snprintf(config, sizeof(config), LISTEN
			       "plugins: {path: [\"${PLUGINS}\"]}\n"
			       "services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n"
			       "routes: [{policies: [stuck: %s], to: app, timeout: 500ms}]\n", ways[i]);
		if (i == 0)
			begins(s, config);
		else
			assert_int_equal(story_reloads(s, config), 200);
		client_gets(s->client, "/");
		client_saw_reason(s->client, 503, "refused");	/* as the hook has chosen */
	}
	assert_true(counted(s, "timed_out") == 4);
}

static void keys_and_templates_are_filled_in_for_each_request(struct story *s)
{
	begins(s, ALONE("tour: {key: [client.ip, header.x-user], say: \"{method} /{*} of {header.x-user}\"}"));

	client_sends(s->client, "GET /a/b HTTP/1.1\r\nhost: x\r\nx-user: ada\r\n\r\n");
	assert_true(client_reads(s->client));
	assert_str(origin_last_header(s->a, "x-key"), "9:127.0.0.13:ada");
	assert_str(origin_last_header(s->a, "x-said"), "GET /a/b of ada");
	client_saw_header(s->client, "x-whole", "1");
	client_saw_header(s->client, "x-span", "60");

	client_gets(s->client, "/a/b");
	assert_str(origin_last_header(s->a, "x-key"), "9:127.0.0.10:");
	assert_str(origin_last_header(s->a, "x-said"), "GET /a/b of");
	client_saw_header(s->client, "x-whole", "0");
}

static unsigned long number_in(struct client *c, const char *name)
{
	return strtoul(client_header(c, name).data, NULL, 10);
}

/* The same key on whichever worker; a worker's own numbers are smaller. */
static void what_is_shared_is_shared_by_all_workers(struct story *s)
{
	unsigned long on_one = 0;

	begins(s, ALONE("tour: {key: client.ip}"));
	for (unsigned long i = 1; i <= 40; i++) {
		struct client *c = story_client(s);

		client_gets(c, "/");
		assert_int_equal(number_in(c, "x-times"), i);
		assert_true(number_in(c, "x-on-this-worker") <= i);
		on_one = number_in(c, "x-on-this-worker") > on_one ? number_in(c, "x-on-this-worker") : on_one;
		client_close(c);
	}
	assert_true(on_one >= 20);	/* of two workers one had half of them at least */
}

static void a_use_knows_its_name_its_place_and_what_was_before_a_reload(struct story *s)
{
	begins(s, ALONE("{tour: {key: client.ip}, as: first}"));
	client_gets(s->client, "/");
	client_saw_header(s->client, "x-name", "first");
	client_saw_header(s->client, "x-place", "route r, policy 1");

	assert_int_equal(story_reloads(s, ALONE("{tour: {key: client.ip, say: other}, as: first}")), 200);
	client_gets(s->client, "/");
	client_saw_header(s->client, "x-times", "2");
	client_saw_header(s->client, "x-on-this-worker", "1");	/* that was the old use's */

	assert_int_equal(story_reloads(s, ALONE("{tour: {key: method}, as: first}")), 200);
	client_gets(s->client, "/");
	client_saw_header(s->client, "x-times", "1");
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(cancelled_in_a_sleep, NULL),
		STORY(cancelled_while_a_body_comes, NULL),
		STORY(cancelled_in_a_call, NULL),
		STORY(cancelled_in_a_fetch, NULL),
		STORY(cancelled_at_a_descriptor, NULL),
		STORY(cancelled_while_a_helper_works, NULL),
		STORY(cancelled_before_a_thread_rings, NULL),
		STORY(each_of_them_ends_well_too, NULL),
		STORY(a_helper_may_block_while_others_are_served, NULL),
		STORY(a_wait_ends_with_the_routes_time, NULL),
		STORY(keys_and_templates_are_filled_in_for_each_request, NULL),
		STORY(what_is_shared_is_shared_by_all_workers, NULL),
		STORY(a_use_knows_its_name_its_place_and_what_was_before_a_reload, NULL),
	};

	return TELL("window", stories);
}
