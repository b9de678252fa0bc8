/* house.c - starts a parent with its toy child, and knocks at it. */
#include "tests/weir/house.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "tests/test.h"

enum { PATIENCE_S = 20 };

static void nap(void)
{
	usleep(10000);
}

static bool before(uint64_t until)
{
	return clock_now() < until;
}

static uint64_t patience(void)
{
	return clock_now() + PATIENCE_S * NS_PER_S;
}

void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	char part[65536], fresh[160];
	ssize_t n;

	/* A new file under the old name: what runs from the old one is left alone. */
	snprintf(fresh, sizeof(fresh), "%s.new", to);
	out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, part, sizeof(part))) > 0)
		assert_int_equal(write(out, part, (size_t)n), n);
	close(in);
	close(out);
	assert_int_equal(rename(fresh, to), 0);
}

static void find_port(struct address *a)
{
	struct listen_options options = { .backlog = 1 };
	int fd;

	assert_true(address_parse(a, STR("127.0.0.1:0"), NULL));
	fd = socket_listen(a, &options, NULL);
	assert_true(fd >= 0);
	assert_true(socket_local(fd, a));
	close(fd);
}

void house_write(const struct house *h, const char *lines)
{
	char fresh[128];
	FILE *f;

	snprintf(fresh, sizeof(fresh), "%s.new", h->file);
	f = fopen(fresh, "we");
	assert_non_null(f);
	fprintf(f, "listen edge %s 2\n%s", h->address.text, lines);
	fclose(f);
	assert_int_equal(rename(fresh, h->file), 0);
}

void house_build(struct house *h, const char *more)
{
	char lines[512];

	*h = (struct house){ .folder = "/tmp/weir-house-XXXXXX" };
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->image, sizeof(h->image), "%s/image", h->folder);
	snprintf(h->file, sizeof(h->file), "%s/file", h->folder);
	snprintf(h->log, sizeof(h->log), "%s/log", h->folder);
	copy_file("/proc/self/exe", h->image);
	find_port(&h->address);
	snprintf(lines, sizeof(lines), "version one\n%s", more);
	house_write(h, lines);
}

static void become_house(const struct house *h)
{
	const char *words[12];
	int n = 0, log = open(h->log, O_WRONLY | O_CREAT | O_APPEND, 0644);

	struct rlimit no_core = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(log, 2);
	for (int i = 0; i < 4 && h->variables[i] != NULL; i++)
		putenv((char *)h->variables[i]);
	for (int i = 0; h->wrapper[i] != NULL; i++)
		words[n++] = h->wrapper[i];
	words[n++] = h->image;
	words[n++] = "toy";
	words[n++] = h->file;
	words[n] = NULL;
	execvp(words[0], (char **)words);
	_exit(127);
}

void house_start(struct house *h)
{
	h->pid = fork();
	assert_true(h->pid >= 0);
	if (h->pid == 0)
		become_house(h);
}

void house_open(struct house *h)
{
	house_start(h);
	(void)ask(h);
}

static void remove_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	(void)rmdir(path);
}

void house_raze(struct house *h)
{
	if (h->pid > 0) {
		(void)kill(h->pid, SIGTERM);
		(void)house_exit(h);
	}
	remove_folder(h->folder);
}

void house_signal(const struct house *h, int number)
{
	assert_int_equal(kill(h->pid, number), 0);
}

int house_exit(struct house *h)
{
	uint64_t until = patience();
	int status;

	while (waitpid(h->pid, &status, WNOHANG) == 0) {
		if (!before(until)) {
			(void)kill(h->pid, SIGKILL);
			until = CLOCK_NEVER;
		}
		nap();
	}
	h->pid = 0;
	h->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return h->status;
}

static void read_log(const struct house *h, char *room, size_t size)
{
	int fd = open(h->log, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, room, size - 1) : 0;

	room[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

bool house_has_said(const struct house *h, const char *text)
{
	static char log[65536];

	read_log(h, log, sizeof(log));
	return strstr(log, text) != NULL;
}

void house_says(const struct house *h, const char *text)
{
	static char log[65536];
	uint64_t until = patience();

	while (!house_has_said(h, text)) {
		if (!before(until)) {
			read_log(h, log, sizeof(log));
			fail_msg("the log never said \"%s\":\n%s", text, log);
		}
		nap();
	}
}

static int connect_to(const struct address *a)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, &a->any, a->len) == 0)
		return fd;
	socket_close(fd);
	return -1;
}

static bool read_greeting(int fd, struct greeting *g)
{
	struct timeval wait = { .tv_sec = PATIENCE_S };
	char line[256];
	size_t len = 0;
	int pid;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (len < sizeof(line) - 1 && read(fd, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	if (sscanf(line, "%d %63s %15s %63s", &pid, g->version, g->birth, g->kept) != 4)
		return false;
	g->pid = pid;
	return true;
}

int visit(const struct address *a, struct greeting *g)
{
	uint64_t until = patience();

	while (before(until)) {
		int fd = connect_to(a);

		if (fd >= 0 && read_greeting(fd, g))
			return fd;
		socket_close(fd);
		nap();
	}
	fail_msg("nobody answers on %s", a->text);
	return -1;
}

struct greeting ask(const struct house *h)
{
	struct greeting g;

	close(visit(&h->address, &g));
	return g;
}

void tell(const struct house *h, const char *word)
{
	struct greeting g;
	int fd = visit(&h->address, &g);
	char answer[8];

	assert_true(send(fd, word, strlen(word), MSG_NOSIGNAL) > 0);
	if (strcmp(word, "hang") != 0)
		(void)!read(fd, answer, sizeof(answer));
	close(fd);
}

struct greeting ask_after(const struct house *h, pid_t old)
{
	uint64_t until = patience();
	struct greeting g = ask(h);

	while (g.pid == old && before(until)) {
		nap();
		g = ask(h);
	}
	assert_int_not_equal(g.pid, old);
	return g;
}

void wait_gone(pid_t pid)
{
	uint64_t until = patience();
	char path[64], state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (before(until)) {
		f = fopen(path, "re");
		if (f == NULL)
			return;
		if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 'X';
		fclose(f);
		if (state == 'Z' || state == 'X')
			return;
		nap();
	}
	fail_msg("process %d does not end", (int)pid);
}

static void be_crowd(const struct address *a, int pipe)
{
	struct crowd_count n = { 0 };
	struct greeting g;
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)socket_set_nonblock(pipe);
	do {
		int fd = connect_to(a);

		if (fd < 0)
			n.refused++;
		else if (read_greeting(fd, &g))
			n.visits++;
		else
			n.lost++;
		socket_close(fd);
	} while (recv(pipe, &byte, 1, 0) < 0);
	(void)send(pipe, &n, sizeof(n), MSG_NOSIGNAL);
	_exit(0);
}

void crowd_start(struct crowd *c, const struct house *h)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid == 0) {
		close(ends[0]);
		be_crowd(&h->address, ends[1]);
	}
	close(ends[1]);
	c->pipe = ends[0];
}

struct crowd_count crowd_stop(struct crowd *c)
{
	struct crowd_count n;

	assert_int_equal(send(c->pipe, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(c->pipe, &n, sizeof(n), MSG_WAITALL), sizeof(n));
	close(c->pipe);
	(void)waitpid(c->pid, NULL, 0);
	return n;
}
