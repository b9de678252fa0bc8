/* scene.c - a worker with one connection. */
#include "tests/codec/scene.h"

#include <stdlib.h>

enum { BODY_MOST = 64 << 20 };

static void begin_stream(struct scene *s)
{
	struct stream *stream = &s->h1.stream;

	h1_stream_init(&s->h1, &s->t, &s->in, &s->arena, &s->limits);
	stream->read_patience = stream->write_patience = LONG_TIME;
	stream->read_slow = REASON_BODY_SLOW;
	stream->write_slow = REASON_CLIENT_SLOW;
	stream->cut = REASON_CLIENT_GONE;
	stream->bad = REASON_BAD_CHUNK;
	headers_init(&s->trailers, &s->arena, 32);
	stream->trailers = &s->trailers;
	s->stream = stream;
}

struct scene *scene_new(void)
{
	struct scene *s = test_calloc(1, sizeof(*s));
	struct weir_error error = { "" };
	int fds[2];

	tcp_pair(fds);
	s->peer = fds[1];
	s->limits = (struct h1_limits){ .head_bytes = 32768, .headers = 100,
					.target = { .longest = 8192 } };
	assert_true(worker_init(&s->worker, 0, NULL, &error));
	assert_true(buffers_open(&s->worker, &error));
	assert_true(transport_open(&s->t, &s->worker.loop, fds[0]));
	arena_init(&s->arena, &s->worker.chunks, 4 << 20);
	inlet_open(&s->in, &s->worker, &s->t, BUFFER_SMALL);
	begin_stream(s);
	return s;
}

void scene_next(struct scene *s)
{
	inlet_unpin(&s->in);
	arena_reset(&s->arena);
	s->req = (struct request){ .minor = 0 };
	s->res = (struct response){ .minor = 0 };
	s->body_len = 0;
	begin_stream(s);
}

void scene_free(struct scene *s)
{
	while (fiber_count(&s->worker.loop) > 0)
		loop_turn(&s->worker.loop, LONG_TIME);
	inlet_close(&s->in);
	assert_int_equal(buffers_lent(&s->worker), 0);
	transport_close(&s->t);
	arena_reset(&s->arena);
	assert_int_equal(s->worker.chunks.live, 0);
	if (s->peer >= 0)
		close(s->peer);
	buffers_close(&s->worker);
	worker_fini(&s->worker);
	free(s->body);
	test_free(s);
}

/* --- Acting. ------------------------------------------------------------------------------------ */

static void run(void *arg)
{
	struct scene *s = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_ALL_TIMEOUT);
	s->act(s);
	deadline_leave(&d);
	s->over = true;
}

void scene_goes_on(struct scene *s)
{
	for (int i = 0; i < 3; i++)
		loop_turn(&s->worker.loop, NS_PER_MS);
}

void scene_begins(struct scene *s, void (*act)(struct scene *s))
{
	s->act = act;
	s->over = false;
	s->fiber = fiber_start(&s->worker.loop, run, s);
	assert_non_null(s->fiber);
	scene_goes_on(s);
}

void scene_ends(struct scene *s)
{
	for (int i = 0; i < 10000 && !s->over; i++)
		loop_turn(&s->worker.loop, 10 * NS_PER_MS);
	assert_true(s->over);
}

void scene_does(struct scene *s, void (*act)(struct scene *s))
{
	scene_begins(s, act);
	scene_ends(s);
}

/* --- The other end. ------------------------------------------------------------------------------- */

void peer_says_bytes(struct scene *s, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(s->peer, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else {
			loop_turn(&s->worker.loop, NS_PER_MS);
		}
	}
}

void peer_says(struct scene *s, const char *text)
{
	peer_says_bytes(s, text, strlen(text));
}

void peer_half_closes(struct scene *s)
{
	shutdown(s->peer, SHUT_WR);
}

void peer_closes(struct scene *s)
{
	close(s->peer);
	s->peer = -1;
}

void peer_resets(struct scene *s)
{
	close_with_reset(s->peer);
	s->peer = -1;
}

struct weir_str peer_hears(struct scene *s)
{
	static char heard[16 << 20];
	size_t len = 0;

	for (int idle = 0; idle < 5;) {
		ssize_t n = recv(s->peer, heard + len, sizeof(heard) - len, MSG_DONTWAIT);

		if (n > 0) {
			len += (size_t)n;
			idle = 0;
			continue;
		}
		loop_turn(&s->worker.loop, NS_PER_MS);
		idle++;
	}
	return str_of(heard, len);
}

/* --- Acts. ---------------------------------------------------------------------------------------- */

void reads_request(struct scene *s)
{
	s->why = h1_stream_read_request(&s->h1, clock_after(loop_now(&s->worker.loop), LONG_TIME),
					&s->req);
}

void reads_response(struct scene *s)
{
	s->why = s->stream->ops->read_response(s->stream, METHOD_GET, &s->res);
}

void reads_piece(struct scene *s)
{
	struct weir_str data;

	s->why = s->stream->ops->read_body(s->stream, &data, &s->last);
	if (s->why != REASON_NONE)
		return;
	assert_true(s->body_len + data.len <= BODY_MOST);
	s->body = realloc(s->body, s->body_len + data.len + 1);
	memcpy(s->body + s->body_len, data.data, data.len);
	s->body_len += data.len;
	s->pieces++;
}

void reads_body(struct scene *s)
{
	s->pieces = 0;
	do
		reads_piece(s);
	while (s->why == REASON_NONE && !s->last);
}
