/* test_admin.c - asking a running gateway what it is doing, and telling it what to do. */
#include "tests/e2e/story.h"

#include <jansson.h>

#define NAMED LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"]}}\n" \
	"routes: [{name: everything, match: {path: /*}, to: app}]\n"
#define TCP_ADMIN \
	"admin: {address: \"${SPARE}\", token: open sesame}\n" NAMED

/* Gives the document; the story ends it by json_decref(). */
static json_t *document(struct story *s, const char *path)
{
	json_error_t error;
	json_t *doc;

	assert_int_equal(admin_get(s->gateway, path), 200);
	doc = json_loads(s->gateway->text, JSON_REJECT_DUPLICATES, &error);
	if (doc == NULL)
		fail_msg("%s is no JSON: %s\n%s", path, error.text, s->gateway->text);
	return doc;
}

static void everything_it_tells_is_json_that_names_things(struct story *s)
{
	static const struct { const char *path, *names; } tells[] = {
		{ "/config", "everything" }, { "/routes", "everything" }, { "/services", "app" },
		{ "/plugins", "least_request" }, { "/explain?method=GET&url=http://a.example/x", "everything" },
	};

	for (size_t i = 0; i < ARRAY_LEN(tells); i++) {
		json_decref(document(s, tells[i].path));
		if (strstr(s->gateway->text, tells[i].names) == NULL)
			fail_msg("%s does not name %s:\n%s", tells[i].path, tells[i].names,
				 s->gateway->text);
	}
}

static void each_endpoint_tells_its_state(struct story *s)
{
	client_gets(s->client, "/");

	json_decref(document(s, "/services"));
	assert_non_null(strstr(s->gateway->text, origin_address(s->a)));
	assert_non_null(strstr(s->gateway->text, origin_address(s->b)));
}

static void the_log_level_can_be_changed(struct story *s)
{
	assert_int_equal(admin_post(s->gateway, "/log-level?level=debug") / 100, 2);
	assert_int_equal(admin_post(s->gateway, "/log-level?level=loud") / 100, 4);
}

static void what_is_not_there_is_404_and_a_wrong_method_405(struct story *s)
{
	assert_int_equal(admin_get(s->gateway, "/nothing"), 404);
	assert_int_equal(admin_get(s->gateway, "/reload"), 405);
	assert_int_equal(admin_post(s->gateway, "/metrics"), 405);
}

static unsigned asks_admin(struct story *s, const char *request)
{
	struct client *c = client_connect(s->spare);
	unsigned status;

	client_sends(c, request);
	status = client_reads(c) ? wire_status(&c->answer) : 0;
	client_close(c);
	return status;
}

/* Its admin socket is elsewhere, so that the edge tells when it is ready. */
static void begins_with_tcp_admin(struct story *s)
{
	gateway_writes(s->gateway, TCP_ADMIN);
	gateway_start_somehow(s->gateway);
	assert_true(eventually(get_once(s->edge, "/") == 200));
}

static void on_a_port_it_wants_the_token_and_its_own_name(struct story *s)
{
	begins_with_tcp_admin(s);

	assert_int_equal(asks_admin(s, "POST /reload HTTP/1.1\r\nhost: 127.0.0.1\r\n"
				    "content-length: 0\r\n\r\n"), 401);
	assert_int_equal(asks_admin(s, "POST /reload HTTP/1.1\r\nhost: 127.0.0.1\r\n"
				    "authorization: Bearer wrong\r\ncontent-length: 0\r\n\r\n"), 401);
	assert_int_equal(asks_admin(s, "POST /reload HTTP/1.1\r\nhost: 127.0.0.1\r\n"
				    "authorization: Bearer open sesame\r\n"
				    "content-length: 0\r\n\r\n"), 200);
	assert_int_equal(asks_admin(s, "POST /reload HTTP/1.1\r\nhost: 127.0.0.1\r\n"
				    "authorization: Bearer open sesame\r\n"
				    "origin: http://evil.example\r\ncontent-length: 0\r\n\r\n"), 403);
	assert_int_equal(asks_admin(s, "GET /config HTTP/1.1\r\nhost: rebound.example\r\n"
				    "authorization: Bearer open sesame\r\n\r\n"), 403);
}

static void secrets_are_not_told(struct story *s)
{
	struct client *c;

	begins_with_tcp_admin(s);
	c = client_connect(s->spare);
	client_sends(c, "GET /config HTTP/1.1\r\nhost: 127.0.0.1\r\n"
		     "authorization: Bearer open sesame\r\n\r\n");
	assert_true(client_reads(c));
	client_saw(c, 200, NULL);
	assert_null(strstr(c->answer.body, "sesame"));
	client_close(c);
}

static void the_probe_tells_only_what_probes_ask(struct story *s)
{
	assert_int_equal(get_once(s->spare, "/healthz"), 200);
	assert_int_equal(get_once(s->spare, "/readyz"), 200);
	assert_int_equal(get_once(s->spare, "/metrics"), 200);
	assert_int_equal(get_once(s->spare, "/config"), 404);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(everything_it_tells_is_json_that_names_things, NAMED),
		STORY(each_endpoint_tells_its_state, NAMED),
		STORY(the_log_level_can_be_changed, NAMED),
		STORY(what_is_not_there_is_404_and_a_wrong_method_405, NAMED),
		STORY(on_a_port_it_wants_the_token_and_its_own_name, NULL),
		STORY(secrets_are_not_told, NULL),
		STORY(the_probe_tells_only_what_probes_ask, NAMED "probe: \"${SPARE}\"\n"),
	};

	return TELL("admin", stories);
}
