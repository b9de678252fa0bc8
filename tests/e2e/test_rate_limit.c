/* test_rate_limit.c - so many requests in so much time: exactly, over all workers, over reloads. */
#include "tests/e2e/story.h"

#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define ROUTE(policies) LISTEN "workers: 4\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{name: r, policies: [" policies "], to: app}]\n"
/* An hour is longer than any story: what has passed stays counted. */
#define HOURLY(burst, more) ROUTE("rate_limit: {rate: 1/h, burst: " #burst more "}")

/* Asks with one more header, and gives the status. */
static unsigned asks_as(struct client *c, const char *header)
{
	client_sends(c, "GET / HTTP/1.1\r\nhost: x\r\n");
	client_sends(c, header);
	client_sends(c, "\r\n");
	assert_true(client_reads(c));
	return wire_status(&c->answer);
}

static void exactly_the_burst_passes_and_the_rest_is_told_why(struct story *s)
{
	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}
	client_gets(s->client, "/");

	client_saw_reason(s->client, 429, "rate-limited");
	client_saw_header(s->client, "retry-after", "3600");
	client_saw_header(s->client, "ratelimit-policy", "\"hour\";q=1;w=3600;weir-burst=3");
	client_saw_header(s->client, "ratelimit", "\"hour\";r=0;t=10800");
	assert_int_equal(origin_count(s->a, NULL), 3);
	client_is_still_connected(s->client);
}

static void answers_say_what_is_left(struct story *s)
{
	client_gets(s->client, "/");
	client_saw_header(s->client, "ratelimit",
			  "\"clients-minute\";r=99;t=1, \"clients-day\";r=4;t=17280");
	client_saw_header(s->client, "ratelimit-policy",
			  "\"clients-minute\";q=100;w=60, \"clients-day\";q=5;w=86400");
}

static void each_key_counts_for_itself(struct story *s)
{
	assert_int_equal(asks_as(s->client, "x-user: ada\r\n"), 200);
	assert_int_equal(asks_as(s->client, "x-user: ada\r\n"), 429);
	assert_int_equal(asks_as(s->client, "x-user: bob\r\n"), 200);
	assert_int_equal(asks_as(s->client, ""), 200);		/* those without share one */
	assert_int_equal(asks_as(s->client, ""), 429);
	assert_int_equal(asks_as(s->client, "x-user: bob\r\n"), 429);
}

static void parts_of_a_key_count_together(struct story *s)
{
	assert_int_equal(asks_as(s->client, "x-user: a\r\nx-tier: bc\r\n"), 200);
	assert_int_equal(asks_as(s->client, "x-user: ab\r\nx-tier: c\r\n"), 200);
	assert_int_equal(asks_as(s->client, "x-user: a\r\nx-tier: bc\r\n"), 429);
}

static void who_lacks_the_key_is_refused_if_it_says_so(struct story *s)
{
	assert_int_equal(asks_as(s->client, "x-user: ada\r\n"), 200);
	assert_int_equal(asks_as(s->client, ""), 403);
	client_saw_reason(s->client, 403, "refused");
}

static void or_passes_uncounted(struct story *s)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(asks_as(s->client, ""), 200);
	client_saw_header(s->client, "ratelimit", NULL);
	assert_int_equal(asks_as(s->client, "x-user: ada\r\n"), 200);
	assert_int_equal(asks_as(s->client, "x-user: ada\r\n"), 429);
}

static void a_dry_run_refuses_nobody_but_counts(struct story *s)
{
	for (int i = 0; i < 5; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}
	assert_true(gateway_logged_requests(s->gateway, 5));
	assert_non_null(strstr(gateway_access_log(s->gateway), "\"rate_limit\":\"would refuse\""));
	assert_true(gateway_metric(s->gateway, "weir_plugin_events_total", "plugin=\"rate_limit\"",
				   "event=\"would_refuse\"", NULL) == 3);
	assert_true(gateway_metric(s->gateway, "weir_plugin_events_total", "event=\"passed\"",
				   "place=\"route r, policy 1\"", NULL) == 2);
}

static void on_error_lets_the_rest_pass(struct story *s)
{
	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}
}

static void a_reload_forgets_nothing(struct story *s)
{
	client_gets(s->client, "/");
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);

	assert_int_equal(story_reloads(s, HOURLY(3, "") "# the same\n"), 200);
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);
	client_gets(s->client, "/");
	client_saw(s->client, 429, NULL);

	assert_int_equal(story_reloads(s, HOURLY(5, ", headers: false")), 200);
	client_gets(s->client, "/");	/* two more than before */
	client_gets(s->client, "/");
	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "ratelimit", NULL);
	client_gets(s->client, "/");
	client_saw(s->client, 429, NULL);
}

