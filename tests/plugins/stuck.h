/* stuck.h - between the two files of the test plugin `stuck`. */
#ifndef TESTS_PLUGINS_STUCK_H
#define TESTS_PLUGINS_STUCK_H

#include <weir/plugin.h>

struct stuck {
	struct weir_str wait;		/* which */
	struct weir_str service, url;	/* whom to ask */
	struct weir_counter *began, *waited, *cancelled, *timed_out, *other, *done;
	struct ringer *ringer;
};

/* stuck_waits.c: waits as told, and says how it ended. */
enum weir_wait stuck_wait(const struct stuck *s, struct weir_exchange *ex);

/* A thread that wakes tickets some time after they were given to it. */
struct ringer *ringer_new(void);
void ringer_free(struct ringer *r);
void ringer_give(struct ringer *r, struct weir_ticket ticket);

#endif
