/* offload.c - a few helper threads for work that blocks, while the fiber that wants it waits. */
#include "config.h"

#include <pthread.h>
#include <signal.h>

#include "core/fiber/inside.h"
#include "core/fiber/wait.h"

enum { HELPERS_MOST = 8, IDLE_SECONDS = 10 };

/* On the stack of the fiber that waits. */
struct job {
	struct list link;	/* in the queue until a helper takes it */
	struct letter letter;	/* sent home when done */
	struct loop *loop;
	struct fiber *fiber;
	void (*fn)(void *arg);
	void *arg;
	bool done;		/* the fiber's own view */
};

/* Shared by all loops of the process. Helpers start on demand and end when idle for a while. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct list queue;
	unsigned queued, helpers, idle;
} crew = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.wanted = PTHREAD_COND_INITIALIZER,
	.queue = LIST_INIT(crew.queue),
};

/* With the lock held. NULL when none came for a while. */
static struct job *next_job(void)
{
	struct timespec until;
	struct list *item;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += IDLE_SECONDS;
	crew.idle++;
	while ((item = list_pop_front(&crew.queue)) == NULL && rc == 0)
		rc = pthread_cond_timedwait(&crew.wanted, &crew.lock, &until);
	crew.idle--;
	if (item == NULL)
		return NULL;
	crew.queued--;
	return container_of(item, struct job, link);
}

static void *help(void *arg)
{
	struct job *job;

	pthread_setname_np(pthread_self(), "weir-helper");
	pthread_mutex_lock(&crew.lock);
	while ((job = next_job()) != NULL) {
		pthread_mutex_unlock(&crew.lock);
		job->fn(job->arg);
		loop_post(job->loop, &job->letter);	/* and the job is no longer ours */
		pthread_mutex_lock(&crew.lock);
	}
	crew.helpers--;
	pthread_mutex_unlock(&crew.lock);
	return arg;
}

/* Signals are for the threads that wait for them. */
static bool start_helper(void)
{
	sigset_t all, before;
	pthread_t thread;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&thread, NULL, help, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		pthread_detach(thread);
	return ok;
}

/* False when there is no helper at all and none can be started. */
static bool hand_over(struct job *job)
{
	bool ok;

	pthread_mutex_lock(&crew.lock);
	if (crew.queued >= crew.idle && crew.helpers < HELPERS_MOST && start_helper())
		crew.helpers++;
	ok = crew.helpers > 0;
	if (ok) {
		list_push_back(&crew.queue, &job->link);
		crew.queued++;
		pthread_cond_signal(&crew.wanted);
	}
	pthread_mutex_unlock(&crew.lock);
	return ok;
}

/* True when no helper has taken it, and none will. */
static bool take_back(struct job *job)
{
	bool waiting;

	pthread_mutex_lock(&crew.lock);
	waiting = !list_empty(&job->link);
	if (waiting)
		crew.queued--;
	list_remove(&job->link);
	pthread_mutex_unlock(&crew.lock);
	return waiting;
}

static void came_home(struct letter *l)
{
	struct job *job = container_of(l, struct job, letter);

	job->done = true;
	fiber_wake(job->fiber);
}

static void wait_to_the_end(struct job *job)
{
	struct deadline whole;

	deadline_enter_alone(&whole, CLOCK_NEVER, REASON_NONE);
	while (!job->done)
		(void)fiber_park();
	deadline_leave(&whole);
}

bool loop_offload(void (*fn)(void *arg), void *arg)
{
	struct job job = { .letter = { .open = came_home }, .loop = loop_here,
			   .fiber = fiber_self(), .fn = fn, .arg = arg };
	enum wake why = WAKE_EVENT;
	bool ran = true;

	if (job.fiber == NULL)
		fiber_abort("loop_offload() outside of any fiber");
	list_init(&job.link);
	if (deadline_due() || !hand_over(&job))
		return false;
	fiber_shield();
	while (!job.done && why == WAKE_EVENT)
		why = fiber_park();
	if (!job.done) {
		ran = !take_back(&job);
		if (ran)
			wait_to_the_end(&job);
	}
	fiber_unshield();
	return ran;
}
