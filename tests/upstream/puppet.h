/* puppet.h - services that are found by a discovery plugin whose strings the test pulls. */
#ifndef TESTS_UPSTREAM_PUPPET_H
#define TESTS_UPSTREAM_PUPPET_H

#include "core/plugin/use.h"
#include "core/upstream/roster.h"
#include "core/upstream/watch.h"
#include "tests/upstream/story.h"

/* A discovery plugin whose strings the test pulls. */
static struct puppet {
	struct weir_watch *watch;
	int begun, ended;
	bool returns;		/* at once, as a plugin that gives up */
} puppet;

static inline void watch(const struct weir_here *here, struct weir_watch *w)
{
	(void)here;
	puppet.watch = w;
	puppet.begun++;
	if (!puppet.returns)
		(void)wait_sleep(CLOCK_NEVER / 2);
	puppet.ended++;
}

static const struct weir_discovery discovery = WEIR_DISCOVERY(.watch = watch);
static struct use_here places[STORY_WORKERS + 1];
static struct weir_use use = { .role = AS_DISCOVERY, .discovery = &discovery, .here = places,
			       .places = STORY_WORKERS + 1, .name = { "puppet", 6 } };
static struct weir_use other_use = { .role = AS_DISCOVERY, .discovery = &discovery,
				     .here = places, .places = STORY_WORKERS + 1,
				     .name = { "other", 5 } };

static inline int begin(void **state)
{
	struct story *s = test_calloc(1, sizeof(*s));

	puppet = (struct puppet){ 0 };
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

static inline struct service *discovered(struct story *s, struct weir_use *by)
{
	struct service_tier tier = { .discover = by };
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = &tier, .tier_count = 1 };

	return story_open(s, &spec);
}

static inline bool tells(const char *const *addresses, uint32_t count, struct weir_error *error)
{
	struct weir_endpoint rows[STORY_ENDPOINTS] = { 0 };

	for (uint32_t i = 0; i < count; i++)
		rows[i].address = str_from(addresses[i]);
	return watch_publish(puppet.watch, rows, count, sizeof(rows[0]), error);
}

static inline void tells_one(struct story *s, const char *address)
{
	struct weir_error error = { .text = "" };

	if (!tells(&address, 1, &error))
		fail_msg("%s", error.text);
	story_turns(s, 0);
}

static inline uint32_t count_of(const struct service *svc)
{
	uint32_t n = 0;

	for (uint32_t t = 0; svc->newest != NULL && t < svc->newest->tier_count; t++)
		n += svc->newest->tiers[t].count;
	return n;
}

/* What the workers read, not what control has sent. */
static inline uint32_t count_at(struct service *svc, uint32_t place)
{
	return svc->here[place].set->tiers[0].count;
}

#endif
