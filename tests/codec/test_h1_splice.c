/* test_h1_splice.c - long bodies pass from one connection to the other inside the kernel. */
#include "core/codec/h1_splice.h"

#include <stdlib.h>

#include "tests/codec/scene.h"

enum { LONG_BODY = 1 << 20 };

/* The scene's connection is the client; this is the upstream. */
static struct {
	struct transport t;
	struct inlet in;
	struct h1_stream h1;
	int peer;
	char *body;
} up;

static unsigned blocked;

static void counts_blocks(void *arg, struct iovec *parts, int count)
{
	(void)arg;
	(void)parts;
	assert_int_equal(count, 0);
	blocked++;
}

static struct scene *begins(uint64_t body)
{
	struct scene *s = scene_new();
	struct framing length = { .kind = FRAMING_LENGTH, .length = body };
	int fds[2];

	tcp_pair(fds);
	up.peer = fds[1];
	assert_true(transport_open(&up.t, &s->worker.loop, fds[0]));
	inlet_open(&up.in, &s->worker, &up.t, BUFFER_SMALL);
	h1_stream_init(&up.h1, &up.t, &up.in, &s->arena, &s->limits);
	up.h1.stream.read_patience = LONG_TIME;
	up.h1.stream.read_slow = REASON_UPSTREAM_STALLED;
	up.h1.stream.cut = REASON_UPSTREAM_CUT;
	up.h1.in_framing = s->h1.out_framing = length;
	up.h1.in_left = s->h1.out_left = body;
	up.body = test_malloc(LONG_BODY);
	for (size_t i = 0; i < LONG_BODY; i++)
		up.body[i] = (char)('a' + i % 23);
	blocked = 0;
	return s;
}

static void ends(struct scene *s)
{
	inlet_close(&up.in);
	transport_close(&up.t);
	if (up.peer >= 0)
		close(up.peer);
	test_free(up.body);
	scene_free(s);
}

static void upstream_says(size_t from, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = send(up.peer, up.body + from + at, len - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	assert_int_equal(at, len);
}

static void moves_all(struct scene *s)
{
	size_t moved;

	s->why = REASON_NONE;
	while (s->why == REASON_NONE && up.h1.in_left > 0)
		s->why = h1_splice(&up.h1, &s->h1, 1 << 18, &moved);
}

static void hears(struct scene *s, size_t len)
{
	char *heard = test_malloc(len);
	size_t at = 0;

	for (int i = 0; i < 20000 && at < len; i++) {
		ssize_t n = recv(s->peer, heard + at, len - at, MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else
			loop_turn(&s->worker.loop, NS_PER_MS);
	}
	assert_int_equal(at, len);
	assert_memory_equal(heard, up.body, len);
	test_free(heard);
}

static void what_came_goes_on_and_both_sides_count_it(void **state)
{
	struct scene *s = begins(200000);

	(void)state;
	upstream_says(0, 100000);
	scene_begins(s, moves_all);
	hears(s, 100000);		/* although the rest has not come */
	assert_false(s->over);
	upstream_says(100000, 100000);
	scene_ends(s);
	assert_int_equal(s->why, REASON_NONE);
	hears(s, 0);
	assert_int_equal(up.h1.stream.body_in, 200000);
	assert_int_equal(s->h1.stream.body_out, 200000);
	assert_true(up.h1.stream.in_ended);
	assert_true(s->h1.stream.out_ended);
	ends(s);
}

static void what_follows_the_body_stays_in_the_socket(void **state)
{
	struct scene *s = begins(100000);
	char rest[16];

	(void)state;
	upstream_says(0, 100007);
	scene_does(s, moves_all);
	assert_int_equal(s->why, REASON_NONE);
	assert_int_equal(up.h1.stream.body_in, 100000);
	assert_int_equal(recv(up.t.source.fd, rest, sizeof(rest), 0), 7);
	ends(s);
}

static void a_client_that_does_not_read_is_waited_for_and_then_gets_the_rest(void **state)
{
	struct scene *s = begins(LONG_BODY);

	(void)state;
	setsockopt(s->t.source.fd, SOL_SOCKET, SO_SNDBUF, &(int){ 65536 }, sizeof(int));
	s->stream->blocked = counts_blocks;
	scene_begins(s, moves_all);
	for (size_t at = 0; at < LONG_BODY;) {
		ssize_t n = send(up.peer, up.body + at, LONG_BODY - at, MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else if (blocked > 0)
			break;
		loop_turn(&s->worker.loop, NS_PER_MS);
	}
	for (int i = 0; i < 1000 && blocked == 0; i++)
		loop_turn(&s->worker.loop, NS_PER_MS);
	assert_true(blocked > 0);
	assert_int_equal(buffers_lent(&s->worker), 1);	/* a pipe, and nothing of our memory */
	s->why = REASON_NONE;
	fiber_cancel(s->fiber);
	scene_ends(s);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_int_equal(buffers_lent(&s->worker), 0);
	ends(s);
}

static void an_upstream_that_ends_too_early_has_cut_the_body(void **state)
{
	struct scene *s = begins(200000);

	(void)state;
	upstream_says(0, 100000);
	close(up.peer);
	up.peer = -1;
	scene_does(s, moves_all);
	assert_int_equal(s->why, REASON_UPSTREAM_CUT);
	assert_false(s->h1.stream.out_ended);
	hears(s, 100000);
	ends(s);
}

static void a_client_that_has_gone_ends_it(void **state)
{
	struct scene *s = begins(LONG_BODY);

	(void)state;
	close_with_reset(s->peer);
	s->peer = -1;
	scene_goes_on(s);
	upstream_says(0, 100000);
	scene_does(s, moves_all);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	ends(s);
}

static void only_long_bodies_of_known_length_fit(void **state)
{
	struct scene *s = begins(100000);

	(void)state;
	assert_true(h1_splice_fits(&up.h1, &s->h1));
	s->h1.staged = STR("HTTP/1.1 200 OK\r\n\r\n");
	assert_false(h1_splice_fits(&up.h1, &s->h1));
	s->h1.staged = STR("");
	s->h1.out_framing.kind = FRAMING_CHUNKED;
	assert_false(h1_splice_fits(&up.h1, &s->h1));
	s->h1.out_framing.kind = FRAMING_LENGTH;
	up.h1.in_left = s->h1.out_left = 1000;
	assert_false(h1_splice_fits(&up.h1, &s->h1));
	ends(s);
}

static void without_a_pipe_nothing_moves(void **state)
{
	struct scene *s = begins(100000);
	struct pipe *lent[64];
	int n = 0;

	(void)state;
	while (n < 64 && (lent[n] = buffers_lend_pipe(&s->worker)) != NULL)
		n++;
	assert_in_range(n, 1, 63);
	upstream_says(0, 100000);
	scene_does(s, moves_all);
	assert_int_equal(s->why, REASON_OVERLOADED);
	assert_int_equal(up.h1.stream.body_in, 0);
	while (n > 0)
		buffers_give_pipe(&s->worker, lent[--n]);
	ends(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_goes_on_and_both_sides_count_it),
		cmocka_unit_test(what_follows_the_body_stays_in_the_socket),
		cmocka_unit_test(a_client_that_does_not_read_is_waited_for_and_then_gets_the_rest),
		cmocka_unit_test(an_upstream_that_ends_too_early_has_cut_the_body),
		cmocka_unit_test(a_client_that_has_gone_ends_it),
		cmocka_unit_test(only_long_bodies_of_known_length_fit),
		cmocka_unit_test(without_a_pipe_nothing_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
