/* test_drain.c - stopping: what has begun ends well, nothing new begins. */
#include "tests/e2e/story.h"

#include <signal.h>

static bool is_over(struct story *s)
{
	struct client *c = client_try_connect(s->edge);
	bool over = c == NULL;

	client_close(c);
	return over;
}

static void what_has_begun_is_ended_and_the_exit_is_0(struct story *s)
{
	struct client *idle = story_client(s);

	client_gets(idle, "/");
	origin_always(s->a, gated(answers(200, "in peace")));
	client_asks(s->client, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 2));

	gateway_signal(s->gateway, SIGTERM);
	client_saw_the_end(idle);
	assert_true(eventually(is_over(s)));
	origin_lets_go(s->a, 1);

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "in peace");
	client_saw_header(s->client, "connection", "close");
	client_saw_the_end(s->client);
	client_close(idle);
	assert_int_equal(gateway_stop(s->gateway), 0);
}

static void the_drain_has_an_end(struct story *s)
{
	origin_always(s->a, hanging(says("")));
	client_asks(s->client, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));

	assert_int_equal(gateway_stop(s->gateway), 0);

	if (client_reads(s->client))
		client_saw_header(s->client, "weir-reason", "draining");
}

/* The copy has time as long as the drain has; then it is cut like everything else. */
static void a_copy_for_a_mirror_ends_with_the_drain(struct story *s)
{
	origin_always(s->b, hanging(says("")));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	assert_true(origin_sees(s->b, "GET /", 1));

	assert_int_equal(gateway_stop(s->gateway), 0);

	assert_null(strstr(gateway_log(s->gateway), "leaving without it"));
}

static void it_is_not_ready_but_goes_on_for_the_stop_delay(struct story *s)
{
	gateway_signal(s->gateway, SIGTERM);

	assert_true(eventually(admin_get(s->gateway, "/readyz") == 503));
	assert_int_equal(get_once(s->edge, "/"), 200);
	assert_int_equal(admin_get(s->gateway, "/healthz"), 200);
	assert_int_equal(gateway_stop(s->gateway), 0);
}

static void draining_can_be_asked_for(struct story *s)
{
	assert_int_equal(admin_post(s->gateway, "/drain") / 100, 2);

	assert_true(eventually(admin_get(s->gateway, "/readyz") != 200));
	client_saw_the_end(s->client);
}

static void interrupting_twice_ends_at_once(struct story *s)
{
	origin_always(s->a, hanging(says("")));
	client_asks(s->client, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));

	s->may_end_badly = true;
	gateway_signal(s->gateway, SIGINT);
	assert_true(eventually(is_over(s)));
	gateway_signal(s->gateway, SIGINT);

	assert_false(client_reads(s->client));
	(void)gateway_stop(s->gateway);
}

#define DRAINS(timeouts) LISTEN \
	"timeouts: {" timeouts "}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app, retry: 1}]\n"

#define MIRRORS LISTEN \
	"timeouts: {drain: 300ms}\n" \
	"services: {app: {endpoints: [\"${A}\"]}, audit: {endpoints: [\"${B}\"]}}\n" \
	"routes: [{to: app, mirror: {to: audit}}]\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(what_has_begun_is_ended_and_the_exit_is_0, DRAINS("drain: 20s")),
		STORY(the_drain_has_an_end, DRAINS("drain: 300ms")),
		STORY(a_copy_for_a_mirror_ends_with_the_drain, MIRRORS),
		STORY(it_is_not_ready_but_goes_on_for_the_stop_delay, DRAINS("stop_delay: 4s")),
		STORY(draining_can_be_asked_for, DRAINS("drain: 1s")),
		STORY(interrupting_twice_ends_at_once, DRAINS("drain: 60s")),
	};

	return TELL("drain", stories);
}
