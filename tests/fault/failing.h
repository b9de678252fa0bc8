/* failing.h - a gateway whose n-th allocation fails, as a story says. */
#ifndef TESTS_FAULT_FAILING_H
#define TESTS_FAULT_FAILING_H

#include "tests/e2e/story.h"

/* From now on every gateway of the story counts its allocations while armed. */
void open_page(struct story *s);

/* Counts from here on, and lets the `fail_at`-th fail; 0: none. */
void arm(unsigned long fail_at);
/* How many there were. */
unsigned long disarm(void);
/* The same, or `all` if that is more. */
unsigned long disarm_most(unsigned long all);

/* How far from one n to the next: every allocation in the long run (FAULT_STRIDE=1); in the short one
 * only about `points` of `all`. */
unsigned long step_for(unsigned long all, unsigned long points);

/* Whatever allocation of `weir check` fails, it ends with 0, or with 1 and a sentence. */
void checking_survives(struct story *s, unsigned long points);

/* Fails the story when the gateway's child is another one than before allocation n of `all` failed. */
void has_not_died(struct story *s, pid_t child, unsigned long n, unsigned long all);
void tell_how_many(unsigned long all, unsigned long points);

#endif
