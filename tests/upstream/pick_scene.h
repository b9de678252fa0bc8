/* pick_scene.h - services whose picks are counted. */
#ifndef TESTS_UPSTREAM_PICK_SCENE_H
#define TESTS_UPSTREAM_PICK_SCENE_H

#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

static const char *const three[] = { "127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003" };

static inline int begin(void **state)
{
	struct story *s = test_calloc(1, sizeof(*s));

	story_begin(s);
	*state = s;
	return 0;
}

static inline int end(void **state)
{
	story_end(*state);
	test_free(*state);
	return 0;
}

/* How often each of the service's endpoints is picked in `n` tries that go well. */
static inline void count_picks(struct story *s, struct service *svc, uint32_t n, uint32_t *counts)
{
	memset(counts, 0, STORY_ENDPOINTS * sizeof(*counts));
	for (uint32_t i = 0; i < n; i++) {
		struct endpoint *ep = story_tries(s, svc, REASON_NONE, 200);

		assert_non_null(ep);
		counts[ep->address.port - 9001]++;
	}
}

static inline struct endpoint *endpoint_at(struct service *svc, uint32_t i)
{
	return svc->newest->tiers[0].members[i];
}

static inline void set_health(struct endpoint *ep, enum health health)
{
	atomic_store(&ep->health, endpoint_state_word((uint8_t)health, REASON_NONE, 0));
	roster_touch(ep->roster);
}

#endif
