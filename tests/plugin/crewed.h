/* crewed.h - two workers and control on threads of their own, and a way to do something there. */
#ifndef TESTS_PLUGIN_CREWED_H
#define TESTS_PLUGIN_CREWED_H

#include <semaphore.h>

#include "core/fiber/wait.h"
#include "core/plugin/crew.h"
#include "tests/test.h"

struct crewed {
	struct worker workers[2], control;
	struct worker *list[2];
	struct crew crew;
};

static inline void crewed_stop(struct worker *w)
{
	loop_stop(&w->loop);
	worker_join(w);
}

static inline void crewed_begin(struct crewed *c)
{
	struct weir_error error = { "" };

	for (uint32_t i = 0; i < 2; i++) {
		c->list[i] = &c->workers[i];
		assert_true(worker_init(&c->workers[i], i, NULL, &error));
	}
	assert_true(worker_init(&c->control, UINT32_MAX, NULL, &error));
	c->crew = (struct crew){ c->list, 2, &c->control };
	assert_true(worker_start(&c->workers[0], &error));
	assert_true(worker_start(&c->workers[1], &error));
	assert_true(worker_start(&c->control, &error));
}

static inline void crewed_stop_threads(struct crewed *c)
{
	crewed_stop(&c->workers[0]);
	crewed_stop(&c->workers[1]);
	crewed_stop(&c->control);
}

static inline void crewed_free(struct crewed *c)
{
	worker_fini(&c->workers[0]);
	worker_fini(&c->workers[1]);
	worker_fini(&c->control);
}

/* Everything that waits must have ended. */
static inline void crewed_end(struct crewed *c)
{
	crewed_stop_threads(c);
	crewed_free(c);
}

struct crewed_job {
	struct letter letter;
	struct worker *worker;
	void (*act)(void *arg);
	void *arg;
	sem_t done;
};

static inline void crewed_run(void *arg)
{
	struct crewed_job *job = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(job->worker->loop.now, 20 * NS_PER_S), REASON_NONE);
	job->act(job->arg);
	deadline_leave(&d);
	sem_post(&job->done);
}

static inline void crewed_open(struct letter *l)
{
	struct crewed_job *job = container_of(l, struct crewed_job, letter);

	if (fiber_start(&job->worker->loop, crewed_run, job) == NULL)
		sem_post(&job->done);
}

/* Runs act(arg) on a fiber of that worker, and waits for its end. Asserting is for afterwards. */
static inline void crewed_do(struct worker *w, void (*act)(void *arg), void *arg)
{
	struct crewed_job job = { .letter = { .open = crewed_open }, .worker = w, .act = act,
				  .arg = arg };

	sem_init(&job.done, 0, 0);
	loop_post(&w->loop, &job.letter);
	while (sem_wait(&job.done) != 0)
		;
	sem_destroy(&job.done);
}

static inline void crewed_nothing(void *arg)
{
	(void)arg;
}

/* Letters that are in the post now, and those they give rise to, have been opened. */
static inline void crewed_settle(struct crewed *c)
{
	for (int round = 0; round < 3; round++) {
		crewed_do(&c->workers[0], crewed_nothing, NULL);
		crewed_do(&c->workers[1], crewed_nothing, NULL);
		crewed_do(&c->control, crewed_nothing, NULL);
	}
}

#endif
