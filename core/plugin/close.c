/* close.c - the end of a use: background, then every worker, then `close`. */
#include "config.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/plugin/life.h"

static void forget(struct use_life *life)
{
	(void)pthread_mutex_lock(&life->uses->lock);
	list_remove(&life->link);
	(void)pthread_mutex_unlock(&life->uses->lock);
	places_remove(life->uses, life);
}

void life_answered(struct use_life *life)
{
	if (--life->pending > 0)
		return;
	forget(life);
	life_close(life);
}

static void close_here(struct use_life *life, struct worker *w)
{
	struct use_here *at = use_at(&life->use, w);

	if (!at->open)
		return;
	at->open = false;
	if (life_plugin(life)->worker_close != NULL)
		life_plugin(life)->worker_close(life->use.self, at->worker);
	at->worker = NULL;
}

static void came_back(struct letter *l)
{
	life_answered(container_of(l, struct use_letter, letter)->life);
}

static void on_worker(struct letter *l)
{
	struct use_letter *ul = container_of(l, struct use_letter, letter);

	close_here(ul->life, ul->worker);
	ul->letter.open = came_back;
	loop_post(&ul->life->uses->crew->control->loop, &ul->letter);
}

/* Its workers' states would leak; a small leak is better than a hook on the wrong thread. */
static bool make_letters(struct use_life *life)
{
	life->letters = mem_array(life->uses->crew->count, sizeof(*life->letters));
	if (life->letters == NULL)
		log_error("out of memory while closing %.*s: its workers' states are not freed",
			  STR_ARG(life->use.path));
	return life->letters != NULL;
}

/* All workers are written to, also those that it was never opened on: a letter to open it may still
 * be on its way there. */
static void close_on_workers(struct use_life *life)
{
	const struct crew *crew = life->uses->crew;

	if (life_plugin(life)->worker_open == NULL || crew->count == 0 || !make_letters(life))
		return;
	life->pending += crew->count;
	for (uint32_t i = 0; i < crew->count; i++) {
		life->letters[i] = (struct use_letter){ .letter = { .open = on_worker },
							.life = life,
							.worker = crew->workers[i] };
		loop_post(&crew->workers[i]->loop, &life->letters[i].letter);
	}
}

void life_end(struct use_life *life)
{
	(void)pthread_mutex_lock(&life->uses->lock);	/* others ask who is ready */
	life->closing = true;
	(void)pthread_mutex_unlock(&life->uses->lock);
	life->pending = 1;	/* this call */
	life->pending += life->fiber_count;
	life_background_cancel(life);
	close_on_workers(life);
	life_answered(life);
}

bool use_worker_open(struct weir_use *use, struct worker *w, struct weir_error *error)
{
	const struct weir_plugin *p = life_plugin(use->life);
	struct use_here *at = use_at(use, w);
	struct weir_error why = { "" };

	if (at->open || p->worker_open == NULL)
		return true;
	at->open = p->worker_open(use->self, &at->worker, &why);
	if (!at->open)
		at->worker = NULL;
	return at->open ||
	       weir_fail(error, "the plugin \"%s\" cannot begin on a worker: %s", p->name,
			 why.text[0] != '\0' ? why.text : "it gives no reason");
}

void uses_worker_end(struct uses *uses, struct worker *w)
{
	(void)pthread_mutex_lock(&uses->lock);
	list_for_each(item, &uses->all)
		close_here(container_of(item, struct use_life, link), w);
	(void)pthread_mutex_unlock(&uses->lock);
}
