/* gateway_look.c - what a gateway wrote, and what the system knows of its process. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/wire.h"

/* Gives the whole file, or "". */
static char *read_whole(const char *path)
{
	char *text = NULL, some[4096];
	size_t len, n;
	FILE *in = fopen(path, "r"), *out = open_memstream(&text, &len);

	while (in != NULL && (n = fread(some, 1, sizeof(some), in)) > 0)
		fwrite(some, 1, n, out);
	if (in != NULL)
		fclose(in);
	fclose(out);
	return text;
}

static const char *read_own(struct gateway *g, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", g->dir, name);
	free(g->text);
	g->text = read_whole(path);
	return g->text;
}

const char *gateway_log(struct gateway *g)
{
	return read_own(g, "log");
}

void gateway_forgets_log(struct gateway *g)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/log", g->dir);
	if (truncate(path, 0) != 0 && errno != ENOENT)
		perror(path);
}

bool gateway_logs(struct gateway *g, const char *text)
{
	return eventually(strstr(gateway_log(g), text) != NULL);
}

const char *gateway_access_log(struct gateway *g)
{
	return read_own(g, "access.log");
}

static unsigned lines_in(const char *text)
{
	unsigned n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

bool gateway_logged_requests(struct gateway *g, unsigned lines)
{
	return eventually(lines_in(gateway_access_log(g)) >= lines);
}

/* Of several the youngest, which stands last: those before it drain. */
pid_t gateway_child(struct gateway *g)
{
	char path[64], *text, *at, *end;
	pid_t child = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", g->pid, g->pid);
	text = read_whole(path);
	for (at = text; *at >= '0' && *at <= '9'; at = *end == ' ' ? end + 1 : end)
		child = (pid_t)strtol(at, &end, 10);
	free(text);
	return child;
}

/* The process that serves: the child, or the only one there is. */
static pid_t serving(struct gateway *g)
{
	pid_t child = gateway_child(g);

	return child > 0 ? child : g->pid;
}

/* Pipes are buffers: each worker keeps some, as many as it once needed at a time. */
static bool is_pipe(DIR *d, const char *name)
{
	char target[8];

	return readlinkat(dirfd(d), name, target, sizeof(target)) >= 5 &&
	       memcmp(target, "pipe:", 5) == 0;
}

unsigned gateway_descriptors(struct gateway *g)
{
	char path[64];
	struct dirent *one;
	unsigned n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", serving(g));
	d = opendir(path);
	while (d != NULL && (one = readdir(d)) != NULL)
		n += one->d_name[0] != '.' && !is_pipe(d, one->d_name);
	if (d != NULL)
		closedir(d);
	return n;
}

size_t gateway_memory(struct gateway *g)
{
	char path[64], *text, *line;
	size_t kb = 0, one;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", serving(g));
	text = read_whole(path);
	for (line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "Private_%*[CleanDirty]: %zu kB", &one) == 1)
			kb += one;
	}
	free(text);
	return kb * 1024;
}
