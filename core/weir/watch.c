/* watch.c - notices that a file has changed: inotify on folders, stat() to be sure. */
#include "core/weir/watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/weir/links.h"

#define QUIET (200 * NS_PER_MS)		/* a change is whole when nothing follows for so long */
#define QUIET_AT_MOST (2 * NS_PER_S)	/* in a folder that is never quiet */
#define LOOK_EVERY (2 * NS_PER_S)	/* without inotify */
#define CLOCK_GRAIN (10 * NS_PER_MS)	/* the time of a file may lag behind the clock */

#define MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ATTRIB | \
	      IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* What is compared. All zero: there is no such file. */
struct print {
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t modified, changed;	/* ns since 1970 */
};

struct watched {
	char *path;
	struct print print;
};

static struct print print_of(const char *path)
{
	struct print p;
	struct stat s;

	memset(&p, 0, sizeof(p));
	if (stat(path, &s) != 0)
		return p;
	p.device = s.st_dev;
	p.inode = s.st_ino;
	p.size = s.st_size;
	p.modified = (int64_t)s.st_mtim.tv_sec * (int64_t)NS_PER_S + s.st_mtim.tv_nsec;
	p.changed = (int64_t)s.st_ctim.tv_sec * (int64_t)NS_PER_S + s.st_ctim.tv_nsec;
	return p;
}

static void disarm(struct watch *w)
{
	if (w->source.fd < 0)
		return;
	poller_remove(&w->loop->poller, &w->source);
	socket_close(w->source.fd);
	w->source.fd = -1;
}

static bool add_folder(void *arg, const char *folder)
{
	const struct watch *w = arg;

	/* One that is gone meanwhile will be missed in the folder above. */
	return inotify_add_watch(w->source.fd, folder, MASK) >= 0 || errno == ENOENT ||
	       errno == ENOTDIR || errno == EACCES;
}

/* Anew after each change: links may lead elsewhere now. */
static bool arm(struct watch *w)
{
	disarm(w);
	w->source.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->source.fd < 0)
		return false;
	for (uint32_t i = 0; i < w->count; i++) {
		if (!links_walk(w->files[i].path, add_folder, w))
			goto failed;
	}
	if (poller_add(&w->loop->poller, &w->source, SOURCE_LEVEL_IN))
		return true;

failed:
	socket_close(w->source.fd);
	w->source.fd = -1;
	return false;
}

static void begin(struct watch *w)
{
	if (w->count == 0 || arm(w))
		return;
	log_warn("cannot watch files by inotify (%s); looking at them every 2 s instead. Raise "
		 "fs.inotify.max_user_watches or max_user_instances", strerror(errno));
	timer_set(&w->loop->timers, &w->timer, loop_now(w->loop) + LOOK_EVERY);
}

static bool take_prints(struct watch *w)
{
	bool changed = false;

	for (uint32_t i = 0; i < w->count; i++) {
		struct print now = print_of(w->files[i].path);

		changed = changed || memcmp(&now, &w->files[i].print, sizeof(now)) != 0;
		w->files[i].print = now;
	}
	return changed;
}

/* Watching begins before looking, so that nothing falls in between. */
static void look(struct watch *w)
{
	w->restless = 0;
	if (w->source.fd >= 0)
		begin(w);
	else
		timer_set(&w->loop->timers, &w->timer, loop_now(w->loop) + LOOK_EVERY);
	if (take_prints(w))
		w->changed(w);
}

static void on_timer(struct timer *t)
{
	look(container_of(t, struct watch, timer));
}

static void on_event(struct source *s, unsigned events)
{
	struct watch *w = container_of(s, struct watch, source);
	uint64_t now = loop_now(w->loop), at = now + QUIET;
	char room[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	(void)events;
	while (read(s->fd, room, sizeof(room)) > 0)
		continue;	/* which file it was, stat() will tell */
	if (w->restless == 0)
		w->restless = now;
	if (at > w->restless + QUIET_AT_MOST)
		at = w->restless + QUIET_AT_MOST;
	timer_set(&w->loop->timers, &w->timer, at);
}

void watch_init(struct watch *w, struct loop *loop, void (*changed)(struct watch *w), void *owner)
{
	*w = (struct watch){ .loop = loop, .changed = changed, .owner = owner };
	w->source.fd = -1;
	w->source.notify = on_event;
	timer_init(&w->timer, on_timer);
}

static void free_files(struct watched *files, uint32_t count)
{
	for (uint32_t i = 0; files != NULL && i < count; i++)
		mem_free(files[i].path);
	mem_free(files);
}

static struct watched *copy_files(const char *const *paths, uint32_t count)
{
	struct watched *files = mem_array(count > 0 ? count : 1, sizeof(*files));

	for (uint32_t i = 0; files != NULL && i < count; i++) {
		files[i].path = str_dup(str_from(paths[i]));
		if (files[i].path == NULL) {
			free_files(files, i);
			return NULL;
		}
	}
	return files;
}

static bool changed_since(const struct watch *w, uint64_t read_at)
{
	for (uint32_t i = 0; i < w->count; i++) {
		if (w->files[i].print.changed > (int64_t)(read_at - CLOCK_GRAIN))
			return true;
	}
	return false;
}

bool watch_set(struct watch *w, const char *const *paths, uint32_t count, uint64_t read_at)
{
	struct watched *files = copy_files(paths, count);

	if (files == NULL)
		return false;
	watch_fini(w);
	w->files = files;
	w->count = count;
	begin(w);
	(void)take_prints(w);
	if (read_at > CLOCK_GRAIN && changed_since(w, read_at)) {
		/* As if it had been seen: reported when quiet has come. */
		memset(&w->files[0].print, 0xff, sizeof(w->files[0].print));
		timer_set(&w->loop->timers, &w->timer, loop_now(w->loop) + QUIET);
	}
	return true;
}

void watch_fini(struct watch *w)
{
	disarm(w);
	timer_clear(&w->loop->timers, &w->timer);
	free_files(w->files, w->count);
	w->files = NULL;
	w->count = 0;
	w->restless = 0;
}
