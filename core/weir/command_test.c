/* command_test.c - `weir test`: the tests of Lua policies, without a gateway or a network. */
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/weir/commands.h"
#include "core/weir/test.h"

#define BUDGET_TIME 50000000ull	/* of a hook, as `lua.time` has it */

enum { FILES_MOST = 10000, DEEPEST = 16 };

/* What is to be run, in order of paths; or, for watching, every Lua file there is. */
struct paths {
	char **at;
	uint32_t count, room;
};

static void paths_fini(struct paths *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		mem_free(p->at[i]);
	mem_free(p->at);
}

static bool add(struct paths *p, const char *path)
{
	uint32_t room = p->room > 0 ? 2 * p->room : 64;
	char **more = p->count < p->room ? p->at : mem_resize(p->at, room, sizeof(*more));

	if (more == NULL || p->count == FILES_MOST)
		return false;
	p->room = p->count < p->room ? p->room : room;
	p->at = more;
	p->at[p->count] = str_dup(str_from(path));
	return p->at[p->count++] != NULL;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool look(struct paths *p, const char *path, const char *pattern, int depth);

static bool look_in(struct paths *p, const char *path, const char *pattern, int depth)
{
	DIR *folder = depth < DEEPEST ? opendir(path) : NULL;
	const struct dirent *entry;
	bool ok = true;

	while (ok && folder != NULL && (entry = readdir(folder)) != NULL) {
		char below[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s%s%s", path,
			       path[strlen(path) - 1] == '/' ? "" : "/", entry->d_name);
		ok = look(p, below, pattern, depth + 1);
	}
	if (folder != NULL)
		(void)closedir(folder);
	return ok;
}

/* A policy may itself be called ab_test: then there is no ab.lua, and it ends as policies do. */
static bool is_policy(const char *path)
{
	size_t len = strlen(path);
	char text[8192], *found = NULL;
	FILE *file;

	if (len < 9 || strcmp(path + len - 9, "_test.lua") != 0)
		return false;
	(void)snprintf(text, sizeof(text), "%.*s.lua", (int)len - 9, path);
	file = access(text, F_OK) != 0 ? fopen(path, "r") : NULL;
	while (file != NULL && found == NULL && fgets(text, sizeof(text), file) != NULL)
		found = strncmp(text, "return policy", 13) == 0 ? text : NULL;
	if (file != NULL)
		(void)fclose(file);
	return found != NULL;
}

static bool look(struct paths *p, const char *path, const char *pattern, int depth)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return depth > 0;
	if (S_ISDIR(st.st_mode))
		return look_in(p, path, pattern, depth);
	if (depth > 0 && is_policy(path) && strcmp(pattern, "*.lua") != 0)
		return true;
	return fnmatch(pattern, path, 0) != 0 || add(p, path);
}

/* Every test on the line; false, and it was said, when a path is nothing. */
static bool find_tests(const struct command_line *line, struct paths *p, const char *pattern)
{
	for (uint32_t i = 0; i < line->argument_count; i++) {
		uint32_t before = p->count;

		if (!look(p, line->arguments[i], pattern, 0) || p->count == before) {
			fprintf(stderr, "weir test: there is no NAME_test.lua at %s\n",
				line->arguments[i]);
			return false;
		}
	}
	qsort(p->at, p->count, sizeof(*p->at), by_path);
	return true;
}

static int run_tests(const struct command_line *line)
{
	struct test_report report = { .tap = command_has(line, "tap"),
				      .filter = command_value(line, "filter"), .line = line,
				      .time_ns = BUDGET_TIME, .out = stdout };
	struct paths p = { 0 };
	bool found = command_duration(line, "time", &report.time_ns) &&
		     find_tests(line, &p, "*_test.lua");

	weir_host_slot = weir_fake_host();
	for (uint32_t i = 0; found && i < p.count; i++)
		test_file_run(p.at[i], &report);
	if (found)
		report_end(&report);
	paths_fini(&p);
	if (found && report.passed + report.failed + report.skipped == 0)
		fprintf(stderr, "weir test: no test has this in its name: %s\n", report.filter);
	return !found ? COMMAND_MISUSED : report.failed > 0 || report.passed + report.skipped == 0;
}

/* Watching ------------------------------------------------------------------------ */

/* A number that changes when one of the files does. */
static uint64_t mark_of(const struct command_line *line)
{
	struct paths p = { 0 };
	uint64_t mark = 1469598103934665603u;

	for (uint32_t i = 0; i < line->argument_count; i++)
		(void)look(&p, line->arguments[i], "*.lua", 0);
	for (uint32_t i = 0; i < p.count; i++) {
		struct stat st;

		if (stat(p.at[i], &st) == 0)
			mark += (uint64_t)st.st_mtim.tv_nsec * 31 + (uint64_t)st.st_mtim.tv_sec * 7 +
				(uint64_t)st.st_size + st.st_ino;
	}
	paths_fini(&p);
	return mark;
}

/* Each round is a process of its own: nothing is left from the one before. */
static int run_apart(const struct command_line *line)
{
	pid_t child;
	int status = 0;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		status = run_tests(line);
		fflush(stdout);
		_exit(status);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int watch(const struct command_line *line)
{
	uint64_t seen, now;

	for (;;) {
		seen = mark_of(line);
		if (run_apart(line) == COMMAND_MISUSED)
			return COMMAND_MISUSED;
		printf("watching; Ctrl-C ends it\n");
		fflush(stdout);
		do {
			(void)usleep(200000);
			now = mark_of(line);
		} while (now == seen);
		putchar('\n');
	}
}

static int run(const struct command_line *line)
{
	return command_has(line, "watch") ? watch(line) : run_tests(line);
}

static const struct command_option options[] = {
	{ "filter", 'f', "NAME", "run only tests with this in their name" },
	{ "path", 'p', "DIR", "another folder for `require`, as in lua.path; may be repeated" },
	{ "tap", 't', NULL, "tell the results as TAP (Test Anything Protocol)" },
	{ "time", 0, "SPAN", "how long one hook may compute, as in lua.time (50ms)" },
	{ "watch", 'w', NULL, "run again whenever a Lua file changes" },
	{ NULL, 0, NULL, NULL }
};

const struct command command_test = {
	.name = "test",
	.summary = "run the tests of Lua policies, without a gateway or network",
	.arguments = "PATH...",
	.least = 1,
	.most = 100,
	.options = options,
	.run = run,
};
