/* test_streaming.c - bytes go on as they come, and no further than there is room for them. */
#include "tests/e2e/story.h"

#include <sys/socket.h>

#define MIB 1048576u

static void events_pass_one_by_one(struct story *s)
{
	char event[32];

	origin_always(s->a, sends_events(5));
	client_asks(s->client, "GET", "/events");
	assert_true(client_reads_head(s->client));
	client_saw_header(s->client, "content-type", "text/event-stream");

	for (int i = 1; i <= 5; i++) {
		client_is_still_connected(s->client);
		origin_lets_go(s->a, 1);
		(void)snprintf(event, sizeof(event), "data: %d\n\n", i);
		client_hears(s->client, event);
		if (i < 5)	/* this event was all that came */
			s->client->wire.start = s->client->wire.end;
	}
	client_hears(s->client, "0\r\n\r\n");
}

static void an_upload_passes_piece_by_piece(struct story *s)
{
	origin_always(s->a, answers(200, "got it"));
	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");

	for (unsigned i = 1; i <= 5; i++) {
		client_sends(s->client, "6\r\npiece.\r\n");
		assert_true(eventually(origin_body_bytes_read(s->a) == i * 6));
	}
	client_sends(s->client, "0\r\n\r\n");
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "got it");
}

static void an_answer_streams_while_the_request_still_does(struct story *s)
{
	origin_always(s->a, early(says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
				       "5\r\nearly\r\n0\r\n\r\n")));

	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
		     "5\r\nfirst\r\n");
	client_hears(s->client, "early");
	client_sends(s->client, "4\r\nlast\r\n0\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "early");
}

static void a_slow_upstream_holds_the_upload_back(struct story *s)
{
	size_t before = gateway_memory(s->gateway);

	origin_always(s->a, sipping(answers(200, "at last"), 1));
	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 20971520\r\n\r\n");
	client_sends_pattern(s->client, 20 * MIB);

	assert_memory_below(gateway_memory(s->gateway), before + 4 * MIB);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "at last");
	assert_true(origin_last_body_hash(s->a) == pattern_hash(20 * MIB));
}

enum { SLOW_CLIENTS = 60 };

/* Reads a little, again and again, as a slow line does: the gateway's writes are never taken whole. */
static void sip(struct client *c, size_t bytes)
{
	char some[4096];

	while (bytes > 0) {
		ssize_t n = recv(c->wire.fd, some, sizeof(some), 0);

		assert_true(n > 0);
		bytes -= (size_t)n < bytes ? (size_t)n : bytes;
	}
}

/* Each asks for 100 MiB and sips at it: all that it may cost is its sockets and one small buffer. */
static void slow_clients_cost_one_small_buffer_each(struct story *s)
{
	struct client *slow[SLOW_CLIENTS];
	size_t before, after;
	int little = 131072;

	origin_at(s->a, "/100", gives(100ull * MIB));
	client_asks(s->client, "GET", "/100");
	assert_true(client_reads_head(s->client));
	before = gateway_memory(s->gateway);
	for (int i = 0; i < SLOW_CLIENTS; i++) {
		slow[i] = story_client(s);
		setsockopt(slow[i]->wire.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
		client_asks(slow[i], "GET", "/100");
	}
	for (int i = 0; i < SLOW_CLIENTS; i++)
		assert_true(client_reads_head(slow[i]));
	for (int round = 0; round < 32; round++)
		for (int i = 0; i < SLOW_CLIENTS; i++)
			sip(slow[i], 65536);
	after = gateway_memory(s->gateway);

	print_message("%d slow clients: %zu KiB each\n", SLOW_CLIENTS,
		      (after - before) / SLOW_CLIENTS / 1024);
	assert_memory_below(after, before + SLOW_CLIENTS * 64 * 1024);
	for (int i = 0; i < SLOW_CLIENTS; i++)
		client_aborts(slow[i]);
	assert_int_equal(get_once(s->edge, "/"), 200);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(events_pass_one_by_one, ONE_SERVICE),
		STORY(an_upload_passes_piece_by_piece, ONE_SERVICE),
		STORY(an_answer_streams_while_the_request_still_does, ONE_SERVICE),
		STORY(a_slow_upstream_holds_the_upload_back, ONE_SERVICE),
		STORY(slow_clients_cost_one_small_buffer_each, "timeouts: {body: 60s}\n" ONE_SERVICE),
	};

	return TELL("streaming", stories);
}
