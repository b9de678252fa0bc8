/* nursery.c - the parent's children: who starts, who serves, who drains, and who follows whom. */
#include "core/weir/nursery.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/socket.h"
#include "core/weir/systemd.h"
#include "core/weir/takeover.h"

#define HEALTHY_AFTER (10 * NS_PER_S)	/* a child that served so long was no failure */
#define BACKOFF_FIRST (100 * NS_PER_MS)
#define BACKOFF_MOST (5 * NS_PER_S)

struct child *nursery_find(struct parent *p, enum child_state state)
{
	for_each_child(c, p) {
		if (c->state == state)
			return c;
	}
	return NULL;
}

bool nursery_empty(const struct parent *p)
{
	for (int i = 0; i < CHILDREN_MOST; i++) {
		if (p->children[i].state != CHILD_NONE)
			return false;
	}
	return true;
}

bool nursery_adopt(struct parent *p, pid_t pid, int fd, enum child_state state, uint32_t stop_ms)
{
	struct child *c = nursery_find(p, CHILD_NONE);
	uint64_t now = clock_now();

	if (c == NULL)
		return false;
	*c = (struct child){ .pid = pid, .fd = fd, .state = state, .greeted = true, .started = now,
			     .ready = now, .end_by = CLOCK_NEVER, .stop_ms = stop_ms };
	if (state == CHILD_SERVING) {
		p->served = true;
		return true;
	}
	c->state = CHILD_SERVING;	/* it is told once more; that does no harm */
	child_drain(c);
	return true;
}

/* Not at once after a failure, but soon; later and later while they go on failing. */
static void put_off(struct parent *p)
{
	uint64_t wait = p->crashes == 0 ? 0 : BACKOFF_FIRST << (p->crashes < 8 ? p->crashes - 1 : 7);

	p->crashes++;
	p->restart_at = clock_now() + (wait < BACKOFF_MOST ? wait : BACKOFF_MOST);
}

static void start_child(struct parent *p, enum birth birth)
{
	struct child *c = nursery_find(p, CHILD_NONE);
	struct child_plan plan = { p->image, p->options.path, p->options.argv };
	struct weir_error error = { "" };

	if (c == NULL) {
		put_off(p);	/* too many are draining; a death makes room */
		return;
	}
	if (child_spawn(c, &plan, birth, &error)) {
		c->end_by = clock_now() + p->options.start;
		return;
	}
	put_off(p);
	log_error("%s; tried again shortly", error.text);
}

/* Not while one is on its way, or has failed and is not yet buried. */
static bool child_wanted(const struct parent *p)
{
	bool serving = false;

	for (int i = 0; i < CHILDREN_MOST; i++) {
		const struct child *c = &p->children[i];

		if (c->state != CHILD_NONE && c->ready == 0)
			return false;
		serving = serving || c->state == CHILD_SERVING;
	}
	return !p->stopping && (!serving || p->handover);
}

void nursery_tend(struct parent *p)
{
	enum birth birth = p->handover ? BIRTH_HANDOVER : p->served ? BIRTH_RESTART : BIRTH_FIRST;

	if (!child_wanted(p) || clock_now() < p->restart_at)
		return;
	p->handover = false;
	start_child(p, birth);
}

static void bury_unready(struct parent *p, const struct child *c, const char *how)
{
	const char *why = c->why[0] != '\0' ? c->why : "it ended before it was ready";

	if (nursery_find(p, CHILD_SERVING) != NULL) {
		log_error("the new child %d %s: %s; the one that served before goes on", (int)c->pid,
			  how, why);
		notify_ready("serving; the last handover failed");
		if (p->reload)
			nursery_reload(p);
		return;
	}
	if (!p->served) {
		log_error("cannot start: child %d %s: %s", (int)c->pid, how, why);
		p->status = 1;
		nursery_stop(p);
		return;
	}
	put_off(p);
	log_error("child %d %s: %s; another is started in %llu ms", (int)c->pid, how, why,
		  (unsigned long long)((p->restart_at - clock_now()) / NS_PER_MS));
}

