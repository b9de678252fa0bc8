/* background.c - the fibers on control that a plugin may have for each of its uses: its background, and
 * the errands that it sends beside it. */
#include "config.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/loop.h"
#include "core/plugin/hold.h"
#include "core/plugin/life.h"

enum { FIBERS_MOST = 65 };	/* of one use: its background and 64 errands */

typedef void errand_fn(const struct weir_here *here, void *arg);

/* Lives until its function returns; frees itself. */
struct use_fiber {
	struct list link;	/* in life->fibers */
	struct use_life *life;
	struct fiber *fiber;
	errand_fn *fn;
	void *arg;
};

static void run(void *arg)
{
	struct use_fiber *f = arg;
	struct use_life *life = f->life;
	struct weir_here here = use_here(&life->use, life->uses->crew->control, NULL);
	struct errand errand;

	errand_begin(&errand);
	f->fn(&here, f->arg);
	errand_end(&errand);
	list_remove(&f->link);
	life->fiber_count--;
	mem_free(f);
	if (life->closing)
		life_answered(life);
}

static bool start(struct use_life *life, errand_fn *fn, void *arg)
{
	struct use_fiber *f = life->fiber_count < FIBERS_MOST ? mem_alloc(sizeof(*f)) : NULL;

	if (f == NULL)
		return false;
	*f = (struct use_fiber){ .life = life, .fn = fn, .arg = arg };
	f->fiber = fiber_start(&life->uses->crew->control->loop, run, f);
	if (f->fiber == NULL) {
		mem_free(f);
		return false;
	}
	list_push_back(&life->fibers, &f->link);
	life->fiber_count++;
	return true;
}

static void run_background(const struct weir_here *here, void *arg)
{
	const struct use_life *life = arg;

	life_plugin(life)->background(here);
}

void life_background_start(struct use_life *life)
{
	if (life_plugin(life)->background == NULL || start(life, run_background, life))
		return;
	log_error("%.*s: the background of the plugin \"%.*s\" cannot be started: no fiber is left; it "
		  "learns nothing until the next reload", STR_ARG(life->use.path),
		  STR_ARG(life->use.name));
}

void life_background_cancel(struct use_life *life)
{
	list_for_each(item, &life->fibers)
		fiber_cancel(container_of(item, struct use_fiber, link)->fiber);
}

void life_background_forget(struct use_life *life)
{
	struct list *item;

	while ((item = list_pop_front(&life->fibers)) != NULL)
		mem_free(container_of(item, struct use_fiber, link));
}

static bool errand(const struct weir_use *use, errand_fn *fn, void *arg)
{
	struct use_life *life = use->life;

	if (worker_self() != life->uses->crew->control || life->closing || life->fiber_count == 0)
		return false;
	return start(life, fn, arg);
}

void background_fill_host(struct weir_host *host)
{
	host->errand = errand;
}
