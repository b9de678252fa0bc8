/* story.h - a loop for a test, turns until nothing moves, and children that die as they should. */
#ifndef TESTS_FIBER_STORY_H
#define TESTS_FIBER_STORY_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fiber/checkers.h"
#include "core/fiber/loop.h"
#include "core/fiber/wait.h"
#include "tests/test.h"

#define NS_SHORT (5 * NS_PER_MS)
#define NS_LONG (3600 * NS_PER_S)

static inline struct loop *story_begins_with(struct loop *l, const struct fiber_limits *limits)
{
	struct weir_error error = { .text = "" };

	if (!loop_init(l, limits, &error))
		fail_msg("%s", error.text);
	return l;
}

static inline struct loop *story_begins(struct loop *l)
{
	return story_begins_with(l, NULL);
}

/* A few turns that do not wait. */
static inline void story_goes_on(struct loop *l)
{
	for (int i = 0; i < 3; i++)
		loop_turn(l, 0);
}

/* Turns, waiting for events, until no fiber is alive. */
static inline void story_ends(struct loop *l)
{
	while (fiber_count(l) > 0)
		loop_turn(l, NS_LONG);
	loop_fini(l);
}

/* In `span` from now, on the running fiber. */
static inline uint64_t story_in(uint64_t span)
{
	return clock_after(loop_now(loop_self()), span);
}

/* Runs `act` in a child; gives how it ended (as waitpid does) and what it said on stderr. */
static inline int story_of_a_child(void (*act)(void), char *said, size_t room)
{
	int pipe_ends[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);	/* the test program has its own handlers */
		signal(SIGSEGV, SIG_DFL);
		(void)dup2(pipe_ends[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	close(pipe_ends[1]);
	while ((n = read(pipe_ends[0], said + len, room - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static inline void child_aborts_saying(void (*act)(void), const char *words)
{
	char said[4096];
	int status = story_of_a_child(act, said, sizeof(said));

	if (strstr(said, words) == NULL)
		fail_msg("it said \"%s\", not \"%s\"", said, words);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

#endif
