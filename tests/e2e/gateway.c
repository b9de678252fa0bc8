/* gateway.c - starting and stopping the built weir. */
#include "tests/e2e/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/wire.h"

struct gateway *gateway_new(void)
{
	struct gateway *g = calloc(1, sizeof(*g));

	(void)snprintf(g->dir, sizeof(g->dir), "/tmp/weir-story-XXXXXX");
	if (mkdtemp(g->dir) == NULL) {
		perror(g->dir);
		abort();
	}
	gateway_knows(g, "DIR", g->dir);
	return g;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void gateway_free(struct gateway *g)
{
	if (g == NULL)
		return;
	if (g->pid > 0) {
		kill(-g->pid, SIGKILL);
		waitpid(g->pid, NULL, 0);
	}
	nftw(g->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(g->text);
	free(g);
}

void gateway_knows(struct gateway *g, const char *name, const char *value)
{
	(void)g;
	setenv(name, value, 1);
}

void gateway_writes_file(struct gateway *g, const char *name, const char *text)
{
	char path[128], fresh[140];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", g->dir, name);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	f = fopen(fresh, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0 || rename(fresh, path) != 0) {
		perror(path);
		abort();
	}
}

void gateway_writes(struct gateway *g, const char *text)
{
	char all[65536];

	g->says_workers = strstr(text, "workers:") != NULL;
	(void)snprintf(all, sizeof(all), "%s%s%s",
		       strstr(text, "admin:") == NULL ? "admin: {address: \"unix:${DIR}/admin\"}\n" : "",
		       strstr(text, "access_log:") == NULL ?
				"access_log: {path: \"${DIR}/access.log\", format: json}\n" : "",
		       text);
	gateway_writes_file(g, "weir.yaml", all);
}

static void become_weir(struct gateway *g, bool only_checks)
{
	const char *weir = getenv("WEIR"), *workers = getenv("WEIR_WORKERS");
	const char *preload = getenv("WEIR_PRELOAD");
	char conf[128], log[128];
	int fd;

	(void)snprintf(conf, sizeof(conf), "%s/weir.yaml", g->dir);
	(void)snprintf(log, sizeof(log), "%s/log", g->dir);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	if (preload != NULL)
		setenv("LD_PRELOAD", preload, 1);
	if (weir == NULL)
		weir = "./weir";
	if (only_checks)
		execl(weir, "weir", "check", "-c", conf, (char *)NULL);
	else if (g->says_workers)
		execl(weir, "weir", "run", "-c", conf, (char *)NULL);
	else
		execl(weir, "weir", "run", "-c", conf, "--workers", workers != NULL ? workers : "2",
		      g->watches ? "--watch" : (char *)NULL, (char *)NULL);
	perror("weir");
	_exit(127);
}

static bool has_ended(struct gateway *g)
{
	if (g->pid > 0 && waitpid(g->pid, &g->status, WNOHANG) == g->pid) {
		kill(-g->pid, SIGKILL);
		g->pid = 0;
	}
	return g->pid == 0;
}

void gateway_start_somehow(struct gateway *g)
{
	g->pid = fork();
	if (g->pid == 0)
		become_weir(g, false);
	setpgid(g->pid, g->pid);
}

int gateway_checks(struct gateway *g)
{
	g->pid = fork();
	if (g->pid == 0)
		become_weir(g, true);
	if (!eventually(has_ended(g)))
		return -1;
	return WIFEXITED(g->status) ? WEXITSTATUS(g->status) : -1;
}

bool gateway_ends(struct gateway *g)
{
	return eventually(has_ended(g));
}

static bool is_ready(struct gateway *g)
{
	char admin[128];

	(void)snprintf(admin, sizeof(admin), "%s/admin", g->dir);
	if (strstr(gateway_log(g), "serving with") == NULL)
		return false;
	return access(admin, F_OK) != 0 || admin_get(g, "/readyz") == 200;
}

bool gateway_start(struct gateway *g)
{
	gateway_start_somehow(g);
	return eventually(has_ended(g) || is_ready(g)) && g->pid > 0;
}

int gateway_stop(struct gateway *g)
{
	if (g->pid == 0)
		return WIFEXITED(g->status) ? WEXITSTATUS(g->status) : -1;
	kill(g->pid, SIGTERM);
	if (!eventually(has_ended(g))) {
		kill(-g->pid, SIGKILL);
		waitpid(g->pid, &g->status, 0);
		g->pid = 0;
	}
	return WIFEXITED(g->status) ? WEXITSTATUS(g->status) : -1;
}

void gateway_signal(struct gateway *g, int signal)
{
	kill(g->pid, signal);
}
