/* mark.h - whether a file is still the same, and where to look for a sign that it is not. */
#ifndef PLUGINS_FILE_MARK_H
#define PLUGINS_FILE_MARK_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: there is no file. */
struct mark {
	uint64_t device, inode, size;
	int64_t modified_s, modified_ns, changed_s, changed_ns;
};

/* Of what the path leads to in the end. */
struct mark mark_of(const char *path);
bool mark_same(const struct mark *a, const struct mark *b);

/* Gives an inotify descriptor (non-blocking) that tells when the file, or any link on the way
 * to it, is replaced; -1 with errno. Mounted volumes swap a link in the middle of the path: so
 * every folder that holds a link of the path is watched, and that of the file itself. What was
 * written in place is told when it is closed. To be made anew after each change, for the way
 * may be another. */
int mark_watch(const char *path);
/* Takes what it has told. True: some file was finished, put in place or taken away, so that what is
 * there now is whole. False: nothing was told, or only that something was begun. */
bool mark_drain(int fd);

#endif
