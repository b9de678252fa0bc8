/* pool_scene.h - a service of one endpoint, whose listener is the test's; fibers that lease. */
#ifndef TESTS_UPSTREAM_POOL_SCENE_H
#define TESTS_UPSTREAM_POOL_SCENE_H

#include <errno.h>
#include <unistd.h>

#include "core/upstream/pools.h"
#include "tests/upstream/story.h"

/* A service of one endpoint that accepts when the test says so. */
struct scene {
	struct story story;
	int listener;
	struct address where;
	struct service *svc;
	struct pick_ask ask;
	struct endpoint *ep;
};

static inline struct scene *scene_new(const struct service_settings *settings)
{
	struct scene *s = test_calloc(1, sizeof(*s));
	const char *text;

	story_begin(&s->story);
	s->listener = story_listen(&s->where);
	text = s->where.text;
	s->svc = story_service(&s->story, &text, 1, settings);
	s->ask.repeatable = true;
	s->ep = story_picks(&s->story, s->svc, &s->ask);
	return s;
}

static inline int end(void **state)
{
	struct scene *s = *state;

	pick_end(&s->ask);
	story_close(&s->story, s->svc);
	story_end(&s->story);
	close(s->listener);
	test_free(s);
	return 0;
}

static inline uint64_t counted(struct scene *s, enum service_count what)
{
	uint64_t n = 0;

	for (int p = 0; p <= STORY_WORKERS; p++)
		n += atomic_load(&s->svc->roster->tallies[p].counts[what]);
	return n;
}

/* A fiber that leases one connection. */
struct lease {
	struct scene *scene;
	struct worker *worker;
	enum trust trust;
	bool done;
	enum reason why;
	struct upstream *up;
	struct fiber *fiber;
};

static inline void lease(void *arg)
{
	struct lease *l = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(clock_now(), 60 * NS_PER_S), REASON_TIMEOUT);
	l->why = pool_lease(l->scene->svc, l->worker, l->scene->ep, l->trust, &l->up);
	deadline_leave(&d);
	l->done = true;
}

static inline bool is_done(void *arg)
{
	return ((struct lease *)arg)->done;
}

static inline void begins(struct scene *s, struct lease *l)
{
	l->scene = s;
	l->worker = &s->story.workers[0];
	l->fiber = fiber_start(&l->worker->loop, lease, l);
	story_turns(&s->story, 0);
}

static inline struct upstream *leases(struct scene *s, enum trust trust)
{
	struct lease l = { .trust = trust };

	begins(s, &l);
	story_until(&s->story, is_done, &l);
	assert_int_equal(l.why, REASON_NONE);
	return l.up;
}

static inline int accepts(struct scene *s)
{
	int fd = accept(s->listener, NULL, NULL);

	assert_true(fd >= 0);
	return fd;
}

static inline uint32_t idle_of(struct scene *s)
{
	return atomic_load(&s->svc->roster->tallies[0].idle);
}

static inline bool none_idle(void *arg)
{
	return idle_of(arg) == 0;
}

#endif
