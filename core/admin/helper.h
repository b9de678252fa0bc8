/* helper.h - one thread that runs the commands that take long, one at a time. */
#ifndef CORE_ADMIN_HELPER_H
#define CORE_ADMIN_HELPER_H

#include <pthread.h>
#include <stdbool.h>
#include <weir/error.h>

#include "core/base/list.h"

enum { HELPER_WAITING = 8 };	/* commands that may wait for their turn */

struct errand {
	struct list link;
	void (*run)(struct errand *e);		/* on the helper; the last that it does with `e` */
};

struct helper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list errands;
	unsigned count;		/* waiting or running */
	bool open, closing;
};

bool helper_open(struct helper *h, const char *name, struct weir_error *error);
/* What was given is done first. Harmless when it is not open. */
void helper_close(struct helper *h);

/* False when too many wait already, or it is closing. Lends the errand. Any thread. */
bool helper_give(struct helper *h, struct errand *e);
bool helper_is_idle(struct helper *h);		/* any thread */

#endif
