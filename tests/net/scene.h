/* scene.h - a transport on a real loop, and the other end of its connection in the test's hand. */
#ifndef TESTS_NET_SCENE_H
#define TESTS_NET_SCENE_H

#include <errno.h>
#include <sys/resource.h>

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/net/transport.h"
#include "tests/net/pair.h"
#include "tests/test.h"

#define LONG_TIME (60 * NS_PER_S)
#define SHORT_TIME (5 * NS_PER_MS)

struct scene {
	struct loop loop;
	struct transport t;
	int peer;			/* blocking; -1: closed */
	enum io result;			/* of the last act */
	enum reason reason;		/* of the deadline that ended it */
	char data[65536];
	size_t len;
	struct fiber *fiber;
	bool over;
	void (*act)(struct scene *s);
};

static inline struct scene *scene_new(void)
{
	struct scene *s = test_calloc(1, sizeof(*s));
	struct weir_error error = { "" };
	int fds[2];

	tcp_pair(fds);
	assert_true(loop_init(&s->loop, NULL, &error));
	assert_true(transport_open(&s->t, &s->loop, fds[0]));
	s->peer = fds[1];
	return s;
}

static inline void peer_closes(struct scene *s)
{
	close(s->peer);
	s->peer = -1;
}

static inline void peer_resets(struct scene *s)
{
	close_with_reset(s->peer);
	s->peer = -1;
}

static inline void peer_says(struct scene *s, const char *text)
{
	assert_int_equal(send(s->peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline void scene_free(struct scene *s)
{
	while (fiber_count(&s->loop) > 0)
		loop_turn(&s->loop, LONG_TIME);
	transport_close(&s->t);
	if (s->peer >= 0)
		close(s->peer);
	loop_fini(&s->loop);
	test_free(s);
}

/* Turns that do not wait long, so that all events are marked and all fibers parked. */
static inline void scene_goes_on(struct scene *s)
{
	for (int i = 0; i < 3; i++)
		loop_turn(&s->loop, NS_PER_MS);
}

static inline void scene_run(void *arg)
{
	struct scene *s = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&s->loop), LONG_TIME), REASON_ALL_TIMEOUT);
	s->act(s);
	deadline_leave(&d);
	s->over = true;
}

/* `act` on a fiber; goes on until it is parked. */
static inline void scene_begins(struct scene *s, void (*act)(struct scene *s))
{
	s->act = act;
	s->over = false;
	s->fiber = fiber_start(&s->loop, scene_run, s);
	assert_non_null(s->fiber);
	scene_goes_on(s);
}

static inline void scene_ends(struct scene *s)
{
	for (int i = 0; i < 10000 && !s->over; i++)
		loop_turn(&s->loop, 10 * NS_PER_MS);
	assert_true(s->over);
}

static inline void scene_does(struct scene *s, void (*act)(struct scene *s))
{
	scene_begins(s, act);
	scene_ends(s);
}

#endif
