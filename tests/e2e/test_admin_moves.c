/* test_admin_moves.c - the admin API and the probe come, move and go by reload, and outlive children. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>

#include "tests/e2e/load.h"

#define APP LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"
#define ON_TCP(token) "admin: {address: \"${SPARE}\", token: " token "}\n" APP
#define ON_THE_FILE "admin: \"unix:${DIR}/admin\"\n" APP

static const char *admin_file(struct story *s)
{
	static char address[128];

	(void)snprintf(address, sizeof(address), "unix:%s/admin", s->gateway->dir);
	return address;
}

/* POST /reload at the TCP address; 0: nobody answered there. */
static unsigned reloads_over_tcp(struct story *s, const char *token)
{
	struct client *c = client_try_connect(s->spare);
	char request[256];
	unsigned status;

	if (c == NULL)
		return 0;
	(void)snprintf(request, sizeof(request), "POST /reload HTTP/1.1\r\nhost: localhost\r\n"
		       "authorization: Bearer %s\r\ncontent-length: 0\r\n\r\n", token);
	client_sends(c, request);
	status = client_reads(c) ? wire_status(&c->answer) : 0;
	client_close(c);
	return status;
}

static bool is_gone(const char *address)
{
	struct client *c = client_try_connect(address);

	client_close(c);
	return c == NULL;
}

static void the_reload_that_moves_it_is_answered_where_it_was_asked(struct story *s)
{
	assert_int_equal(story_reloads(s, ON_TCP("one")), 200);

	assert_int_equal(get_once(s->spare, "/healthz"), 403);	/* its host is no name of ours */
	assert_true(eventually(is_gone(admin_file(s))));

	gateway_writes(s->gateway, ON_THE_FILE);
	assert_int_equal(reloads_over_tcp(s, "one"), 200);
	assert_int_equal(admin_get(s->gateway, "/readyz"), 200);
	assert_true(eventually(is_gone(s->spare)));
}

static void nobody_is_cut_off_when_it_goes(struct story *s)
{
	struct load_count seen;
	struct load *l;

	assert_int_equal(story_reloads(s, "probe: \"${SPARE}\"\n" APP), 200);
	l = load_start(s->spare, "/readyz", 4, true);
	assert_true(load_goes_on(l, 20));
	assert_int_equal(story_reloads(s, APP), 200);
	assert_true(eventually(is_gone(s->spare)));
	seen = load_stop(l);

	assert_int_equal(seen.cut, 0);
	assert_true(seen.answered >= 20);
}

static void a_new_token_counts_and_its_connections_stay(struct story *s)
{
	struct client *kept;

	assert_int_equal(story_reloads(s, ON_TCP("one")), 200);
	kept = client_connect(s->spare);
	client_sends(kept, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_true(client_reads(kept));

	gateway_writes(s->gateway, ON_TCP("two"));
	assert_int_equal(reloads_over_tcp(s, "one"), 200);

	assert_int_equal(reloads_over_tcp(s, "one"), 401);
	assert_int_equal(reloads_over_tcp(s, "two"), 200);
	client_sends(kept, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_true(client_reads(kept));
	client_saw(kept, 200, NULL);
	client_close(kept);
}

static void an_address_in_use_changes_nothing_and_is_named_with_its_place(struct story *s)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "admin:\n  address: %s\n  token: one\n" APP,
		       origin_address(s->a));
	assert_int_equal(story_reloads(s, text), 422);

	assert_non_null(strstr(s->gateway->text, "another program listens there"));
	assert_non_null(strstr(s->gateway->text, "\"line\": "));
	assert_int_equal(admin_get(s->gateway, "/readyz"), 200);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

static void what_was_prepared_is_closed_when_the_rest_cannot_be(struct story *s)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "probe: \"${SPARE}\"\nlisten: {default: \"${EDGE}\", "
		       "taken: \"%s\"}\nservices: {app: {endpoints: [\"${A}\"]}}\n"
		       "routes: [{to: app}]\n", origin_address(s->b));
	assert_int_equal(story_reloads(s, text), 422);

	assert_true(eventually(is_gone(s->spare)));
	assert_int_equal(story_reloads(s, "probe: \"${SPARE}\"\n" APP), 200);
	assert_int_equal(get_once(s->spare, "/healthz"), 200);
}

static void the_probe_comes_and_goes(struct story *s)
{
	for (int i = 0; i < 3; i++) {
		assert_int_equal(story_reloads(s, "probe: \"${SPARE}\"\n" APP), 200);
		assert_int_equal(get_once(s->spare, "/readyz"), 200);
		assert_int_equal(story_reloads(s, APP), 200);
		assert_true(eventually(is_gone(s->spare)));
	}
}

static void admin_and_probe_can_change_places(struct story *s)
{
	assert_int_equal(story_reloads(s, "probe: \"${SPARE}\"\n" APP), 200);
	assert_int_equal(story_reloads(s, "probe: \"unix:${DIR}/admin\"\n" ON_TCP("one")), 200);

	assert_true(eventually(reloads_over_tcp(s, "one") == 200));
	assert_int_equal(admin_get(s->gateway, "/readyz"), 200);
	assert_int_equal(admin_get(s->gateway, "/config"), 404);
}

