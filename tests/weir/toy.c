/* toy.c - a serving child of one screen. */
#include "tests/weir/toy.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/weir/control.h"
#include "core/weir/parent.h"

enum { LISTENINGS = 4, CLIENTS = 64, POLLED = 1 + LISTENINGS * 8 + CLIENTS };

static struct toy {
	struct control control;
	struct listening *listening[LISTENINGS];
	int clients[CLIENTS];
	const char *file;
	char version[64], kept[64];
	bool draining, stays, stuck;
	enum { READY, FAIL, DAWDLE } start;
	char why[128];
} toy;

static void listen_on(const char *name, const char *address, unsigned count)
{
	struct message_open wish = { .count = count };
	struct weir_error error = { "" };
	int free_one = -1;

	for (int i = LISTENINGS - 1; i >= 0; i--) {
		if (toy.listening[i] == NULL)
			free_one = i;
		else if (strcmp(toy.listening[i]->name, name) == 0)
			return;
	}
	message_set_text(wish.name, sizeof(wish.name), name);
	message_set_text(wish.address, sizeof(wish.address), address);
	toy.listening[free_one] = control_listen(&toy.control, &wish, &error);
	if (toy.listening[free_one] == NULL) {
		toy.start = FAIL;
		message_set_text(toy.why, sizeof(toy.why), error.text);
	}
}

static void read_line(const char *line)
{
	char name[64], address[200];
	unsigned count;

	if (sscanf(line, "listen %63s %199s %u", name, address, &count) == 3)
		listen_on(name, address, count);
	(void)sscanf(line, "version %63s", toy.version);
	if (sscanf(line, "fail %127[^\n]", toy.why) == 1)
		toy.start = FAIL;
	if (strncmp(line, "die", 3) == 0)
		abort();
	if (strncmp(line, "dawdle", 6) == 0)
		toy.start = DAWDLE;
	if (strncmp(line, "stay", 4) == 0)
		toy.stays = true;
}

static bool read_file(void)
{
	char line[512];
	FILE *f = fopen(toy.file, "re");

	toy.start = READY;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		read_line(line);
	if (f != NULL)
		fclose(f);
	return f != NULL && toy.start != FAIL;
}

static void reload(void *owner)
{
	(void)owner;
	control_reloaded(&toy.control, read_file(), toy.why);
}

static void drain(void *owner)
{
	(void)owner;
	toy.draining = !toy.stays;
}

static void reopen(void *owner)
{
	(void)owner;
	snprintf(toy.version, sizeof(toy.version), "reopened");
}

static void greet(int fd)
{
	static const char *const births[] = { "first", "restart", "handover" };
	char line[256];
	int n = snprintf(line, sizeof(line), "%d %s %s %s\n", (int)getpid(), toy.version,
			 births[toy.control.birth], toy.kept[0] != '\0' ? toy.kept : "nothing");

	(void)send(fd, line, (size_t)n, MSG_NOSIGNAL);
}

static void keep(const char *word)
{
	int fd = memfd_create("kept", MFD_CLOEXEC);

	(void)!write(fd, word, strlen(word));
	control_keep(&toy.control, fd);
	close(fd);
}

static void give_up(const char *name)
{
	for (int i = 0; i < LISTENINGS; i++) {
		if (toy.listening[i] == NULL || strcmp(toy.listening[i]->name, name) != 0)
			continue;
		control_give_up(&toy.control, toy.listening[i]);
		listening_free(toy.listening[i]);
		toy.listening[i] = NULL;
	}
}

