/* mark.c - whether a file is still the same, and where to look for a sign that it is not. */
#include "plugins/file/mark.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINKS_MOST = 40,
	SIGNS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
		IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
};

struct mark mark_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct mark){ 0 };
	return (struct mark){
		.device = st.st_dev, .inode = st.st_ino, .size = (uint64_t)st.st_size,
		.modified_s = st.st_mtim.tv_sec, .modified_ns = st.st_mtim.tv_nsec,
		.changed_s = st.st_ctim.tv_sec, .changed_ns = st.st_ctim.tv_nsec,
	};
}

bool mark_same(const struct mark *a, const struct mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified_s == b->modified_s && a->modified_ns == b->modified_ns &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* A path half walked: `done` has no links in it any more, `rest` is still to go. */
struct walk {
	char done[PATH_MAX], rest[PATH_MAX];
	int links;
};

static void begin(struct walk *w, const char *path)
{
	w->links = 0;
	snprintf(w->done, sizeof(w->done), "%s", path[0] == '/' ? "/" : ".");
	snprintf(w->rest, sizeof(w->rest), "%s", path);
}

/* Cuts the next name off `rest`. False: there is none. */
static bool next_name(struct walk *w, char name[NAME_MAX + 1])
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(from, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(name, from, len);
	name[len] = '\0';
	memmove(w->rest, from + len, strlen(from + len) + 1);
	return true;
}

static bool is_last(const struct walk *w)
{
	return w->rest[strspn(w->rest, "/")] == '\0';
}

/* The target of a link takes its place in what is still to go. */
static bool follow(struct walk *w, const char *target)
{
	char rest[PATH_MAX];
	int len = snprintf(rest, sizeof(rest), "%s/%s", target, w->rest);

	if (len < 0 || (size_t)len >= sizeof(rest) || ++w->links > LINKS_MOST)
		return false;
	if (target[0] == '/')
		strcpy(w->done, "/");
	strcpy(w->rest, rest);
	return true;
}

static bool step(int fd, struct walk *w, const char *name)
{
	char full[PATH_MAX], target[PATH_MAX];
	ssize_t len;
	int put = snprintf(full, sizeof(full), "%s/%s", w->done, name);

	if (put < 0 || (size_t)put >= sizeof(full))
		return false;
	len = readlink(full, target, sizeof(target) - 1);
	if (len >= 0 || is_last(w))
		(void)inotify_add_watch(fd, w->done, SIGNS);
	if (len < 0) {
		strcpy(w->done, full);
		return true;
	}
	target[len] = '\0';
	return follow(w, target);
}

int mark_watch(const char *path)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char name[NAME_MAX + 1];
	struct walk walk;

	if (fd < 0)
		return -1;
	begin(&walk, path);
	while (next_name(&walk, name))
		if (!step(fd, &walk, name))
			break;
	return fd;
}

/* What is only created may still be written to. */
static bool is_whole(const struct inotify_event *event)
{
	return (event->mask & ~(uint32_t)(IN_CREATE | IN_ISDIR)) != 0;
}

bool mark_drain(int fd)
{
	_Alignas(struct inotify_event) char events[4096];
	bool whole = false;
	ssize_t len;

	while ((len = read(fd, events, sizeof(events))) > 0)
		for (char *at = events; at < events + len;) {
			const struct inotify_event *event = (const void *)at;

			whole |= is_whole(event);
			at += sizeof(*event) + event->len;
		}
	return whole;
}
