/* toy.h - a plugin that notes what is done to it. */
#ifndef TESTS_PLUGIN_TOY_H
#define TESTS_PLUGIN_TOY_H

#include <weir/plugin.h>

#include "tests/plugin/crewed.h"

/* What its use keeps. Its option `word` also says how it behaves: bad, broken, silent, clumsy, tired,
 * learning. */
struct toy {
	char word[16];
	unsigned inherited;	/* generations of predecessors it has seen */
	struct weir_cell *cell;
	int64_t tally;		/* how often one was opened here, over all reloads */
};

extern const struct weir_plugin toy_plugin;
extern const struct weir_host *toy_host;	/* what it was given */

/* Who runs it, to be set up by the test. */
extern struct crewed crewed;

/* What was done to it, over all its uses. */
extern _Atomic int opened, closed, worker_opened, worker_closed, in_background, background_ended;
extern _Atomic int on_wrong_thread, lesson_read;

#endif