static void obey(const char *word)
{
	if (strncmp(word, "hang", 4) == 0)
		for (;;)
			pause();
	if (strncmp(word, "stuck", 5) == 0)
		toy.stuck = true;
	if (strncmp(word, "junk", 4) == 0)
		(void)send(toy.control.fd, "junk", 4, MSG_NOSIGNAL);
	if (strncmp(word, "exit", 4) == 0)
		_exit(0);
	if (strncmp(word, "crash", 5) == 0) {
		(void)signal(SIGSEGV, SIG_DFL);	/* a sanitizer's handler would exit */
		kill(getpid(), SIGSEGV);
	}
	if (strncmp(word, "orphan", 6) == 0 && fork() == 0) {
		usleep(100000);
		_exit(0);
	}
	if (strncmp(word, "keep ", 5) == 0)
		keep(word + 5);
	if (strncmp(word, "gone ", 5) == 0)
		give_up(word + 5);
	if (strncmp(word, "drain", 5) == 0) {
		control_draining(&toy.control, 1000);
		toy.draining = true;
	}
}

static void accept_one(int listening)
{
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	greet(fd);
	for (int i = 0; i < CLIENTS; i++) {
		if (toy.clients[i] < 0) {
			toy.clients[i] = fd;
			return;
		}
	}
	close(fd);
}

static void hear_client(int *fd)
{
	char word[80];
	ssize_t n = read(*fd, word, sizeof(word) - 1);

	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return;
	}
	word[n] = '\0';
	obey(word);
	(void)send(*fd, "done\n", 5, MSG_NOSIGNAL);
}

static void beat(void)
{
	uint32_t stuck_ms[2] = { 0, toy.stuck ? 60000 : 0 };

	control_beat(&toy.control, stuck_ms, 2);
}

static bool has_clients(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (toy.clients[i] >= 0)
			return true;
	}
	return false;
}

static nfds_t gather(struct pollfd *polled)
{
	nfds_t n = 0;

	polled[n++] = (struct pollfd){ .fd = toy.control.orphaned ? -1 : control_fd(&toy.control),
				       .events = POLLIN };
	for (int i = 0; i < LISTENINGS && !toy.draining; i++) {
		for (uint32_t k = 0; toy.listening[i] != NULL && k < toy.listening[i]->count; k++)
			polled[n++] = (struct pollfd){ toy.listening[i]->fds[k], POLLIN, 0 };
	}
	for (int i = 0; i < CLIENTS; i++)
		polled[n++] = (struct pollfd){ toy.clients[i], POLLIN, 0 };
	return n;
}

static void turn(void)
{
	struct pollfd polled[POLLED];
	nfds_t n = gather(polled), first_client = n - CLIENTS;

	(void)poll(polled, n, 50);
	(void)control_read(&toy.control);
	for (nfds_t i = 1; i < first_client; i++) {
		if (polled[i].revents != 0)
			accept_one(polled[i].fd);
	}
	for (nfds_t i = first_client; i < n; i++) {
		if (polled[i].revents != 0)
			hear_client(&toy.clients[i - first_client]);
	}
	beat();
}

static int serve_toy(void)
{
	static const struct control_calls calls = {
		.reload = reload, .drain = drain, .reopen = reopen,
	};
	struct weir_error error = { "" };

	if (!control_open(&toy.control, &error))
		return 1;
	for (int i = 0; i < CLIENTS; i++)
		toy.clients[i] = -1;
	control_set_calls(&toy.control, &calls, NULL);
	if (toy.control.kept >= 0)
		(void)!pread(toy.control.kept, toy.kept, sizeof(toy.kept) - 1, 0);
	if (!read_file()) {
		control_failed(&toy.control, toy.why);
		return 1;
	}
	if (toy.start == READY)
		control_ready(&toy.control, 1000);
	while (!toy.draining || has_clients())
		turn();
	return 0;
}

int toy_main(int argc, char **argv)
{
	static char path[4096];
	struct parent_options options = { .argv = argv, .path = path, .watchdog = NS_PER_S,
					  .start = 5 * NS_PER_S };

	if (argc < 3)
		return 2;
	toy.file = argv[2];
	if (control_inherited())
		return serve_toy();
	if (!image_find(argv[0], path, sizeof(path)))
		return 2;
	return parent_run(&options);
}