#define TWO_ROUTES(as) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"chains: {fair: [{rate_limit: {rate: 1/h, burst: 2}" as "}]}\n" \
	"routes:\n" \
	"  - {name: a, match: {path: /a}, policies: [use: fair], to: app}\n" \
	"  - {name: b, match: {path: /b}, policies: [use: fair], to: app}\n"

static void each_place_counts_for_itself(struct story *s)
{
	client_gets(s->client, "/a");
	client_gets(s->client, "/a");
	client_saw(s->client, 200, NULL);
	client_gets(s->client, "/a");
	client_saw(s->client, 429, NULL);

	client_gets(s->client, "/b");
	client_saw(s->client, 200, NULL);
}

static void a_name_makes_it_one_limit_everywhere(struct story *s)
{
	client_gets(s->client, "/a");
	client_gets(s->client, "/b");
	client_saw(s->client, 200, NULL);
	client_gets(s->client, "/a");
	client_saw(s->client, 429, NULL);
	client_gets(s->client, "/b");
	client_saw(s->client, 429, NULL);
}

static void a_listeners_limit_counts_also_what_finds_no_route(struct story *s)
{
	client_gets(s->client, "/nowhere");
	client_saw_reason(s->client, 404, "no-route");
	client_saw_header(s->client, "ratelimit", "\"hour\";r=0;t=3600");
	client_gets(s->client, "/nowhere");
	client_saw_reason(s->client, 429, "rate-limited");
}

/* Many at once ---------------------------------------------------------------- */

enum { CROWD = 16 };

struct crowd {
	struct story *story;
	uint64_t until;		/* they ask until then, and until they have been refused once more */
	unsigned each;		/* or so often, when it is not 0 */
	_Atomic unsigned long passed, refused, other;
	/* Refusals that were asked for one after another. When the bucket had time to fill between two of
	 * them, what would have come into it after that is lost. */
	_Atomic uint64_t last_refused;	/* when it was asked */
	_Atomic uint64_t first_refused;	/* when it was answered */
	_Atomic uint64_t lost;
};

#define FILLS_IN 500000000u	/* ns: 500 at 1000/s */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void note_refusal(struct crowd *c, uint64_t asked, uint64_t answered)
{
	uint64_t last = c->last_refused;

	do {
		if (asked <= last)
			return;
	} while (!atomic_compare_exchange_weak(&c->last_refused, &last, asked));
	if (last == 0)
		c->first_refused = answered;
	else if (answered - last > FILLS_IN)
		c->lost += answered - last - FILLS_IN;
}

static unsigned ask_one(struct crowd *c, struct client *client)
{
	uint64_t asked = now_ns(), answered;
	unsigned status;

	client_sends(client, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
	status = client_reads(client) ? wire_status(&client->answer) : 0;
	answered = now_ns();
	*(status == 200 ? &c->passed : status == 429 ? &c->refused : &c->other) += 1;
	if (status == 429)
		note_refusal(c, asked, answered);
	return status;
}

/* A connection for a dozen requests: the kernel spreads them over the workers. */
static void *ask_along(void *arg)
{
	struct crowd *c = arg;
	unsigned asked = 0, status = 0;

	while (c->each != 0 ? asked < c->each : now_ns() < c->until || status != 429) {
		struct client *client = client_connect(c->story->edge);

		for (int i = 0; i < 12 && (c->each == 0 || asked < c->each); i++, asked++)
			status = ask_one(c, client);
		client_close(client);
	}
	return NULL;
}

static void crowd_asks(struct crowd *c)
{
	pthread_t threads[CROWD];

	for (unsigned i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_along, c), 0);
	for (unsigned i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c->other, 0);
}

static void no_more_than_the_burst_passes_at_once_on_four_workers(struct story *s)
{
	struct crowd c = { .story = s, .each = 30 };

	crowd_asks(&c);

	assert_int_equal(c.passed, 100);
	assert_int_equal(c.refused, CROWD * 30 - 100);
}

/* Each of the crowd ends with a refusal: when the last of them came, the bucket was empty, and what time had
 * put into it since the first had been taken out. */
