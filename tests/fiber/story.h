/* story.h - a loop for one test, and turns until nothing moves. */
#ifndef TESTS_FIBER_STORY_H
#define TESTS_FIBER_STORY_H

#include "core/fiber/loop.h"
#include "core/fiber/wait.h"
#include "tests/test.h"

#define NS_SHORT (5 * NS_PER_MS)
#define NS_LONG (3600 * NS_PER_S)

static inline struct loop *story_begin(struct loop *l)
{
	struct weir_error error = { .text = "" };

	if (!loop_init(l, NULL, &error))
		fail_msg("%s", error.text);
	return l;
}

/* Turns as long as there are fibers, waiting for events. */
static inline void story_to_its_end(struct loop *l)
{
	while (fiber_count(l) > 0)
		loop_turn(l, NS_LONG);
}

/* A few turns that do not wait. */
static inline void story_goes_on(struct loop *l)
{
	for (int i = 0; i < 3; i++)
		loop_turn(l, 0);
}

#endif
