/* nursed.h - a parent without a loop, and children that do nothing: the test speaks for them. */
#ifndef TESTS_WEIR_NURSED_H
#define TESTS_WEIR_NURSED_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "core/weir/nursery.h"
#include "tests/test.h"

#define TICK NS_PER_S

static struct parent parent;
static int ends[CHILDREN_MOST];		/* the children's */

static inline int nursed_begin(void **state)
{
	(void)state;
	parent = (struct parent){ .kept = -1, .image = -1, .tick_every = TICK, .tick_at = TICK,
				  .options = { .watchdog = 3 * TICK, .start = 10 * NS_PER_S } };
	sockets_init(&parent.sockets);
	for (int i = 0; i < CHILDREN_MOST; i++) {
		parent.children[i].fd = -1;
		ends[i] = -1;
	}
	return 0;
}

static inline int nursed_end(void **state)
{
	(void)state;
	for (int i = 0; i < CHILDREN_MOST; i++) {
		struct child *c = &parent.children[i];

		if (c->state != CHILD_NONE) {
			(void)kill(c->pid, SIGKILL);
			(void)waitpid(c->pid, NULL, 0);
		}
		child_forget(c);
		socket_close(ends[i]);
	}
	socket_close(parent.kept);
	sockets_fini(&parent.sockets);
	return 0;
}

/* A process that does nothing, or ends at once. */
static inline struct child *born(enum child_state state, bool stays)
{
	struct child *c = nursery_find(&parent, CHILD_NONE);
	int pair[2];

	assert_non_null(c);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	*c = (struct child){ .fd = pair[0], .state = state, .greeted = true, .started = clock_now(),
			     .ready = state == CHILD_STARTING ? 0 : clock_now(), .end_by = CLOCK_NEVER };
	ends[c - parent.children] = pair[1];
	c->pid = fork();
	assert_true(c->pid >= 0);
	while (c->pid == 0 && stays)
		(void)pause();
	if (c->pid == 0)
		_exit(1);
	parent.served = parent.served || state == CHILD_SERVING;
	return c;
}

static inline int end_of(const struct child *c)
{
	return ends[c - parent.children];
}

/* What this child is told next; 0: nothing. */
static inline int told(const struct child *c)
{
	struct message m;

	return message_receive(end_of(c), &m) == MESSAGE_OK ? m.head.type : 0;
}

#define NURSED(f) cmocka_unit_test_setup_teardown(f, nursed_begin, nursed_end)

#endif