static void over_a_while_the_rate_passes_on_four_workers(struct story *s)
{
	uint64_t begin = now_ns();
	unsigned span = story_seconds(2) < 20 ? story_seconds(2) : 20;
	struct crowd c = { .story = s, .until = begin + span * UINT64_C(1000000000) };
	double most, least, seconds;

	crowd_asks(&c);

	seconds = (double)(now_ns() - begin) / 1e9;
	most = 500 + 1000 * seconds;
	least = 500 + ((double)c.last_refused - (double)c.first_refused - (double)c.lost) / 1e6;
	print_message("%.2f s: %lu passed of %.0f to %.0f, %lu were refused\n", seconds, c.passed, least,
		      most, c.refused);
	assert_true((double)c.passed <= most + 1);
	assert_true((double)c.passed >= 0.99 * least);
}

static void bad_options_are_refused_with_a_sentence(struct story *s)
{
	static const struct { const char *policy, *sentence; } bad[] = {
		{ "rate_limit", "give either `rate` or `rates`" },
		{ "rate_limit: {rate: 1/s, rates: [2/s]}", "give either `rate` or `rates`" },
		{ "rate_limit: {rate: 100}", "has no unit; write 100/s" },
		{ "rate_limit: {rates: [1/s, 2/s, 3/s, 4/s, 5/s]}", "`rates` has 5 limits; 4 are the most" },
		{ "rate_limit: {rates: [1/s], burst: 5}", "write each `burst` into its rate" },
		{ "rate_limit: {rate: 1/s, burst: 0}", "burst" },
		{ "rate_limit: {rate: 1/s, missing: pass}", "`missing` says what to do without a `key`" },
		{ "rate_limit: {rate: 1/s, key: client}", "\"client\" is no key" },
		{ "rate_limit: {rate: 1/s, shared: redis}", "shared" },
	};
	char config[1024];

	s->may_end_badly = true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(config, sizeof(config), LISTEN
			       "services: {app: {endpoints: [\"${A}\"]}}\n"
			       "routes:\n  - policies:\n    - %s\n    to: app\n", bad[i].policy);
		gateway_writes(s->gateway, config);
		assert_int_equal(gateway_checks(s->gateway), 1);
		if (strstr(gateway_log(s->gateway), bad[i].sentence) == NULL)
			fail_msg("%s: %s", bad[i].policy, gateway_log(s->gateway));
		gateway_forgets_log(s->gateway);
	}
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(exactly_the_burst_passes_and_the_rest_is_told_why, HOURLY(3, "")),
		STORY(answers_say_what_is_left, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes:\n  - to: app\n    policies:\n"
		      "      - rate_limit: {rates: [100/m, 5/d]}\n        as: clients\n"),
		STORY(each_key_counts_for_itself, HOURLY(1, ", key: header.x-user")),
		STORY(parts_of_a_key_count_together, HOURLY(1, ", key: [header.x-user, header.x-tier]")),
		STORY(who_lacks_the_key_is_refused_if_it_says_so,
		      HOURLY(9, ", key: header.x-user, missing: refuse")),
		STORY(or_passes_uncounted, HOURLY(1, ", key: header.x-user, missing: pass")),
		STORY(a_dry_run_refuses_nobody_but_counts, HOURLY(2, ", dry_run: true")),
		STORY(on_error_lets_the_rest_pass, LISTEN
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{to: app, policies: [{rate_limit: {rate: 1/h}, on_error: continue}]}]\n"),
		STORY(a_reload_forgets_nothing, HOURLY(3, "")),
		STORY(each_place_counts_for_itself, TWO_ROUTES("")),
		STORY(a_name_makes_it_one_limit_everywhere, TWO_ROUTES(", as: fair")),
		STORY(a_listeners_limit_counts_also_what_finds_no_route,
		      "listen: {edge: {address: \"${EDGE}\", policies: [rate_limit: 1/h]}}\n"
		      "services: {app: {endpoints: [\"${A}\"]}}\n"
		      "routes: [{match: {path: /app}, to: app}]\n"),
		STORY(no_more_than_the_burst_passes_at_once_on_four_workers,
		      LISTEN "workers: 4\nroutes: [{respond: {status: 200, body: x}, policies: "
		      "[rate_limit: {rate: 1/h, burst: 100}]}]\n"),
		STORY(over_a_while_the_rate_passes_on_four_workers,
		      LISTEN "workers: 4\naccess_log: off\nroutes: [{respond: {status: 200, body: x}, policies: "
		      "[rate_limit: {rate: 1000/s, burst: 500, key: client.ip}]}]\n"),
		STORY(bad_options_are_refused_with_a_sentence, NULL),
	};

	return TELL("rate_limit", stories);
}
