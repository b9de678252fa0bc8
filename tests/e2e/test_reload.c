/* test_reload.c - a new configuration: whole or not at all, and no connection is cut by it. */
#include "tests/e2e/story.h"

#include <signal.h>

#define TO(service) LISTEN \
	"services: {a: {endpoints: [\"${A}\"]}, b: {endpoints: [\"${B}\"]}}\n" \
	"routes: [{to: " service "}]\n"
#define TWO_LISTENERS \
	"listen: {one: \"${EDGE}\", two: \"${SPARE}\"}\n" \
	"services: {a: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: a}]\n"

static void the_next_request_on_the_same_connection_is_routed_anew(struct story *s)
{
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");

	assert_int_equal(story_reloads(s, TO("b")), 200);

	client_gets(s->client, "/");
	client_saw(s->client, 200, "B");
}

static void a_request_in_flight_ends_as_it_began(struct story *s)
{
	struct client *upload = story_client(s);

	origin_always(s->a, gated(answers(200, "began before")));
	client_asks(s->client, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));
	client_sends(upload, "PUT /up HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nhal");
	assert_true(origin_sees(s->a, "PUT /up", 1));

	assert_int_equal(story_reloads(s, TO("b")), 200);
	assert_int_equal(get_once(s->edge, "/"), 200);
	assert_int_equal(origin_count(s->b, "GET /"), 1);

	client_sends(upload, "ves");
	origin_lets_go(s->a, 2);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "began before");
	assert_true(client_reads(upload));
	client_saw(upload, 200, "began before");
	client_close(upload);
}

static void a_bad_configuration_changes_nothing_and_says_where_it_is_bad(struct story *s)
{
	assert_int_not_equal(story_reloads(s, LISTEN "services: {a: {endpoints: [\"${A}\"]}}\n"
						  "routes: [{to: nobody}]\n"), 200);
	assert_non_null(strstr(s->gateway->text, "nobody"));
	assert_non_null(strstr(s->gateway->text, "weir.yaml"));

	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	assert_int_equal(get_once(s->edge, "/"), 200);
}

static void sighup_reloads_and_says_so(struct story *s)
{
	gateway_writes(s->gateway, TO("b"));
	gateway_signal(s->gateway, SIGHUP);

	assert_true(eventually((client_gets(s->client, "/"), s->client->answer.body[0] == 'B')));
	assert_true(gateway_logs(s->gateway, "reload"));
}