static void a_reload_that_does_not_name_it_leaves_its_connections(struct story *s)
{
	struct client *kept = client_connect(admin_file(s));

	for (int i = 0; i < 5; i++) {
		client_sends(kept, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
		assert_true(client_reads(kept));
		client_saw(kept, 200, NULL);
		assert_int_equal(story_reloads(s, APP "limits: {headers: 90}\n"), 200);
	}
	client_close(kept);
}

static void in_a_handover_every_question_is_answered(struct story *s)
{
	struct load *l;
	struct load_count seen;

	assert_int_equal(story_reloads(s, "probe: \"${SPARE}\"\n" APP), 200);
	l = load_start(s->spare, "/readyz", 4, true);
	assert_true(load_goes_on(l, 20));
	for (int i = 0; i < 2; i++) {
		pid_t old = gateway_child(s->gateway);

		gateway_signal(s->gateway, SIGUSR2);
		assert_true(eventually(gateway_child(s->gateway) != old &&
				       gateway_child(s->gateway) > 0));
		assert_true(load_goes_on(l, 50));
		assert_true(eventually(kill(old, 0) != 0));
	}
	seen = load_stop(l);

	assert_int_equal(seen.refused, 0);
	assert_int_equal(seen.cut, 0);
	assert_int_equal(seen.wrong, 0);
}

static void it_tells_that_it_drains_and_reloads_nothing_then(struct story *s)
{
	origin_always(s->a, gated(answers(200, "in peace")));
	client_asks(s->client, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));
	assert_int_equal(admin_post(s->gateway, "/drain"), 202);

	assert_int_equal(admin_get(s->gateway, "/healthz"), 200);
	assert_int_equal(admin_get(s->gateway, "/readyz"), 503);
	assert_non_null(strstr(s->gateway->text, "draining"));
	assert_int_equal(admin_post(s->gateway, "/reload"), 422);
	assert_int_equal(admin_post(s->gateway, "/drain"), 202);
	origin_lets_go(s->a, 1);

	assert_true(client_reads(s->client));
	assert_true(gateway_ends(s->gateway));
	assert_int_equal(s->gateway->status, 0);
}

static void reloads_and_a_stop_at_the_same_time_end_well(struct story *s)
{
	for (int i = 0; i < 5; i++) {
		struct client *c = client_connect(admin_file(s));

		client_sends(c, "POST /reload HTTP/1.1\r\nhost: localhost\r\n"
			     "content-length: 0\r\n\r\n");
		wire_will_reset(&c->wire);
		client_close(c);
	}

	assert_int_equal(gateway_stop(s->gateway), 0);
}

/* Runs `weir explain` with these; gives its exit status. What it says is kept until the next. */
static char said[4096];

static int explains(const char *format, const char *a, const char *b)
{
	char options[256], command[512], line[256];
	FILE *f;

	(void)snprintf(options, sizeof(options), format, a, b);
	(void)snprintf(command, sizeof(command), "\"${WEIR:-./weir}\" explain %s GET "
		       "http://a.example/x 2>&1", options);
	f = popen(command, "r");
	assert_non_null(f);
	said[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL)
		strncat(said, line, sizeof(said) - strlen(said) - 1);
	return pclose(f);
}

static void explain_asks_the_running_one(struct story *s)
{
	assert_int_equal(explains("--admin '%s%s'", admin_file(s), ""), 0);
	assert_non_null(strstr(said, "service: app"));
	assert_non_null(strstr(said, origin_address(s->a)));

	assert_int_not_equal(explains("--admin '%s%s'", admin_file(s), "-not"), 0);
	assert_non_null(strstr(said, "no Weir answers at"));
}

static void explain_brings_the_token_where_one_is_wanted(struct story *s)
{
	const char *port = strchr(s->spare, ':');
	char text[512];

	(void)snprintf(text, sizeof(text), "admin: {address: \"0.0.0.0%s\", token: one}\n" APP, port);
	assert_int_equal(story_reloads(s, text), 200);
	gateway_writes_file(s->gateway, "token", "one\n");

	assert_int_not_equal(explains("--admin localhost%s%s", port, ""), 0);
	assert_non_null(strstr(said, "this needs the token"));
	(void)snprintf(text, sizeof(text), "%s/token", s->gateway->dir);
	assert_int_equal(explains("--admin localhost%s --token %s", port, text), 0);
	assert_non_null(strstr(said, "service: app"));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(the_reload_that_moves_it_is_answered_where_it_was_asked, APP),
		STORY(nobody_is_cut_off_when_it_goes, APP),
		STORY(a_new_token_counts_and_its_connections_stay, APP),
		STORY(an_address_in_use_changes_nothing_and_is_named_with_its_place, APP),
		STORY(what_was_prepared_is_closed_when_the_rest_cannot_be, APP),
		STORY(the_probe_comes_and_goes, APP),
		STORY(admin_and_probe_can_change_places, APP),
		STORY(a_reload_that_does_not_name_it_leaves_its_connections, APP),
		STORY(in_a_handover_every_question_is_answered, APP),
		STORY(it_tells_that_it_drains_and_reloads_nothing_then, APP),
		STORY(reloads_and_a_stop_at_the_same_time_end_well, APP),
		STORY(explain_asks_the_running_one, APP),
		STORY(explain_brings_the_token_where_one_is_wanted, APP),
	};

	return TELL("admin moves", stories);
}
