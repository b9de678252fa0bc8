/* inflight.h - how many of each key are under way at once, and who waits for one of them to end. Pure: any
 * threads, short locks, no waiting here. */
#ifndef CONCURRENCY_INFLIGHT_H
#define CONCURRENCY_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is remembered as long as something of it is under way or waits. Whoever was let in, or was granted
 * a place while he waited, leaves once. A place that becomes free is handed to the one who waits longest,
 * so that newcomers do not overtake. */
struct inflight;
struct inflight_key;

struct inflight *inflight_new(uint64_t seed);
void inflight_free(struct inflight *t);		/* nobody is in it any more */

/* One who wants in. It stands where it is until he has left, or did not get in. */
struct inflight_guest {
	struct inflight_key *key;	/* NULL: he is neither in nor waiting */
	struct inflight_guest *next;	/* in the queue */
	uint64_t token[2];		/* how to wake him: the caller's */
	uint32_t most;			/* at once, as he was told */
	bool waits, in;
};

enum inflight_answer { INFLIGHT_IN, INFLIGHT_WAIT, INFLIGHT_FULL, INFLIGHT_NO_MEMORY };

/* `most` at once, and `queue` more may wait. WAIT: with inflight_settle() afterwards. */
enum inflight_answer inflight_enter(struct inflight *t, const void *key, size_t len, uint32_t most,
				    uint32_t queue, struct inflight_guest *guest);
/* His waiting is over, however it ended. True: he is in. */
bool inflight_settle(struct inflight *t, struct inflight_guest *guest);
/* He leaves, if he is in; harmless otherwise. Wakes those who get in for it, without a lock held. */
void inflight_leave(struct inflight *t, struct inflight_guest *guest,
		    void (*wake)(const uint64_t token[2]));

/* Keys that are remembered. */
uint64_t inflight_keys(struct inflight *t);

#endif