static void sighup_with_a_bad_file_keeps_the_old_and_says_so(struct story *s)
{
	gateway_writes(s->gateway, "listen: [this is, no: configuration\n");
	gateway_signal(s->gateway, SIGHUP);

	assert_true(gateway_logs(s->gateway, "weir.yaml:"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

static void a_listener_can_be_added(struct story *s)
{
	assert_null(client_try_connect(s->spare));

	assert_int_equal(story_reloads(s, TWO_LISTENERS), 200);

	assert_int_equal(get_once(s->spare, "/"), 200);
	assert_int_equal(get_once(s->edge, "/"), 200);
}

/* Clients that connect all the time while the listener goes: refused at the end, but none is reset. */
static void a_listener_can_be_removed_and_no_client_is_reset(struct story *s)
{
	unsigned served = 0, broken = 0;
	struct client *kept;

	assert_int_equal(story_reloads(s, TWO_LISTENERS), 200);
	kept = client_connect(s->spare);
	client_gets(kept, "/");
	gateway_writes(s->gateway, TO("a"));
	gateway_signal(s->gateway, SIGHUP);
	for (;;) {
		struct client *c = client_try_connect(s->spare);

		if (c == NULL)
			break;
		client_asks(c, "GET", "/");
		if (client_reads(c) && wire_status(&c->answer) == 200)
			served++;
		else
			broken++;
		client_close(c);
	}

	print_message("%u clients were served while the listener went\n", served);
	assert_int_equal(broken, 0);
	client_gets(kept, "/");
	client_saw(kept, 200, NULL);
	client_close(kept);
}

/* The address is what counts: the sockets stay, and nobody is refused or reset. */
static void a_listener_can_be_given_another_name(struct story *s)
{
	client_gets(s->client, "/");

	gateway_writes(s->gateway, "listen: {renamed: \"${EDGE}\"}\n"
				   "services: {b: {endpoints: [\"${B}\"]}}\n"
				   "routes: [{to: b, listeners: [renamed]}]\n");
	gateway_signal(s->gateway, SIGHUP);
	assert_true(gateway_logs(s->gateway, "configuration 2 is in force"));

	client_gets(s->client, "/");
	client_saw(s->client, 200, "B");
	for (int i = 0; i < 20; i++)
		assert_int_equal(get_once(s->edge, "/"), 200);
}

static void ejection_survives_a_reload(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	for (int i = 0; i < 20; i++)
		client_gets(s->client, "/");
	assert_int_equal(origin_count(s->a, "GET /"), 3);

	assert_int_equal(admin_post(s->gateway, "/reload"), 200);

	for (int i = 0; i < 20; i++)
		client_gets(s->client, "/");
	assert_int_equal(origin_count(s->a, "GET /"), 3);
}

#define EJECTS LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"], balance: round_robin, eject: {after: 3}}}\n" \
	"routes: [{to: app, retry: 1}]\n"

static void pooled_connections_survive_a_reload(struct story *s)
{
	client_gets(s->client, "/");

	for (int i = 0; i < 5; i++) {
		assert_int_equal(admin_post(s->gateway, "/reload"), 200);
		client_gets(s->client, "/");
	}

	assert_int_equal(origin_accepted(s->a), 1);
}

#define NAMED(route) LISTEN "services: {app: {endpoints: [\"${A}\"]}}\nroutes: [{name: " route ", to: app}]\n"

static double counted(struct story *s, const char *label)
{
	return gateway_metric(s->gateway, "weir_requests_total", label, NULL);
}

/* A number that another has left may be given to it, but not what was counted. */
static void a_route_of_another_name_counts_from_nothing(struct story *s)
{
	for (int i = 0; i < 3; i++)
		client_gets(s->client, "/");
	assert_true(eventually(counted(s, "route=\"first\"") == 3));

	assert_int_equal(story_reloads(s, NAMED("second")), 200);
	client_gets(s->client, "/");
	assert_true(eventually(counted(s, "route=\"second\"") == 1));
	assert_int_equal(story_reloads(s, NAMED("third")), 200);
	assert_int_equal(story_reloads(s, NAMED("fourth")), 200);
	assert_true(counted(s, "route=\"third\"") == 0);
	client_gets(s->client, "/");
	assert_true(eventually(counted(s, "route=\"fourth\"") == 1));
}

static void many_reloads_leave_nothing_behind(struct story *s)
{
	unsigned descriptors;
	size_t memory;

	for (int i = 0; i < 5; i++)
		assert_int_equal(story_reloads(s, i % 2 == 0 ? TO("b") : TWO_LISTENERS), 200);
	descriptors = gateway_descriptors(s->gateway);
	memory = gateway_memory(s->gateway);
	for (int i = 1; i <= 50; i++)
		assert_int_equal(story_reloads(s, i % 2 == 0 ? TO("b") : TWO_LISTENERS), 200);

	story_is_at_baseline(s, descriptors);
	assert_memory_below(gateway_memory(s->gateway), memory + 2048 * 1024);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(the_next_request_on_the_same_connection_is_routed_anew, TO("a")),
		STORY(a_request_in_flight_ends_as_it_began, TO("a")),
		STORY(a_bad_configuration_changes_nothing_and_says_where_it_is_bad, TO("a")),
		STORY(sighup_reloads_and_says_so, TO("a")),
		STORY(sighup_with_a_bad_file_keeps_the_old_and_says_so, TO("a")),
		STORY(a_listener_can_be_added, TO("a")),
		STORY(a_listener_can_be_removed_and_no_client_is_reset, TO("a")),
		STORY(a_listener_can_be_given_another_name, TO("a")),
		STORY(ejection_survives_a_reload, EJECTS),
		STORY(pooled_connections_survive_a_reload, TO("a")),
		STORY(a_route_of_another_name_counts_from_nothing, NAMED("first")),
		STORY(many_reloads_leave_nothing_behind, TWO_LISTENERS),
	};

	return TELL("reload", stories);
}
