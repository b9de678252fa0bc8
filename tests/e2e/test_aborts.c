/* test_aborts.c - clients that vanish in each phase: nothing of theirs stays behind. */
#include "tests/e2e/story.h"

enum { TIMES = 20 };

/* Before: what the gateway holds when nothing is going on and all its pools are warm. */
static unsigned warm_baseline(struct story *s)
{
	client_gets(s->client, "/warm");
	client_close(s->client);
	s->client = NULL;
	assert_true(gateway_is_idle(s->gateway));
	return gateway_descriptors(s->gateway) + 2;	/* the two workers' pools may grow by one each */
}

static void while_sending_the_head(struct story *s)
{
	unsigned before = warm_baseline(s);

	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_sends(c, "GET / HTTP/1.1\r\nhost: a.exa");
		i % 2 == 0 ? client_aborts(c) : client_close(c);
	}

	story_is_at_baseline(s, before);
	assert_int_equal(origin_count(s->a, "GET /"), 0);
}

static void while_sending_the_body(struct story *s)
{
	unsigned before = warm_baseline(s);

	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_sends(c, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
		assert_true(origin_sees(s->a, "PUT /", (unsigned)i + 1));
		i % 2 == 0 ? client_aborts(c) : client_close(c);
	}

	story_is_at_baseline(s, before);
	assert_false(origin_last_whole(s->a));
}

static void while_waiting_for_the_answer(struct story *s)
{
	unsigned before = warm_baseline(s);

	origin_at(s->a, "/wait", hanging(says("")));
	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_asks(c, "GET", "/wait");
		assert_true(origin_sees(s->a, "GET /wait", (unsigned)i + 1));
		client_aborts(c);
	}

	story_is_at_baseline(s, before);
	assert_true(eventually(origin_open_now(s->a) <= 2));
	assert_true(gateway_metric(s->gateway, "weir_reasons_total", "reason=\"client-gone\"", NULL)
		    == TIMES);
}

static void while_reading_the_answer(struct story *s)
{
	unsigned before = warm_baseline(s);

	origin_at(s->a, "/big", gives(50000000));
	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_asks(c, "GET", "/big");
		assert_true(client_reads_head(c));
		i % 2 == 0 ? client_aborts(c) : client_close(c);
	}

	story_is_at_baseline(s, before);
	assert_true(eventually(origin_open_now(s->a) <= 2));
}

static void while_events_are_streaming(struct story *s)
{
	unsigned before = warm_baseline(s);

	origin_at(s->a, "/events", hanging(says("HTTP/1.1 200 OK\r\n"
						"transfer-encoding: chunked\r\n\r\n"
						"7\r\ndata: 1\r\n")));
	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_asks(c, "GET", "/events");
		assert_true(client_reads_head(c));
		client_hears(c, "data: 1");
		client_aborts(c);
	}

	story_is_at_baseline(s, before);
}

static void between_two_requests(struct story *s)
{
	unsigned before = warm_baseline(s);

	for (int i = 0; i < TIMES; i++) {
		struct client *c = story_client(s);

		client_gets(c, "/");
		i % 2 == 0 ? client_aborts(c) : client_close(c);
	}

	story_is_at_baseline(s, before);
	assert_int_equal(origin_count(s->a, "GET /"), TIMES);
}

static void while_waiting_in_a_queue(struct story *s)
{
	struct client *first = story_client(s), *waiting[TIMES];
	unsigned before;

	client_gets(s->client, "/warm");
	before = gateway_descriptors(s->gateway) + 2;
	origin_at(s->a, "/held", gated(answers(200, "done")));
	client_asks(first, "GET", "/held");
	assert_true(origin_sees(s->a, "GET /held", 1));
	for (int i = 0; i < TIMES; i++) {
		waiting[i] = story_client(s);
		client_asks(waiting[i], "GET", "/held");
	}
	for (int i = 0; i < TIMES; i++)
		client_aborts(waiting[i]);
	origin_lets_go(s->a, 1);

	assert_true(client_reads(first));
	client_saw(first, 200, "done");
	client_close(first);
	story_is_at_baseline(s, before);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

#define ONE_AT_A_TIME LISTEN \
	"services: {app: {endpoints: [\"${A}\"], limits: {requests: 1, queue: 50}}}\n" \
	"routes: [{to: app}]\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(while_sending_the_head, ONE_SERVICE),
		STORY(while_sending_the_body, ONE_SERVICE),
		STORY(while_waiting_for_the_answer, ONE_SERVICE),
		STORY(while_reading_the_answer, ONE_SERVICE),
		STORY(while_events_are_streaming, ONE_SERVICE),
		STORY(between_two_requests, ONE_SERVICE),
		STORY(while_waiting_in_a_queue, ONE_AT_A_TIME),
	};

	return TELL("aborts", stories);
}
