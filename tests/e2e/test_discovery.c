/* test_discovery.c - endpoints from a watched file: a change is followed, a fault is not. */
#include "tests/e2e/story.h"

#define FOUND LISTEN \
	"services: {app: {discover: {file: {path: \"${DIR}/endpoints.yaml\"}}, eject: none}}\n" \
	"routes: [{to: app}]\n"

/* Writes the file with these origins; NULL ends. */
static void says_file(struct story *s, const struct origin *one, const struct origin *two)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "endpoints: [%s%s%s]\n", one != NULL ? origin_address(one) : "",
		       two != NULL ? ", " : "", two != NULL ? origin_address(two) : "");
	gateway_writes_file(s->gateway, "endpoints.yaml", text);
}

static void begins(struct story *s)
{
	says_file(s, s->a, NULL);
	story_starts(s, FOUND);
	story_reconnects(s);
}

static char who_answers(struct story *s)
{
	client_gets(s->client, "/");
	return wire_status(&s->client->answer) == 200 ? s->client->answer.body[0] : '-';
}

static void a_replaced_file_is_followed(struct story *s)
{
	begins(s);
	assert_true(eventually(who_answers(s) == 'A'));

	says_file(s, s->b, NULL);
	assert_true(eventually(who_answers(s) == 'B'));

	says_file(s, s->c, s->d);
	assert_true(eventually(who_answers(s) == 'C'));
	assert_true(eventually(who_answers(s) == 'D'));
}

static void a_file_that_makes_no_sense_keeps_the_last_good_set(struct story *s)
{
	begins(s);
	assert_true(eventually(who_answers(s) == 'A'));

	gateway_writes_file(s->gateway, "endpoints.yaml", "endpoints: [not an address\n");

	assert_true(gateway_logs(s->gateway, "endpoints.yaml"));
	for (int i = 0; i < 20; i++)
		assert_true(who_answers(s) == 'A');
	says_file(s, s->b, NULL);
	assert_true(eventually(who_answers(s) == 'B'));
}

static void a_file_that_vanishes_keeps_the_last_good_set(struct story *s)
{
	char path[128];

	begins(s);
	assert_true(eventually(who_answers(s) == 'A'));

	(void)snprintf(path, sizeof(path), "%s/endpoints.yaml", s->gateway->dir);
	unlink(path);

	for (int i = 0; i < 20; i++)
		assert_true(who_answers(s) == 'A');
	says_file(s, s->b, NULL);
	assert_true(eventually(who_answers(s) == 'B'));
}

static void a_link_swapped_under_it_is_followed(struct story *s)
{
	char link[128], fresh[140];

	gateway_writes_file(s->gateway, "one", "endpoints: [ ]\n");
	says_file(s, s->a, NULL);
	begins(s);
	(void)snprintf(link, sizeof(link), "%s/endpoints.yaml", s->gateway->dir);
	(void)snprintf(fresh, sizeof(fresh), "%s/fresh", s->gateway->dir);
	{
		char text[128];

		(void)snprintf(text, sizeof(text), "endpoints: [%s]\n", origin_address(s->b));
		gateway_writes_file(s->gateway, "one", text);
	}
	assert_int_equal(symlink("one", fresh), 0);
	assert_int_equal(rename(fresh, link), 0);

	assert_true(eventually(who_answers(s) == 'B'));
}

static void requests_go_on_while_endpoints_come_and_go(struct story *s)
{
	begins(s);
	assert_true(eventually(who_answers(s) == 'A'));

	for (int i = 0; i < 40; i++) {
		says_file(s, i % 2 == 0 ? s->b : s->a, i % 3 == 0 ? s->c : NULL);
		for (int j = 0; j < 5; j++)
			assert_true(who_answers(s) != '-');
	}
	says_file(s, s->b, NULL);
	assert_true(eventually(who_answers(s) == 'B'));
}

static void the_next_tier_serves_when_none_of_the_first_can(struct story *s)
{
	says_file(s, s->a, NULL);
	{
		char text[128];

		(void)snprintf(text, sizeof(text), "endpoints: [%s]\n", origin_address(s->b));
		gateway_writes_file(s->gateway, "far.yaml", text);
	}
	story_starts(s, LISTEN "services: {app: {discover: [{file: \"${DIR}/endpoints.yaml\"},\n"
		     "    {file: \"${DIR}/far.yaml\"}],\n"
		     "  health: {path: /healthz, interval: 50ms, unhealthy: 1, healthy: 1},\n"
		     "  eject: none}}\n"
		     "routes: [{to: app}]\n");
	story_reconnects(s);
	assert_true(eventually(who_answers(s) == 'A'));

	origin_refuses(s->a);
	origin_drops_connections(s->a);
	assert_true(eventually(who_answers(s) == 'B'));

	origin_listens(s->a);
	assert_true(eventually(who_answers(s) == 'A'));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_replaced_file_is_followed, NULL),
		STORY(a_file_that_makes_no_sense_keeps_the_last_good_set, NULL),
		STORY(a_file_that_vanishes_keeps_the_last_good_set, NULL),
		STORY(a_link_swapped_under_it_is_followed, NULL),
		STORY(requests_go_on_while_endpoints_come_and_go, NULL),
		STORY(the_next_tier_serves_when_none_of_the_first_can, NULL),
	};

	return TELL("discovery", stories);
}
