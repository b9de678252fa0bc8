/* pace.h - how much of a body is read at once: as much as the other side takes. */
#ifndef CORE_PROXY_PACE_H
#define CORE_PROXY_PACE_H

#include "core/codec/inlet.h"

/* A body passes through a buffer that is large only while writes are taken whole. After one that was not,
 * it is small, so that a peer that takes its time costs no more than that. */

/* A piece of `len` bytes went from `in` to `to`; `blocked`: it had to wait. Sets the size of the next, and
 * gives the buffer back until then. */
void pace_next(struct inlet *in, const struct transport *to, size_t len, bool blocked);

/* How many bytes may pass at once inside the kernel; 0: so few that they had better be copied, and the
 * peer be waited for with a small buffer. */
size_t pace_splice(const struct transport *to);

/* A write waits, with these parts left: those that lie in `in` move into the smallest buffer that holds
 * them. */
void pace_shelter(struct inlet *in, struct iovec *parts, int count);

#endif
