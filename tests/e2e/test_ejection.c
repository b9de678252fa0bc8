/* test_ejection.c - an endpoint that keeps failing is left out, visibly, and comes back. */
#include "tests/e2e/story.h"

#define SERVICE(eject, attempts) LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"], balance: round_robin, eject: " eject "}}\n" \
	"routes: [{to: app, retry: {attempts: " attempts ", decide: {standard: {always: 1000/s}}}}]\n"

/* Asks so often that with round robin each endpoint would have had its share. */
static void ask(struct story *s, unsigned times)
{
	while (times-- > 0)
		client_gets(s->client, "/");
}

static void who_fails_in_a_row_is_left_out(struct story *s)
{
	origin_always(s->a, resetting(says("")));

	ask(s, 40);

	assert_int_equal(origin_count(s->a, "GET /"), 3);
	assert_int_equal(origin_count(s->b, "GET /"), 37);
	assert_int_equal(admin_get(s->gateway, "/services"), 200);
	assert_non_null(strstr(s->gateway->text, "ejected"));
	assert_true(gateway_metric(s->gateway, "weir_service_ejections_total", NULL) == 1);
}

static void one_success_starts_the_count_anew(struct story *s)
{
	for (int i = 0; i < 10; i++) {
		origin_once(s->a, resetting(says("")));
		origin_once(s->a, resetting(says("")));
		origin_once(s->a, answers(200, "A"));
	}

	ask(s, 60);

	assert_int_equal(origin_count(s->a, "GET /"), 30);
}

static void who_was_left_out_comes_back(struct story *s)
{
	unsigned before;

	for (int i = 0; i < 3; i++)
		origin_once(s->a, resetting(says("")));
	ask(s, 10);
	assert_true(origin_count(s->a, "GET /") >= 3);

	while (origin_count(s->a, "GET /") == 3) {
		ask(s, 1);
		usleep(10000);
	}

	before = origin_count(s->a, "GET /");
	ask(s, 10);
	assert_in_range(origin_count(s->a, "GET /") - before, 2, 10);
}

static void no_more_than_the_share_is_left_out(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	origin_always(s->b, resetting(says("")));

	ask(s, 40);

	assert_int_equal(origin_count(s->a, "GET /") + origin_count(s->b, "GET /"), 40);
	assert_true(gateway_metric(s->gateway, "weir_service_ejections_total", NULL) == 1);
}

static void when_all_are_out_it_is_as_if_none_were_and_that_is_counted(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	origin_always(s->b, resetting(says("")));

	ask(s, 20);

	assert_int_equal(origin_count(s->a, "GET /") + origin_count(s->b, "GET /"), 20);
	assert_true(gateway_metric(s->gateway, "weir_service_ejections_total", NULL) == 2);
	assert_true(gateway_metric(s->gateway, "weir_service_panic_picks_total", NULL) > 0);
}

static void health_checks_find_who_is_down_and_who_is_back(struct story *s)
{
	origin_at(s->a, "/healthz", answers(503, "no"));
	assert_true(origin_sees(s->a, "GET /healthz", 2));
	assert_true(eventually((client_gets(s->client, "/"), origin_count(s->a, "GET /")) ==
			       (client_gets(s->client, "/"), client_gets(s->client, "/"),
				origin_count(s->a, "GET /"))));

	origin_at(s->a, "/healthz", answers(200, "yes"));
	assert_true(eventually((client_gets(s->client, "/back"), origin_count(s->a, "GET /back")) > 0));
}

#define CHECKED LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"], balance: round_robin,\n" \
	"  health: {path: /healthz, interval: 50ms, unhealthy: 2, healthy: 1}}}\n" \
	"routes: [{to: app, retry: 1}]\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(who_fails_in_a_row_is_left_out, SERVICE("{after: 3, for: 60s}", "1")),
		STORY(one_success_starts_the_count_anew, SERVICE("{after: 3, for: 60s}", "1")),
		STORY(who_was_left_out_comes_back, SERVICE("{after: 3, for: 1s}", "2")),
		STORY(no_more_than_the_share_is_left_out, SERVICE("{after: 3, for: 60s, at_most: 50%}", "1")),
		STORY(when_all_are_out_it_is_as_if_none_were_and_that_is_counted,
		      SERVICE("{after: 3, for: 60s, at_most: 100%}", "1")),
		STORY(health_checks_find_who_is_down_and_who_is_back, CHECKED),
	};

	return TELL("ejection", stories);
}
