/* tested.c - the tests of a script, run before it comes into force. */
#include "core/weir/tested.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fiber/fiber.h"
#include "core/fiber/loop.h"

#define TESTS_TIME (30 * NS_PER_S)

enum { SAID_ROOM = 16384 };

/* One run of the tests, on a helper thread where there is one. */
struct round {
	const char *tests;	/* the file */
	const struct script_rules *rules;
	char said[SAID_ROOM];
	size_t len;
	int status;		/* as waitpid() gives it; -1: it could not be run */
};

extern char **environ;

enum { ARGUMENTS_MOST = 160 };

/* weir test --time NNNms --path DIR ... FILE */
static void fill_arguments(const struct round *r, char **argv, char *time, size_t size)
{
	uint32_t n = 0;

	(void)snprintf(time, size, "%llums", (unsigned long long)(r->rules->time_ns / NS_PER_MS));
	argv[n++] = (char *)(uintptr_t)"weir";
	argv[n++] = (char *)(uintptr_t)"test";
	argv[n++] = (char *)(uintptr_t)"--time";
	argv[n++] = time;
	for (uint32_t i = 0; i < r->rules->folder_count && n < ARGUMENTS_MOST - 2; i++) {
		argv[n++] = (char *)(uintptr_t)"--path";
		argv[n++] = (char *)(uintptr_t)r->rules->folders[i].data;
	}
	argv[n++] = (char *)(uintptr_t)r->tests;
	argv[n] = NULL;
}

/* Nothing that this process blocks or ignores is to be inherited. */
static bool start(const struct round *r, int out, pid_t *child)
{
	char *argv[ARGUMENTS_MOST + 1], time[48];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	bool ok;

	fill_arguments(r, argv, time, sizeof(time));
	sigemptyset(&none);
	sigfillset(&all);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawnattr_init(&how);
	ok = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
	     posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO) == 0 &&
	     posix_spawnattr_setsigmask(&how, &none) == 0 &&
	     posix_spawnattr_setsigdefault(&how, &all) == 0 &&
	     posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0 &&
	     posix_spawn(child, "/proc/self/exe", &files, &how, argv, environ) == 0;
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&how);
	return ok;
}

/* What it says, until it has ended or its time is over. What there is no room for is left out. */
static bool hear(struct round *r, int in)
{
	uint64_t until = clock_now() + TESTS_TIME, now;
	struct pollfd p = { .fd = in, .events = POLLIN };
	char more[1024];
	ssize_t n;

	while ((now = clock_now()) < until) {
		if (poll(&p, 1, (int)((until - now) / NS_PER_MS) + 1) <= 0)
			continue;
		n = read(in, more, sizeof(more));
		if (n <= 0)
			return true;
		if (r->len + (size_t)n < SAID_ROOM) {
			memcpy(r->said + r->len, more, (size_t)n);
			r->len += (size_t)n;
		}
	}
	return false;
}

static void run_tests(void *arg)
{
	struct round *r = arg;
	int ends[2];
	pid_t child;

	r->status = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	if (start(r, ends[1], &child)) {
		(void)close(ends[1]);
		ends[1] = -1;
		if (!hear(r, ends[0]))
			(void)kill(child, SIGKILL);
		while (waitpid(child, &r->status, 0) < 0 && errno == EINTR)
			;
	}
	(void)close(ends[0]);
	if (ends[1] >= 0)
		(void)close(ends[1]);
}

/* What is said of one failure stands further in than the names of tests; its lines become one. */
static struct weir_str joined(char *said, size_t len)
{
	static const struct weir_str inner = WEIR_STR("        ");
	struct weir_str rest = { said, len }, line;
	size_t end = 0;

	while (str_starts(rest, inner)) {
		line = str_head(rest, str_find(rest, '\n'));
		rest = str_skip(rest, line.len < rest.len ? line.len + 1 : line.len);
		line = str_trim(line);
		if (end > 0) {
			said[end++] = ';';
			said[end++] = ' ';
		}
		memmove(said + end, line.data, line.len);
		end += line.len;
	}
	return str_of(said, end);
}

/* The first failure, on one line. */
static bool fail_with(struct round *r, struct weir_error *error)
{
	struct weir_str said = { r->said, r->len }, name, why;
	size_t at = str_find_str(said, STR("  FAIL  "));

	if (at == said.len)
		return fail(error, "its tests cannot be run (%s)", r->tests);
	said = str_skip(said, at + 8);
	name = str_head(said, str_find(said, '\n'));
	said = str_skip(said, name.len + 1);
	why = joined(r->said + (said.data - r->said), said.len);
	return fail(error, "its test %.*s fails: %.*s", STR_ARG(name), STR_ARG(why));
}

bool script_tested(const char *path, const struct script_rules *rules, struct weir_error *error)
{
	struct round *round;
	char tests[4096];
	bool passed;
	size_t len = strlen(path);

	(void)snprintf(tests, sizeof(tests), "%.*s_test.lua", len > 4 ? (int)len - 4 : 0, path);
	if (access(tests, R_OK) != 0)
		return true;
	round = mem_alloc(sizeof(*round));
	if (round == NULL)
		return fail_memory(error);
	round->tests = tests;
	round->rules = rules;
	if (fiber_self() == NULL || !loop_offload(run_tests, round))
		run_tests(round);
	passed = WIFEXITED(round->status) && WEXITSTATUS(round->status) == 0;
	if (!passed)
		(void)fail_with(round, error);
	mem_free(round);
	return passed;
}
