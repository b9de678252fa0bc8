/* links.h - the folders that decide which file a path leads to. */
#ifndef CORE_WEIR_LINKS_H
#define CORE_WEIR_LINKS_H

#include <stdbool.h>

/* Calls `visit` with every folder in which a change could make `path` lead to other bytes: those
 * in which a symbolic link on the way stands, and that of the file itself (and the path, when it is a
 * folder). Where the path breaks off, the last folder there is. False as soon as visit() says so, or
 * when the path is longer than the system allows. */
bool links_walk(const char *path, bool (*visit)(void *arg, const char *folder), void *arg);

#endif
