/* test_seeing.c - what can be seen from outside: metrics that Prometheus takes, and a line per request. */
#include "tests/e2e/story.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

#define NAMED LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{name: everything, match: {path: /app/*}, to: app}]\n"

static void makes_some_traffic(struct story *s)
{
	client_gets(s->client, "/app/1");
	client_posts(s->client, "/app/2", "body");
	client_gets(s->client, "/nowhere");
	origin_once(s->a, resetting(says("")));
	client_gets(s->client, "/app/3");
	client_saw(s->client, 200, "A");
}

static void promtool_takes_the_metrics(struct story *s)
{
	FILE *tool;

	if (system("command -v promtool >/dev/null 2>&1") != 0) {
		print_message("skipped: promtool is not here\n");
		skip();
	}
	makes_some_traffic(s);
	assert_int_equal(admin_get(s->gateway, "/metrics"), 200);

	tool = popen("promtool check metrics", "w");
	assert_non_null(tool);
	fputs(s->gateway->text, tool);
	assert_int_equal(pclose(tool), 0);
}

static void requests_are_counted_by_what_became_of_them(struct story *s)
{
	makes_some_traffic(s);

	assert_true(eventually(gateway_metric(s->gateway, "weir_requests_total", NULL) == 4));
	assert_true(gateway_metric(s->gateway, "weir_reasons_total", "reason=\"no-route\"", NULL) == 1);
	assert_true(gateway_metric(s->gateway, "weir_requests_total", "route=\"everything\"", NULL) == 3);
}

/* Strangers choose methods and paths: they must not choose how many series there are. */
static void strangers_cannot_make_new_series(struct story *s)
{
	char path[64], request[128];

	client_gets(s->client, "/nowhere");
	assert_true(eventually(gateway_metric(s->gateway, "weir_requests_total", NULL) == 1));
	for (int i = 0; i < 200; i++) {
		(void)snprintf(path, sizeof(path), "/odd-%d", i);
		client_gets(s->client, path);
		(void)snprintf(request, sizeof(request), "ODD%d / HTTP/1.1\r\nhost: h%d\r\n\r\n", i, i);
		client_sends(s->client, request);
		assert_true(client_reads(s->client));
	}
	assert_true(eventually(gateway_metric(s->gateway, "weir_requests_total", NULL) == 401));

	assert_int_equal(admin_get(s->gateway, "/metrics"), 200);
	assert_null(strstr(s->gateway->text, "odd-"));
	assert_null(strstr(s->gateway->text, "ODD"));
}

/* The n-th line of the access log; the story ends it by json_decref(). */
static json_t *line(struct story *s, unsigned n)
{
	const char *at;
	json_t *doc;

	assert_true(gateway_logged_requests(s->gateway, n));
	at = gateway_access_log(s->gateway);
	while (--n > 0)
		at = strchr(at, '\n') + 1;
	doc = json_loadb(at, strcspn(at, "\n"), JSON_REJECT_DUPLICATES, NULL);
	if (doc == NULL)
		fail_msg("no JSON: %s", at);
	return doc;
}

static const char *text(const json_t *doc, const char *key)
{
	const char *value = json_string_value(json_object_get(doc, key));

	return value != NULL ? value : "(none)";
}

static void each_request_is_one_line_that_says_it_all(struct story *s)
{
	json_t *l;

	client_sends(s->client, "POST /app/x?secret=1 HTTP/1.1\r\nhost: a.example\r\n"
		     "user-agent: \"quoted\\ and \xc3\xa4\"\r\ncontent-length: 4\r\n\r\nbody");
	assert_true(client_reads(s->client));

	l = line(s, 1);
	assert_string_equal(text(l, "method"), "POST");
	assert_string_equal(text(l, "path"), "/app/x");
	assert_string_equal(text(l, "host"), "a.example");
	assert_string_equal(text(l, "route"), "everything");
	assert_string_equal(text(l, "service"), "app");
	assert_string_equal(text(l, "endpoint"), origin_address(s->a));
	assert_string_equal(text(l, "client"), "127.0.0.1");
	assert_int_equal(json_integer_value(json_object_get(l, "status")), 200);
	assert_int_equal(json_integer_value(json_object_get(l, "bytes_in")), 4);
	assert_int_equal(json_integer_value(json_object_get(l, "bytes_out")), 1);
	assert_int_equal(json_array_size(json_object_get(l, "attempts")), 1);
	assert_str(client_header(s->client, "x-request-id"), text(l, "request_id"));
	json_decref(l);
}

static void a_line_tells_why_and_how_often(struct story *s)
{
	json_t *l;

	makes_some_traffic(s);

	l = line(s, 3);
	assert_string_equal(text(l, "reason"), "no-route");
	assert_int_equal(json_integer_value(json_object_get(l, "status")), 404);
	json_decref(l);
	l = line(s, 4);
	assert_int_equal(json_array_size(json_object_get(l, "attempts")), 2);
	json_decref(l);
}

static void the_log_is_opened_again_on_sigusr1(struct story *s)
{
	char from[128], to[128];

	client_gets(s->client, "/app/before");
	assert_true(gateway_logged_requests(s->gateway, 1));
	(void)snprintf(from, sizeof(from), "%s/access.log", s->gateway->dir);
	(void)snprintf(to, sizeof(to), "%s/access.log.1", s->gateway->dir);
	assert_int_equal(rename(from, to), 0);
	gateway_signal(s->gateway, SIGUSR1);
	assert_true(eventually(access(from, F_OK) == 0));

	client_gets(s->client, "/app/after");

	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "/app/after"));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(promtool_takes_the_metrics, NAMED),
		STORY(requests_are_counted_by_what_became_of_them, NAMED),
		STORY(strangers_cannot_make_new_series, NAMED),
		STORY(each_request_is_one_line_that_says_it_all, NAMED),
		STORY(a_line_tells_why_and_how_often, NAMED),
		STORY(the_log_is_opened_again_on_sigusr1, NAMED),
	};

	return TELL("seeing", stories);
}
