/* certs.h - the certificates of tests/certs.sh in a folder of the test's own, and openssl as the far end. */
#ifndef TESTS_CERTS_H
#define TESTS_CERTS_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

struct certs {
	char dir[128];
	char path[256];		/* what certs_path() gave last */
};

static inline void certs_make(struct certs *c)
{
	const char *source = getenv("WEIR_SOURCE");
	char line[512];

	(void)snprintf(c->dir, sizeof(c->dir), "/tmp/weir-certs-XXXXXX");
	assert_non_null(mkdtemp(c->dir));
	(void)snprintf(line, sizeof(line), "sh %s/tests/certs.sh %s", source != NULL ? source : "..",
		       c->dir);
	assert_int_equal(system(line), 0);
}

static inline void certs_remove(struct certs *c)
{
	DIR *folder = opendir(c->dir);
	struct dirent *item;

	while (folder != NULL && (item = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), item->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	(void)rmdir(c->dir);
}

/* Valid until the next call. */
static inline const char *certs_path(struct certs *c, const char *name)
{
	(void)snprintf(c->path, sizeof(c->path), "%s/%s", c->dir, name);
	return c->path;
}

/* openssl s_server with these arguments, on a port of its own choice. */
struct far_end {
	pid_t pid;
	FILE *says;
	unsigned port;
};

static inline void far_end_starts(struct far_end *f, const char *arguments)
{
	char line[1024];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	(void)snprintf(line, sizeof(line), "exec openssl s_server -accept 127.0.0.1:0 %s 2>/dev/null",
		       arguments);
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid == 0) {
		(void)dup2(ends[1], 1);
		close(ends[0]);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	f->says = fdopen(ends[0], "r");
	f->port = 0;
	while (f->port == 0 && fgets(line, sizeof(line), f->says) != NULL)
		(void)sscanf(line, "ACCEPT 127.0.0.1:%u", &f->port);
	assert_int_not_equal(f->port, 0);
}

static inline void far_end_ends(struct far_end *f)
{
	(void)kill(f->pid, SIGKILL);
	(void)waitpid(f->pid, NULL, 0);
	(void)fclose(f->says);
}

#endif
