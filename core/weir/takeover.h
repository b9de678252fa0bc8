/* takeover.h - SIGUSR2: the image on disk takes over this process, its sockets and its children. */
#ifndef CORE_WEIR_TAKEOVER_H
#define CORE_WEIR_TAKEOVER_H

#include "core/weir/parent.h"

/* First a trial: the image on disk is started beside us and must say that it understands what it
 * will inherit. Only then does this process execute it: a broken image (of another machine, without
 * its libraries, no Weir at all) costs a log line. Then the new image starts a child of its own,
 * and the old child serves until that one is ready, or goes on if it never is. */
void takeover_begin(struct parent *p);

/* True when `pid` was the trial's. When it went well, this call does not return. */
bool takeover_reaped(struct parent *p, pid_t pid, int status);
/* Ends a trial that takes too long. */
void takeover_tick(struct parent *p, uint64_t now);
uint64_t takeover_next(const struct parent *p);

/* The first thing in main(): true when this process is a trial; it has answered and shall exit. */
bool takeover_answer(void);

/* In the new image: takes what $WEIR_HANDOVER describes. False when there is nothing. */
bool takeover_restore(struct parent *p);

#endif
