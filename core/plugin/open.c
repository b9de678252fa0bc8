/* open.c - a use from its order to its `self`, and back. */
#include "config.h"

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/conf/copy.h"
#include "core/conf/tree.h"
#include "core/plugin/cell.h"
#include "core/plugin/counter.h"
#include "core/plugin/life.h"
#include "core/plugin/store.h"

enum { USE_ARENA = 16 << 20 };

static struct weir_cell *make_cell(struct setup_life *setup, void (*free_value)(void *value))
{
	struct use_life *life = container_of(setup, struct use_life, setup);
	struct use_cell *held = arena_take(&life->arena, sizeof(*held));

	if (held == NULL)
		return NULL;
	held->cell = cell_new(&life->uses->cells, free_value);
	if (held->cell == NULL)
		return NULL;
	held->next = life->cells;
	life->cells = held;
	return held->cell;
}

static void set_roles(struct weir_use *use, const struct weir_plugin *p)
{
	switch (use->role) {
	case AS_POLICY:
		use->policy = p->policy;
		use->exchange_size = (uint32_t)p->policy->exchange_size;
		break;
	case AS_BALANCER:
		use->balancer = p->balancer;
		break;
	case AS_DISCOVERY:
		use->discovery = p->discovery;
		break;
	case AS_RETRY:
		use->retry = p->retry;
		break;
	case AS_TRACER:
		use->tracer = p->tracer;
		break;
	case AS_COUNT:
		break;
	}
}

static bool copy_order(struct use_life *life, const struct kind *kind,
		       const struct use_order *order)
{
	struct weir_use *use = &life->use;

	use->kind = kind;
	use->role = order->role;
	use->name = text_copy(&life->arena, order->name.data != NULL ? order->name : kind->name);
	use->path = text_copy(&life->arena, order->path);
	use->place = text_copy(&life->arena, order->place);
	life->values = values_copy(&life->arena, order->values);
	use->life = life;
	use->places = crew_places(life->uses->crew);
	use->here = aligned_alloc(64, use->places * sizeof(*use->here));
	if (use->here != NULL)
		memset(use->here, 0, use->places * sizeof(*use->here));
	set_roles(use, &kind->plugin);
	return use->here != NULL && use->name.data != NULL && use->path.data != NULL &&
	       use->place.data != NULL && (order->values == NULL || life->values != NULL);
}

static struct use_life *life_new(struct uses *uses, const struct kind *kind,
				 const struct use_order *order)
{
	struct use_life *life = mem_alloc(sizeof(*life));

	if (life == NULL)
		return NULL;
	life->uses = uses;
	list_init(&life->fibers);
	arena_init_small(&life->arena, USE_ARENA);
	if (copy_order(life, kind, order))
		return life;
	life_close(life);
	return NULL;
}

/* Both hooks, and what the plugin asked wrongly while it was in them. */
static bool run_open(struct use_life *life, struct weir_error *error)
{
	const struct weir_plugin *p = life_plugin(life);
	struct weir_setup setup = { life->values, &life->setup };
	struct weir_error why = { "" };
	bool ok = p->check == NULL || p->check(&setup, &why);

	if (ok && p->open != NULL) {
		life->opened = p->open(&setup, &life->use.self, &why);
		ok = life->opened;
	}
	if (life->setup.mistake.text[0] != '\0')
		return fail(error, "the plugin \"%s\" cannot be used: %s", p->name,
			    life->setup.mistake.text);
	if (ok)
		return true;
	return fail(error, "the plugin \"%s\" refuses these options: %s", p->name,
		    why.text[0] != '\0' ? why.text : "it gives no reason");
}

struct use_life *life_open(struct uses *uses, const struct kind *kind,
			   const struct use_order *order, const struct use_life *previous,
			   struct weir_error *error)
{
	struct use_life *life = life_new(uses, kind, order);

	if (life == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	life->setup = (struct setup_life){
		.arena = &life->arena, .compiler = order->compiler, .place = life->use.place,
		.previous = previous != NULL ? previous->use.self : NULL, .cell_new = make_cell,
		.store_open = store_open, .counter_open = counter_open,
		.name = life->use.name, .path = life->use.path,
		.context = kind->plugin.context,
	};
	if (!run_open(life, error)) {
		life_close(life);
		return NULL;
	}
	life->setup.previous = NULL;
	return life;
}

void life_close(struct use_life *life)
{
	const struct weir_plugin *p = life->use.kind != NULL ? life_plugin(life) : NULL;

	if (life->opened && p->close != NULL)
		p->close(life->use.self);
	for (struct use_cell *held = life->cells; held != NULL; held = held->next)
		cell_free(held->cell);
	stores_close(life);
	counters_close(life);
	life_background_forget(life);
	mem_free(life->letters);
	free(life->use.here);
	arena_reset(&life->arena);
	mem_free(life);
}
