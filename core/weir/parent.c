/* parent.c - the small process: signals in, children out, one poll() around it all. */
#include "core/weir/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/weir/nursery.h"
#include "core/weir/signals.h"
#include "core/weir/systemd.h"
#include "core/weir/takeover.h"

/* As many descriptors as we may have: every connection is one. Children inherit it. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

static void set_tick(struct parent *p)
{
	uint64_t every = p->options.watchdog / 10;

	if (every > NS_PER_S)
		every = NS_PER_S;
	if (every < 100 * NS_PER_MS)
		every = 100 * NS_PER_MS;
	p->tick_every = every;
	p->tick_at = clock_now() + every;
}

static bool parent_open(struct parent *p, const struct parent_options *options)
{
	*p = (struct parent){ .options = *options, .kept = -1,
			      .trial = { .pipe = -1, .image = -1 } };
	for_each_child(c, p)
		c->fd = -1;
	sockets_init(&p->sockets);
	set_tick(p);
	raise_limit();
	(void)prctl(PR_SET_NAME, "weir");
	log_name_thread("parent");
	p->image = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (p->image < 0)
		p->image = open(options->path, O_PATH | O_CLOEXEC);
	p->signals = signals_open();
	if (p->signals < 0) {
		log_error("cannot read signals: %s", strerror(errno));
		return false;
	}
	if (!takeover_restore(p))
		activation_take(&p->sockets);
	return true;
}

static void parent_close(struct parent *p)
{
	sockets_remove_files(&p->sockets);
	sockets_fini(&p->sockets);
	for_each_child(c, p)
		socket_close(c->fd);
	socket_close(p->kept);
	socket_close(p->image);
	socket_close(p->signals);
}

static void interrupt(struct parent *p)
{
	nursery_stop(p);
	if (++p->interrupts < 2)
		return;
	nursery_kill(p);
	p->status = 128 + SIGINT;
}

static void obey(struct parent *p, int number)
{
	switch (number) {
	case SIGHUP:
		nursery_reload(p);
		break;
	case SIGTERM:
		nursery_stop(p);
		break;
	case SIGINT:
		interrupt(p);
		break;
	case SIGUSR1:
		nursery_reopen(p);
		break;
	case SIGUSR2:
		takeover_begin(p);
		break;
	default:
		break;
	}
}

/* The dead last: what they said before is heard first, and a takeover does not return. */
static void read_signals(struct parent *p)
{
	int number;

	while ((number = signals_next(p->signals)) != 0)
		obey(p, number);
	nursery_reap(p);
}

static int wait_ms(const struct parent *p)
{
	uint64_t now = clock_now(), next = nursery_next(p), other = takeover_next(p);
	uint64_t watchdog = notify_watchdog_every();

	if (other < next)
		next = other;
	if (watchdog != CLOCK_NEVER && now + watchdog < next)
		next = now + watchdog;
	if (next == CLOCK_NEVER)
		return -1;
	return next <= now ? 0 : (int)((next - now) / NS_PER_MS) + 1;
}

static void serve_events(struct parent *p, const struct pollfd *polled)
{
	for (int i = 0; i < CHILDREN_MOST; i++) {
		struct child *c = &p->children[i];

		if (polled[i + 1].fd < 0 || polled[i + 1].fd != c->fd)
			continue;
		if (polled[i + 1].revents & POLLOUT)
			child_flush(c);
		if (polled[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			nursery_hear(p, c);
	}
	if (polled[0].revents != 0)
		read_signals(p);
}

static void turn(struct parent *p)
{
	struct pollfd polled[CHILDREN_MOST + 1];

	nursery_tend(p);
	polled[0] = (struct pollfd){ .fd = p->signals, .events = POLLIN };
	for (int i = 0; i < CHILDREN_MOST; i++) {
		const struct child *c = &p->children[i];
		short events = c->todo != 0 ? POLLIN | POLLOUT : POLLIN;

		polled[i + 1] = (struct pollfd){ .fd = c->fd, .events = events };
	}
	if (poll(polled, CHILDREN_MOST + 1, wait_ms(p)) > 0)
		serve_events(p, polled);
	nursery_tick(p, clock_now());
	takeover_tick(p, clock_now());
	if (notify_watchdog_every() != CLOCK_NEVER)
		notify("WATCHDOG=1");
}

int parent_run(const struct parent_options *options)
{
	struct parent p;

	if (!parent_open(&p, options))
		return 1;
	nursery_reap(&p);	/* of the image before us */
	while (!(p.stopping && nursery_empty(&p)) && p.interrupts < 2)
		turn(&p);
	parent_close(&p);
	return p.status;
}

static bool in_path(const char *name, char *room, size_t size)
{
	struct weir_str rest = str_from(getenv("PATH")), folder;

	while (str_next(&rest, ':', &folder)) {
		int n = snprintf(room, size, "%.*s/%s", STR_ARG(folder), name);

		if (n > 0 && (size_t)n < size && access(room, X_OK) == 0 && room[0] == '/')
			return true;
	}
	return false;
}

bool image_find(const char *argv0, char *room, size_t size)
{
	char here[4096];
	ssize_t n;

	if (argv0[0] == '/')
		return (size_t)snprintf(room, size, "%s", argv0) < size;
	if (strchr(argv0, '/') != NULL && getcwd(here, sizeof(here)) != NULL)
		return (size_t)snprintf(room, size, "%s/%s", here, argv0) < size;
	if (in_path(argv0, room, size))
		return true;
	n = readlink("/proc/self/exe", room, size - 1);
	if (n <= 0)
		return false;
	room[n] = '\0';
	return true;
}