static void bury_serving(struct parent *p, const struct child *c, const char *how)
{
	uint64_t now = clock_now();

	if (now - c->ready >= HEALTHY_AFTER)
		p->crashes = 0;
	put_off(p);
	log_error("child %d %s after %llu s; its connections are lost, newcomers wait; another is "
		  "started %s", (int)c->pid, how, (unsigned long long)((now - c->started) / NS_PER_S),
		  p->restart_at <= clock_now() ? "now" : "shortly");
}

static void bury_draining(const struct child *c, int status, const char *how)
{
	if (status == 0)
		log_info("child %d has drained", (int)c->pid);
	else
		log_warn("child %d %s while it drained", (int)c->pid, how);
}

static void bury(struct parent *p, struct child *c, int status)
{
	struct child dead;
	char how[128];

	nursery_hear(p, c);	/* its last words: why it failed */
	dead = *c;
	child_forget(c);
	child_describe_end(status, how, sizeof(how));
	if (p->stopping && status != 0 && p->status == 0)
		p->status = 1;
	if (p->stopping || dead.state == CHILD_DRAINING)
		bury_draining(&dead, status, how);
	else if (dead.ready == 0)
		bury_unready(p, &dead, how);
	else if (dead.state == CHILD_ENDING)
		log_info("child %d %s", (int)dead.pid, how);	/* why was said before */
	else
		bury_serving(p, &dead, how);
}

void nursery_reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (takeover_reaped(p, pid, status))
			continue;
		for_each_child(c, p) {
			if (c->state != CHILD_NONE && c->pid == pid)
				bury(p, c, status);
		}
	}
}

static void count_silence(struct parent *p, struct child *c)
{
	bool watched = c->state == CHILD_SERVING || c->state == CHILD_DRAINING;

	c->silent = c->beaten || !watched ? 0 : c->silent + 1;
	c->beaten = false;
	if (c->silent == 0 || c->silent * p->tick_every < p->options.watchdog)
		return;
	log_error("child %d has not been heard of for %llu s; it is aborted and replaced",
		  (int)c->pid, (unsigned long long)(p->options.watchdog / NS_PER_S));
	child_abort(c);
}

static void end_overdue(struct child *c)
{
	if (c->state == CHILD_STARTING) {
		message_set_text(c->why, sizeof(c->why), "it did not become ready in time");
		child_abort(c);
		return;
	}
	log_error("child %d does not end; it is killed", (int)c->pid);
	child_kill(c);
}

void nursery_tick(struct parent *p, uint64_t now)
{
	bool late = now > p->tick_at + 2 * p->tick_every;	/* it was us who did not run */

	for_each_child(c, p) {
		if (c->state != CHILD_NONE && now >= c->end_by)
			end_overdue(c);
	}
	if (now < p->tick_at)
		return;
	p->tick_at = now + p->tick_every;
	for_each_child(c, p) {
		if (p->options.watchdog != 0 && !late)
			count_silence(p, c);
	}
}

uint64_t nursery_next(const struct parent *p)
{
	uint64_t next = p->options.watchdog != 0 ? p->tick_at : CLOCK_NEVER;

	for (int i = 0; i < CHILDREN_MOST; i++) {
		const struct child *c = &p->children[i];

		if (c->state != CHILD_NONE && c->end_by < next)
			next = c->end_by;
	}
	if (child_wanted(p) && p->restart_at < next)
		next = p->restart_at;
	return next;
}

void nursery_reload(struct parent *p)
{
	struct child *serving = nursery_find(p, CHILD_SERVING);

	/* A handover reads the file anyway; should it fail, the one that serves shall read it. */
	p->reload = nursery_find(p, CHILD_STARTING) != NULL || p->trial.pid != 0;
	if (p->reload || serving == NULL || p->stopping)
		return;
	notify_reloading();
	child_command(serving, MESSAGE_RELOAD);
}

void nursery_reopen(struct parent *p)
{
	for_each_child(c, p) {
		if (c->state != CHILD_NONE)
			child_command(c, MESSAGE_REOPEN);
	}
}

void nursery_stop(struct parent *p)
{
	if (!p->stopping)
		notify_stopping();
	p->stopping = true;
	for_each_child(c, p) {
		if (c->state == CHILD_STARTING || c->state == CHILD_SERVING)
			child_drain(c);
	}
}

void nursery_kill(struct parent *p)
{
	p->stopping = true;
	for_each_child(c, p) {
		if (c->state != CHILD_NONE)
			child_kill(c);
	}
}
