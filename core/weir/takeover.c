/* takeover.c - tries the image on disk, and becomes it. */
#include "core/weir/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/net/socket.h"
#include "core/weir/handover.h"
#include "core/weir/nursery.h"
#include "core/weir/signals.h"
#include "core/weir/systemd.h"

#define TRIAL_TAKES (10 * NS_PER_S)
#define TRIAL "WEIR_TRIAL"
#define HANDOVER "WEIR_HANDOVER"

/* What the trial must write, whole. */
static void answer_for(const char *nonce, char *room, size_t size)
{
	(void)snprintf(room, size, "weir takes over %d %s\n", HANDOVER_PROTOCOL, nonce);
}

bool takeover_answer(void)
{
	struct weir_str rest = str_from(getenv(TRIAL)), part[3];
	char answer[96], nonce[40];
	uint64_t fd, protocol;

	if (rest.data == NULL)
		return false;
	for (int i = 0; i < 3; i++) {
		if (!str_next(&rest, ' ', &part[i]))
			return true;
	}
	if (!str_to_u64(part[0], &fd) || fd > INT32_MAX || !str_to_u64(part[1], &protocol) ||
	    protocol != HANDOVER_PROTOCOL || part[2].len >= sizeof(nonce))
		return true;
	(void)snprintf(nonce, sizeof(nonce), "%.*s", STR_ARG(part[2]));
	answer_for(nonce, answer, sizeof(answer));
	(void)!write((int)fd, answer, strlen(answer));
	return true;
}

/* In the new process, up to execve(). */
static void become_trial(const struct parent *p, const struct trial *t, int pipe_end)
{
	char text[96];

	signals_reset();
	(void)snprintf(text, sizeof(text), "%d %d %s", pipe_end, HANDOVER_PROTOCOL, t->nonce);
	if (setenv(TRIAL, text, 1) == 0 && socket_set_cloexec(pipe_end, false))
		image_execute(t->image, p->options.path, p->options.argv);
	log_error("cannot execute %s: %s", p->options.path, strerror(errno));
	_exit(127);
}

static void give_up(struct parent *p, const char *why)
{
	log_error("%s cannot take over: %s; this one goes on", p->options.path, why);
	socket_close(p->trial.pipe);
	socket_close(p->trial.image);
	p->trial = (struct trial){ .pipe = -1, .image = -1 };
	if (p->reload)
		nursery_reload(p);
}

static void make_nonce(struct trial *t)
{
	struct rng dice;

	rng_init(&dice);
	(void)snprintf(t->nonce, sizeof(t->nonce), "%016llx%016llx",
		       (unsigned long long)rng_next(&dice), (unsigned long long)rng_next(&dice));
}

static bool start_trial(struct parent *p)
{
	struct trial *t = &p->trial;
	int ends[2];

	*t = (struct trial){ .pipe = -1, .until = clock_now() + TRIAL_TAKES };
	t->image = open(p->options.path, O_PATH | O_CLOEXEC);
	if (t->image < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	t->pipe = ends[0];
	make_nonce(t);
	t->pid = fork();
	if (t->pid == 0)
		become_trial(p, t, ends[1]);
	socket_close(ends[1]);
	if (t->pid > 0)
		return true;
	t->pid = 0;
	return false;
}

void takeover_begin(struct parent *p)
{
	if (p->stopping || p->trial.pid != 0)
		return;
	if (nursery_find(p, CHILD_STARTING) != NULL || nursery_find(p, CHILD_NONE) == NULL) {
		log_warn("not now: %s", nursery_find(p, CHILD_NONE) == NULL ?
			 "too many old children are still draining" : "a child is starting");
		return;
	}
	log_info("trying %s, to hand over to it", p->options.path);
	if (!start_trial(p))
		give_up(p, strerror(errno));
}

static bool passed(struct parent *p)
{
	char want[96], got[96];
	ssize_t n = read(p->trial.pipe, got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	answer_for(p->trial.nonce, want, sizeof(want));
	return strcmp(got, want) == 0;
}

/* What is to survive execve(), or not any more. */
static void set_cloexec(struct parent *p, bool on)
{
	sockets_set_cloexec(&p->sockets, on);
	for_each_child(c, p) {
		if (c->state != CHILD_NONE && c->fd >= 0)
			(void)socket_set_cloexec(c->fd, on);
	}
	if (p->kept >= 0)
		(void)socket_set_cloexec(p->kept, on);
}

/* Becomes the new image; returns only when that fails. */
static void execute(struct parent *p)
{
	struct buffer text;

	buffer_init(&text, HANDOVER_MOST);
	if (!handover_write(p, &text) || !buffer_add(&text, str_of("", 1)) ||
	    setenv(HANDOVER, text.data + text.start, 1) != 0) {
		buffer_fini(&text);
		give_up(p, "there are too many sockets to describe, or too little memory");
		return;
	}
	log_info("handing over to %s", p->options.path);
	notify_reloading();
	set_cloexec(p, false);
	image_execute(p->trial.image, p->options.path, p->options.argv);
	give_up(p, strerror(errno));
	set_cloexec(p, true);
	(void)unsetenv(HANDOVER);
	buffer_fini(&text);
	notify_ready("serving; the last handover failed");
}

bool takeover_reaped(struct parent *p, pid_t pid, int status)
{
	char how[128];

	if (p->trial.pid == 0 || p->trial.pid != pid)
		return false;
	p->trial.pid = 0;
	child_describe_end(status, how, sizeof(how));
	if (status != 0)
		give_up(p, how);
	else if (!passed(p))
		give_up(p, "it is no Weir that knows how");
	else if (p->stopping || nursery_find(p, CHILD_STARTING) != NULL)
		give_up(p, "a child is starting, or all are stopping; try again");
	else
		execute(p);
	return true;
}

void takeover_tick(struct parent *p, uint64_t now)
{
	if (p->trial.pid != 0 && now >= p->trial.until) {
		p->trial.until = CLOCK_NEVER;
		(void)kill(p->trial.pid, SIGKILL);
	}
}

uint64_t takeover_next(const struct parent *p)
{
	return p->trial.pid != 0 ? p->trial.until : CLOCK_NEVER;
}

bool takeover_restore(struct parent *p)
{
	const char *text = getenv(HANDOVER);

	if (text == NULL)
		return false;
	if (!handover_read(p, str_from(text)))
		log_error(HANDOVER " is not understood; beginning anew");
	(void)unsetenv(HANDOVER);
	p->handover = true;
	return true;
}
