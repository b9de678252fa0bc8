/* child.c - starts a serving child, talks to it, and ends it. */
#include "core/weir/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/socket.h"
#include "core/weir/signals.h"

#define ABORT_TAKES (5 * NS_PER_S)	/* as long as a core may take to be written */
#define DRAIN_GRACE (5 * NS_PER_S)	/* beyond what it said it needs */

/* What belongs to the parent alone: the service manager's, and the handover's. */
static const char *const private_variables[] = {
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS",
	"LISTEN_FDNAMES", "LISTEN_PIDFDID", "WEIR_HANDOVER", "WEIR_TRIAL",
};

void image_execute(int image, const char *path, char *const *argv)
{
	if (image >= 0)
		(void)execveat(image, "", argv, environ, AT_EMPTY_PATH);
	if (image < 0 || errno == ENOSYS || errno == ENOENT)
		(void)execve(path, argv, environ);
}

/* In the new process, up to execve(). */
static void become(const struct child_plan *plan, int fd)
{
	char text[16];

	signals_reset();
	for (size_t i = 0; i < ARRAY_LEN(private_variables); i++)
		(void)unsetenv(private_variables[i]);
	(void)snprintf(text, sizeof(text), "%d", fd);
	if (setenv("WEIR_CONTROL", text, 1) == 0 && socket_set_cloexec(fd, false))
		image_execute(plan->image, plan->path, plan->argv);
	log_error("cannot execute %s: %s", plan->path, strerror(errno));
	_exit(127);
}

bool child_spawn(struct child *c, const struct child_plan *plan, enum birth birth,
		 struct weir_error *error)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		return fail(error, "cannot make a socketpair: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		(void)fail(error, "cannot fork: %s", strerror(errno));
		socket_close(pair[0]);
		socket_close(pair[1]);
		return false;
	}
	if (pid == 0)
		become(plan, pair[1]);
	socket_close(pair[1]);
	*c = (struct child){ .pid = pid, .fd = pair[0], .state = CHILD_STARTING, .birth = birth,
			     .started = clock_now(), .end_by = CLOCK_NEVER };
	return true;
}

void child_flush(struct child *c)
{
	struct message m;

	for (unsigned type = MESSAGE_RELOAD; type < MESSAGE_TYPES; type++) {
		if ((c->todo & 1u << type) == 0)
			continue;
		message_init(&m, (enum message_type)type);
		if (message_send(c->fd, &m) != MESSAGE_OK)
			return;
		c->todo &= ~(1u << type);
	}
}

void child_command(struct child *c, enum message_type type)
{
	c->todo |= 1u << type;
	child_flush(c);
}

void child_send(struct child *c, struct message *m)
{
	if (message_send(c->fd, m) == MESSAGE_NONE) {
		log_error("child %d does not take what it asked for; it is killed", (int)c->pid);
		child_kill(c);
	}
}

void child_drain(struct child *c)
{
	if (c->state == CHILD_DRAINING || c->state == CHILD_ENDING)
		return;
	c->state = CHILD_DRAINING;
	c->end_by = clock_now() + c->stop_ms * NS_PER_MS + DRAIN_GRACE;
	child_command(c, MESSAGE_DRAIN);
}

static void end_with(struct child *c, int number, uint64_t by)
{
	c->state = CHILD_ENDING;
	c->end_by = by;
	(void)kill(c->pid, number);
	(void)kill(c->pid, SIGCONT);
}

void child_abort(struct child *c)
{
	end_with(c, SIGABRT, clock_now() + ABORT_TAKES);
}

void child_kill(struct child *c)
{
	end_with(c, SIGKILL, CLOCK_NEVER);
}

void child_forget(struct child *c)
{
	socket_close(c->fd);
	*c = (struct child){ .fd = -1 };
}

void child_describe_end(int status, char *room, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(room, size, "was killed by signal %d (%s)%s", WTERMSIG(status),
			       strsignal(WTERMSIG(status)),
			       WCOREDUMP(status) ? ", core dumped" : "");
	else
		(void)snprintf(room, size, "exited with %d", WEXITSTATUS(status));
}
