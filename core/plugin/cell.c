/* cell.c - a value that control replaces and workers read; the old one is freed when nobody
 * does. */
#include "config.h"

#include "core/plugin/cell.h"

#include <stdatomic.h>

#include "core/plugin/window.h"

struct version;

/* A worker's part in one version of the value. But for the letter's way it is the worker's
 * alone. */
struct reader {
	struct letter letter;	/* control asks with it, and the worker answers with it */
	struct version *version;
	uint32_t pins;
	bool asked;		/* answers when the last pin is dropped */
} __attribute__((aligned(64)));

/* One value on its way from published to freed. */
struct version {
	struct list link;	/* in cell->versions */
	struct weir_cell *cell;
	void *value;
	uint32_t unanswered;	/* [control] */
	struct reader readers[];	/* by crew_place() */
};

struct weir_cell {
	_Atomic(struct version *) current;
	void (*free_value)(void *value);
	const struct crew *crew;
	/* [control] */
	struct list link;	/* in cells->all */
	struct list versions;	/* alive, the current one too */
	bool ended;		/* freed with its last version */
};

/* What an exchange keeps. */
struct pin {
	struct hold hold;
	struct reader *reader;
};

void cells_init(struct cells *cells, const struct crew *crew)
{
	cells->crew = crew;
	list_init(&cells->all);
}

bool cells_idle(const struct cells *cells)
{
	return list_empty(&cells->all);
}

struct weir_cell *cell_new(struct cells *cells, void (*free_value)(void *value))
{
	struct weir_cell *cell = mem_alloc(sizeof(*cell));

	if (cell == NULL)
		return NULL;
	cell->free_value = free_value;
	cell->crew = cells->crew;
	list_init(&cell->versions);
	list_push_back(&cells->all, &cell->link);
	return cell;
}

static void drop_value(const struct weir_cell *cell, void *value)
{
	if (value != NULL && cell->free_value != NULL)
		cell->free_value(value);
}

static void version_free(struct version *v)
{
	drop_value(v->cell, v->value);
	list_remove(&v->link);
	free(v);
}

static void cell_gone(struct weir_cell *cell)
{
	if (!cell->ended || !list_empty(&cell->versions))
		return;
	list_remove(&cell->link);
	mem_free(cell);
}

void cells_fini(struct cells *cells)
{
	list_for_each_safe(item, &cells->all) {
		struct weir_cell *cell = container_of(item, struct weir_cell, link);

		list_for_each_safe(v, &cell->versions)
			version_free(container_of(v, struct version, link));
		cell->ended = true;
		cell_gone(cell);
	}
}

/* Asking ------------------------------------------------------------------- */

static void answered(struct letter *l)
{
	struct version *v = container_of(l, struct reader, letter)->version;

	struct weir_cell *cell = v->cell;

	if (--v->unanswered > 0)
		return;
	version_free(v);
	cell_gone(cell);
}

/* Worker: it cannot come to this version any more, and nothing here reads it. */
static void answer(struct reader *r)
{
	r->letter.open = answered;
	loop_post(&r->version->cell->crew->control->loop, &r->letter);
}

static void asked(struct letter *l)
{
	struct reader *r = container_of(l, struct reader, letter);

	r->asked = true;
	if (r->pins == 0)
		answer(r);
}

/* A worker that has not begun, or has ended, has no pins and opens no letters. */
static void retire(struct version *v)
{
	const struct crew *crew = v->cell->crew;

	v->unanswered = crew_places(crew);
	for (uint32_t i = 0; i < crew_places(crew); i++) {
		struct worker *w = i < crew->count ? crew->workers[i] : crew->control;

		v->readers[i].letter.open = asked;
		loop_post(&w->loop, &v->readers[i].letter);
	}
}

static struct version *version_new(struct weir_cell *cell, void *value)
{
	uint32_t places = crew_places(cell->crew);
	struct version *v;

	v = aligned_alloc(64, (sizeof(*v) + places * sizeof(v->readers[0]) + 63) & ~(size_t)63);
	if (v == NULL)
		return NULL;
	*v = (struct version){ .cell = cell, .value = value };
	for (uint32_t i = 0; i < places; i++)
		v->readers[i] = (struct reader){ .version = v };
	list_push_back(&cell->versions, &v->link);
	return v;
}

bool cell_publish(struct weir_cell *cell, void *value)
{
	struct version *v = NULL, *old;

	if (value != NULL) {
		v = version_new(cell, value);
		if (v == NULL) {
			drop_value(cell, value);
			return false;
		}
	}
	old = atomic_exchange(&cell->current, v);
	if (old != NULL)
		retire(old);
	return true;
}

void cell_free(struct weir_cell *cell)
{
	if (cell == NULL)
		return;
	cell->ended = true;
	if (atomic_load(&cell->current) != NULL)
		(void)cell_publish(cell, NULL);
	else
		cell_gone(cell);
}

/* Reading ------------------------------------------------------------------ */

static void unpin(struct hold *h)
{
	struct reader *r = container_of(h, struct pin, hold)->reader;

	if (--r->pins == 0 && r->asked)
		answer(r);
}

static bool has_pin(const struct hold_list *holds, const struct reader *r)
{
	for (struct hold *h = holds->first; h != NULL; h = h->next)
		if (h->drop == unpin && container_of(h, struct pin, hold)->reader == r)
			return true;
	return false;
}

void *cell_read(struct weir_cell *cell, struct hold_list *holds, struct arena *arena)
{
	const struct worker *w = worker_self();
	struct version *v = atomic_load_explicit(&cell->current, memory_order_acquire);
	struct reader *r;
	struct pin *pin;

	if (v == NULL || w == NULL || holds == NULL)
		return v != NULL ? v->value : NULL;
	r = &v->readers[crew_place(crew_places(cell->crew), w)];
	if (has_pin(holds, r))
		return v->value;
	pin = hold_new(holds, arena, sizeof(*pin), unpin);
	if (pin == NULL)
		return NULL;
	pin->reader = r;
	r->pins++;
	return v->value;
}

/* Host --------------------------------------------------------------------- */

/* With NULL nothing is pinned: on control a value cannot end before the next turn. */
static void *host_read(struct weir_exchange *ex, struct weir_cell *cell)
{
	if (cell == NULL)
		return NULL;
	return ex != NULL ? cell_read(cell, window_holds(ex), window_arena(ex))
			  : cell_read(cell, NULL, NULL);
}

void cell_fill_host(struct weir_host *host)
{
	host->cell_read = host_read;
	host->cell_publish = cell_publish;
}
