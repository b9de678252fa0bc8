/* cells.c - values that are published and read, on one thread. An old value ends with the last
 * exchange that has read it, as in the gateway. */
#include "core/kit/host_inside.h"

struct version {
	struct version *next;
	void *value;
};

struct weir_cell {
	struct weir_cell *next;		/* of the same use */
	struct weir_fake_use *use;
	void (*free_value)(void *value);
	struct version *versions;	/* newest first; old ones wait for the end */
};

static bool on_control(enum hook hook)
{
	return hook == HOOK_OPEN || hook == HOOK_BACKGROUND || hook == HOOK_WATCH ||
	       hook == HOOK_SEND || hook == HOOK_NONE;
}

struct weir_cell *fake_cell_new(struct setup_life *life, void (*free_value)(void *value))
{
	struct weir_fake_use *use = container_of(life, struct weir_fake_use, life);
	struct weir_cell *cell;

	cell = fake_must(mem_alloc(sizeof(*cell)));
	cell->use = use;
	cell->free_value = free_value;
	cell->next = use->cells;
	use->cells = cell;
	return cell;
}

static void drop_all(struct weir_cell *cell, struct version *first)
{
	while (first != NULL) {
		struct version *next = first->next;

		if (first->value != NULL && cell->free_value != NULL)
			cell->free_value(first->value);
		mem_free(first);
		first = next;
	}
}

/* Nobody can hold a pin when no exchange is open. */
static bool exchanges_open(const struct weir_fake *f)
{
	for (const struct weir_exchange *ex = f->exchanges; ex != NULL; ex = ex->next)
		if (ex->stage != STAGE_OVER)
			return true;
	return false;
}

static bool publish(struct weir_cell *cell, void *value)
{
	struct version *v = fake_must(mem_alloc(sizeof(*v)));

	if (!on_control(cell->use->fake->hook))
		fault_note(cell->use->fake, FAULT_CELL_PLACE, NULL);
	v->value = value;
	v->next = cell->versions;
	cell->versions = v;
	if (!exchanges_open(cell->use->fake)) {
		drop_all(cell, v->next);
		v->next = NULL;
	}
	return true;
}

static void *read(struct weir_exchange *ex, struct weir_cell *cell)
{
	if (cell == NULL || (ex != NULL && !fake_may_look(ex, "weir_cell_read")))
		return NULL;
	return cell->versions != NULL ? cell->versions->value : NULL;
}

void fake_cells_free(struct weir_cell *first)
{
	while (first != NULL) {
		struct weir_cell *next = first->next;

		drop_all(first, first->versions);
		mem_free(first);
		first = next;
	}
}

void fake_fill_cells(struct weir_host *host)
{
	host->cell_read = read;
	host->cell_publish = publish;
}
