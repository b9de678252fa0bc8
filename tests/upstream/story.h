/* story.h - a small world for one test: control and some workers, whose loops the test turns by hand. */
#ifndef TESTS_UPSTREAM_STORY_H
#define TESTS_UPSTREAM_STORY_H

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/fiber/worker.h"
#include "core/upstream/outcome.h"
#include "core/upstream/upstreams.h"
#include "tests/test.h"

enum { STORY_WORKERS = 2, STORY_ENDPOINTS = 8 };

/* Everything runs on the test's own thread, one loop after the other, so that the test decides what
 * comes first. */
struct story {
	struct worker workers[STORY_WORKERS], control;
	struct upstreams *world;
};

void story_begin(struct story *s);
void story_end(struct story *s);	/* all services are closed */

/* One turn of every loop; waits a millisecond at most. */
void story_turn(struct story *s);
void story_turns(struct story *s, uint64_t ns);		/* for so long */
/* Turns until it is true; fails the test after some seconds. */
void story_until(struct story *s, bool (*is_so)(void *arg), void *arg);

/* Runs fn(arg) on a fiber of that worker, with no deadline, and turns until it has ended. */
void story_does(struct story *s, struct worker *w, void (*fn)(void *arg), void *arg);

/* The same, where no other loop needs to turn. */
void story_does_alone(struct worker *w, void (*fn)(void *arg), void *arg);

/* The address of 127.0.0.1 and this port, or of a name. */
struct address story_address(const char *text);
/* A listening socket that nobody accepts from; its address. */
int story_listen(struct address *where);

/* Opens and commits; every worker has its set afterwards. */
struct service *story_open(struct story *s, const struct service_spec *spec);
/* A service of these static endpoints, one tier. */
struct service *story_service(struct story *s, const char *const *addresses, uint32_t count,
			      const struct service_settings *settings);
void story_close(struct story *s, struct service *svc);
void story_close_it(void *svc);		/* what it does on control's fiber */

/* Picks once on worker 0; the ask ends with story_ended(). */
struct endpoint *story_picks(struct story *s, struct service *svc, struct pick_ask *ask);
/* One exchange from pick to end: gives the endpoint, or NULL. */
struct endpoint *story_tries(struct story *s, struct service *svc, enum reason why,
			     unsigned status);

#endif
