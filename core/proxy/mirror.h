/* mirror.h - a copy of a request to another service, whose answer nobody waits for. */
#ifndef CORE_PROXY_MIRROR_H
#define CORE_PROXY_MIRROR_H

struct exchange;
struct proxy;

/* Once the request's head is as the upstream sees it. The copy has its own fiber, arena and pin; when
 * there is no room for it, it is left out and counted. Does not wait. */
void mirror_start(struct exchange *ex);
/* Cancels those that are on their way. */
void mirrors_cut(struct proxy *px);

#endif
