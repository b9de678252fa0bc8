/* scene.h - one worker that carries traffic: before it clients, behind it an origin, all of them in the
 * test's hand, in a world of one listener, one route and one service. */
#ifndef TESTS_PROXY_SCENE_H
#define TESTS_PROXY_SCENE_H

#include <weir/policy.h>
#include <weir/retry.h>

#include "core/plugin/use.h"
#include "core/proxy/exchange.h"
#include "tests/upstream/story.h"

enum { SCENE_LINKS = 8 };

struct scene {
	struct story story;
	struct worker *w;		/* the one that carries traffic */
	struct proxy *px;
	struct service *svc;
	int listener;			/* the origin's */
	int client, origin;		/* ends of the current connections; -1: none */

	struct snapshot snapshot;
	struct snapshot_reader readers[STORY_WORKERS + 1];
	struct listener_plan lp, call_lp, *listeners[1];
	struct plan plan, call_plan, *plans[1];
	struct service *services[2], *other;
	struct table *table;
	struct arena arena;		/* for what a test compiles */
	bool unread;			/* the last reader of the snapshot has let go */

	struct link links[SCENE_LINKS];
	struct weir_use uses[SCENE_LINKS + 1];
	struct use_here heres[SCENE_LINKS + 1][STORY_WORKERS + 1];
	uint32_t used;
};

/* Times are long and limits wide; a test narrows what it is about, before its client speaks. */
struct scene *scene_new(void);
struct scene *scene_new_with(const struct service_settings *settings, const char *const *endpoints,
			     uint32_t count);
/* Lets everything come to its end, and asserts that nothing is left: no session, exchange, fiber, buffer,
 * chunk, pin, or attempt in flight. */
void scene_free(struct scene *s);

void scene_turns(struct scene *s, uint64_t ns);
void scene_until(struct scene *s, bool (*is_so)(struct scene *s));
bool nobody_is_served(struct scene *s);		/* no exchange */
bool nobody_is_connected(struct scene *s);	/* no session */

/* A policy at the end of the route's chain. Gives its link, to be changed. */
struct link *scene_policy(struct scene *s, const struct weir_policy *policy);
/* One more service, at the same origin, with connections and an account of its own; its name comes before the
 * first one's. Once. */
struct service *scene_other_service(struct scene *s, const char *name);
/* How many attempts a service has under way. */
uint32_t scene_in_flight(const struct service *svc);
/* One more attempt than the first, for these reasons and statuses; `judge` says yes. */
void scene_retries(struct scene *s, const enum reason *reasons, uint32_t count, unsigned status);

/* The client. */
void client_connects(struct scene *s);		/* the one before is forgotten, not closed */
void client_says(struct scene *s, const char *text);
void client_says_bytes(struct scene *s, const char *bytes, size_t len);
void client_half_closes(struct scene *s);
void client_closes(struct scene *s);
void client_resets(struct scene *s);
/* All that comes until `text` stands in it; "": what comes in a while. Lends until the next call. */
struct weir_str client_hears(struct scene *s, const char *text);
void client_hears_the_end(struct scene *s);	/* nothing more, and a FIN */
void client_is_reset(struct scene *s);
bool client_hears_nothing(struct scene *s);	/* for a while */

/* The origin. */
void origin_accepts(struct scene *s);		/* forgets the one before */
void origin_says(struct scene *s, const char *text);
struct weir_str origin_hears(struct scene *s, const char *text);
void origin_closes(struct scene *s);
void origin_half_closes(struct scene *s);
void origin_resets(struct scene *s);
void origin_hears_the_end(struct scene *s);
bool origin_is_asked_again(struct scene *s);	/* another connection comes within a while */
uint32_t origin_idle(struct scene *s);		/* connections that the pool keeps */

/* What both say to each other in a plain exchange. */
#define GET "GET /x HTTP/1.1\r\nhost: a.example\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
void plain_exchange(struct scene *s);		/* the client hears "ok" */

#endif
