/* watch.h - notices that a file that was read has changed, also through links that are swapped. */
#ifndef CORE_WEIR_WATCH_H
#define CORE_WEIR_WATCH_H

#include <sys/stat.h>

#include "core/fiber/loop.h"

struct watched;

/* Watches, with inotify, the folders in which the files and every symbolic link on the way to them
 * stand: editors replace files, and mounted volumes swap a link to a whole folder. What counts is
 * what stat() says of the files afterwards. Without inotify it looks every 2 s instead. */
struct watch {
	struct loop *loop;
	void (*changed)(struct watch *w);	/* on the loop; may call watch_set() */
	void *owner;
	struct source source;	/* inotify; fd -1: looks by itself */
	struct timer timer;	/* the quiet after a change, or the next look */
	uint64_t restless;	/* when the first event after a quiet time came; 0: quiet */
	struct watched *files;
	uint32_t count;
};

void watch_init(struct watch *w, struct loop *loop, void (*changed)(struct watch *w), void *owner);

/* From now on these files, and no others; copies the names. A folder changes when something is added
 * to it or removed. `read_at` is the wall clock (ns) just before they were read: what has changed
 * since is reported, too. False without memory; then the old ones stay. [loop's thread] */
bool watch_set(struct watch *w, const char *const *paths, uint32_t count, uint64_t read_at);

void watch_fini(struct watch *w);

#endif
