/* living.h - a whole gateway in this process, without a parent: its control thread tells a story, and drains.
 * A story notes what it misses with SEES(); asserting is for afterwards, when every thread has ended. */
#ifndef TESTS_WEIR_LIVING_H
#define TESTS_WEIR_LIVING_H

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/list.h"
#include "core/fiber/wait.h"
#include "core/net/socket.h"
#include "core/plugin/ticket.h"
#include "core/weir/apply.h"
#include "core/weir/door.h"
#include "core/weir/drain.h"
#include "core/weir/gateway.h"
#include "core/weir/reload.h"
#include "core/weir/tls_side.h"
#include "tests/test.h"

struct living {
	struct gateway g;
	struct control parent;
	struct serve_options options;
	struct diagnostics d;		/* of the last configuration that was tried */
	char path[64];
	struct address at[3];		/* addresses that nobody listens on */
	void (*story)(struct living *l);
	const char *missed;		/* the first */
	int line;
};

#define SEES(l, condition) \
	do { \
		if (!(condition) && (l)->missed == NULL) { \
			(l)->missed = #condition; \
			(l)->line = __LINE__; \
		} \
	} while (0)

/* Waits for what comes surely; how long it takes decides nothing. */
#define COMES(l, condition) \
	do { \
		uint64_t until_ = clock_now() + 20 * NS_PER_S; \
		while (!(condition) && clock_now() < until_) \
			(void)wait_sleep(NS_PER_MS); \
		SEES(l, condition); \
	} while (0)

static struct living living;

/* The file's text; %1, %2 and %3 are the addresses. */
static inline void living_write(struct living *l, const char *text)
{
	FILE *f = fopen(l->path, "we");

	if (f == NULL)
		abort();
	for (; *text != '\0'; text++) {
		if (text[0] == '%' && text[1] >= '1' && text[1] <= '3')
			(void)fputs(l->at[*++text - '1'].text, f);
		else
			(void)fputc(*text, f);
	}
	(void)fclose(f);
}

/* Puts this text in force. */
static inline bool living_apply(struct living *l, const char *text)
{
	diagnostics_fini(&l->d);
	diagnostics_init(&l->d);
	living_write(l, text);
	return apply_file(&l->g, &l->d);
}

static inline bool living_said(const struct living *l, const char *words)
{
	for (uint32_t i = 0; i < l->d.count; i++)
		if (strstr(l->d.items[i].text, words) != NULL)
			return true;
	return false;
}

/* A connection, or -1: refused. */
static inline int living_connect(const struct address *a)
{
	struct timeval wait = { .tv_sec = 20 };
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, &a->any, a->len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Asks on this connection; gives the status, 0: it has ended. Workers answer while control waits. */
static inline int living_get(int fd)
{
	static const char request[] = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
	char answer[4096];
	ssize_t n;
	int status = 0;

	if (fd < 0 || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return 0;
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	return sscanf(answer, "HTTP/1.1 %d", &status) == 1 ? status : 0;
}

static inline int living_visit(const struct address *a)
{
	int fd = living_connect(a), status = living_get(fd);

	socket_close(fd);
	return status;
}

static inline struct door *living_door(struct living *l, const char *name)
{
	list_for_each(link, &l->g.doors) {
		struct door *door = container_of(link, struct door, link);

		if (strcmp(door->name, name) == 0)
			return door;
	}
	return NULL;
}

static inline void living_tell(void *arg)
{
	struct living *l = arg;
	struct deadline d;
	bool ok;

	deadline_enter(&d, clock_after(clock_now(), 60 * NS_PER_S), REASON_NONE);
	ok = apply_conf(&l->g, l->g.first, &l->d);
	l->g.first = NULL;
	reload_say(&l->d);
	SEES(l, ok);
	if (ok) {
		atomic_store(&l->g.phase, PHASE_READY);
		l->story(l);
	}
	deadline_leave(&d);
	drain_begin(&l->g);
}

static inline void living_find_ports(struct living *l)
{
	struct listen_options options = { .backlog = 1 };
	int fds[3];

	for (int i = 0; i < 3; i++) {
		(void)address_parse(&l->at[i], STR("127.0.0.1:0"), NULL);
		fds[i] = socket_listen(&l->at[i], &options, NULL);
		assert_true(fds[i] >= 0 && socket_local(fds[i], &l->at[i]));
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

/* Lives from this configuration through the story to the end of the drain; gives the exit status. */
static inline int living_run(const char *text, void (*story)(struct living *l))
{
	struct weir_error error = { "" };
	struct living *l = &living;
	struct conf *conf = NULL;
	int fd;

	*l = (struct living){ .path = "/tmp/weir-living-XXXXXX", .story = story };
	fd = mkstemp(l->path);
	assert_true(fd >= 0);
	close(fd);
	living_find_ports(l);
	living_write(l, text);
	l->options = (struct serve_options){ .config = l->path, .workers = 2, .workers_given = true };
	diagnostics_init(&l->d);
	assert_true(control_open_alone(&l->parent, &error));
	assert_true(conf_load(l->path, &conf, &l->d));
	if (!gateway_open(&l->g, &l->options, &l->parent, conf, &error))
		fail_msg("%s", error.text);
	assert_non_null(fiber_start(&l->g.control.loop, living_tell, l));
	worker_run_here(&l->g.control);
	tls_side_stop(l->g.tls);
	gateway_close(&l->g);
	tickets_fini();		/* no thread of a plugin is left here */
	control_close(&l->parent);
	diagnostics_fini(&l->d);
	(void)unlink(l->path);
	if (l->missed != NULL)
		fail_msg("line %d of the story: not %s", l->line, l->missed);
	return l->g.status;
}

#endif
