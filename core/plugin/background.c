/* background.c - the fiber on control that a plugin may have for each of its uses. */
#include "config.h"

#include "core/base/log.h"
#include "core/fiber/loop.h"
#include "core/plugin/hold.h"
#include "core/plugin/life.h"

static void run(void *arg)
{
	struct use_life *life = arg;
	struct weir_here here = use_here(&life->use, life->uses->crew->control, NULL);
	struct errand errand;

	errand_begin(&errand);
	life_plugin(life)->background(&here);
	errand_end(&errand);
	life->background = NULL;
	if (life->closing)
		life_answered(life);
}

void life_background_start(struct use_life *life)
{
	if (life_plugin(life)->background == NULL)
		return;
	life->background = fiber_start(&life->uses->crew->control->loop, run, life);
	if (life->background == NULL)
		log_error("%.*s: the background of the plugin \"%.*s\" cannot be started: no fiber is "
			  "left; it learns nothing until the next reload",
			  STR_ARG(life->use.path), STR_ARG(life->use.name));
}

void life_background_cancel(struct use_life *life)
{
	fiber_cancel(life->background);
}
