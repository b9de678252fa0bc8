/* assemble.c - a checked configuration made into the world that requests see: the order of the steps. */
#include "core/weir/assemble.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/plugin/registry.h"
#include "core/plugin/uses.h"
#include "core/upstream/service.h"
#include "core/upstream/upstreams.h"
#include "core/weir/caution.h"
#include "core/weir/scripts.h"
#include "core/weir/assemble_tls.h"

/* --- Uses of plugins. ------------------------------------------------------------------------- */

static bool keep(void ***at, uint32_t *count, uint32_t *room, void *item)
{
	if (*count == *room) {
		uint32_t more = *room > 0 ? *room * 2 : 16;
		void **grown = mem_resize(*at, more, sizeof(void *));

		if (grown == NULL)
			return false;
		*at = grown;
		*room = more;
	}
	(*at)[(*count)++] = item;
	return true;
}

bool world_keep_table(struct world *w, struct table *t)
{
	return keep((void ***)&w->tables, &w->table_count, &w->table_room, t);
}

bool world_keep_matcher(struct world *w, struct matcher *m)
{
	return keep((void ***)&w->matchers, &w->matcher_count, &w->matcher_room, m);
}

static struct use_order order_of(enum role role, const struct conf_slot *slot, struct weir_str path,
				 const struct place_words *place)
{
	return (struct use_order){
		.role = role,
		.plugin = slot->name,
		.name = slot->as,
		.path = path,
		.place = str_from(place->text),
		.values = slot->values,
		.compiler = &assemble_compiler,
	};
}

struct weir_use *world_use(struct world *w, enum role role, const struct conf_slot *slot,
			   struct weir_str path, struct diagnostics *d)
{
	struct place_words place = place_words(slot->place);
	struct use_order order = order_of(role, slot, path, &place);
	struct weir_error error = { "" };
	struct weir_use *use;

	if (w->gateway == NULL) {
		if (!uses_check(w->uses_of_all, &order, &error))
			diagnose(d, slot->place, "%s", error.text);
		return NULL;
	}
	use = uses_take(w->uses_of_all, &order, &error);
	if (use == NULL) {
		diagnose(d, slot->place, "%s", error.text);
		return NULL;
	}
	if (!keep((void ***)&w->uses, &w->use_count, &w->use_room, use)) {
		use_release(use);
		diagnose_memory(d);
		return NULL;
	}
	return use;
}

/* --- Plugins and their options. ---------------------------------------------------------------- */

struct slot_look {
	struct world *world;
	struct diagnostics *d;
};

static enum role role_of(enum slot_role role)
{
	switch (role) {
	case ROLE_BALANCER:
		return AS_BALANCER;
	case ROLE_DISCOVERY:
		return AS_DISCOVERY;
	case ROLE_RETRY:
		return AS_RETRY;
	case ROLE_TRACER:
		return AS_TRACER;
	case ROLE_POLICY:
		break;
	}
	return AS_POLICY;
}

/* Goes on after a fault, so that all of them are shown. */
static bool look_at_slot(void *context, struct conf_slot *slot)
{
	struct slot_look *look = context;
	struct weir_error error = { "" };
	const struct kind *kind;

	if (slot->kind != SLOT_PLUGIN)
		return true;
	kind = registry_find_role(look->world->registry, slot->name, role_of(slot->role), &error);
	if (kind == NULL) {
		diagnose(look->d, slot->place, "%s", error.text);
		return true;
	}
	(void)conf_check_slot(look->world->conf, slot, kind->plugin.options, look->d);
	return true;
}

static bool load_plugins(struct world *w, struct diagnostics *d)
{
	const struct conf_values *plugins = conf_object(w->conf->top, "plugins");
	struct slot_look look = { .world = w, .d = d };
	const struct conf_value *paths = NULL;
	struct weir_str folders[64];
	uint32_t count = 0;

	if (plugins != NULL)
		paths = conf_items(plugins, "path", &count);
	if (count > ARRAY_LEN(folders))
		return diagnose(d, conf_place(plugins, "path"), "more than 64 folders of plugins");
	for (uint32_t i = 0; i < count; i++)
		folders[i] = paths[i].text;
	if (!registry_set_path(w->registry, folders, count))
		return diagnose_memory(d);
	w->scripts = scripts_begin(w->registry, w->conf);
	if (w->scripts == NULL)
		return diagnose_memory(d);
	if (!conf_visit_slots(w->conf, look_at_slot, &look) ||
	    (!scripts_note_files(w->scripts, &w->conf->sources) && !diagnose_memory(d)))
		return false;
	assemble_look_at_words(w->conf, d);
	return diagnostics_fine(d);
}

/* --- The steps. -------------------------------------------------------------------------------- */

static void on_unread(struct snapshot *s);

static bool make_readers(struct world *w)
{
	struct snapshot *s = &w->snapshot;

	s->workers = w->gateway->count;
	s->readers = aligned_alloc(64, (s->workers + 1) * sizeof(*s->readers));
	if (s->readers == NULL)
		return false;
	memset(s->readers, 0, (s->workers + 1) * sizeof(*s->readers));
	for (uint32_t i = 0; i <= s->workers; i++)
		s->readers[i].snapshot = s;
	atomic_init(&s->unread_left, s->workers + 1);
	s->control = &w->gateway->control.loop;
	s->unread = on_unread;
	return true;
}

static struct world *world_new(struct conf *conf, struct diagnostics *d)
{
	struct world *w = mem_alloc(sizeof(*w));

	if (w == NULL) {
		conf_free(conf);
		diagnose_memory(d);
		return NULL;
	}
	w->conf = conf;
	w->snapshot.world = w;
	arena_init(&w->arena, NULL, (size_t)1 << 32);
	return w;
}

/* A part that is faulty does not keep those of the next one from being told. */
static bool build(struct world *w, struct diagnostics *d)
{
	bool parts;

	if (!load_plugins(w, d))
		return false;
	parts = assemble_services(w, d);
	parts = assemble_listeners(w, d) && parts;
	parts = assemble_routes(w, d) && parts;
	if (!parts || !assemble_tables(w, d) || !assemble_tracers(w, d))
		return false;
	if (w->arena.overflowed)
		return diagnose_memory(d);
	return diagnostics_fine(d) && caution_look(w, d);
}

struct world *assemble(struct gateway *g, struct conf *conf, struct diagnostics *d)
{
	struct world *w = world_new(conf, d);

	if (w == NULL)
		return NULL;
	w->gateway = g;
	g->worlds++;
	w->registry = g->registry;
	w->uses_of_all = g->uses;
	w->snapshot.generation = ++g->generation;
	if (!make_readers(w))
		diagnose_memory(d);
	else if (build(w, d))
		return w;
	world_free(w);
	return NULL;
}

struct world *assemble_model(struct registry *registry, struct uses *uses, struct conf *conf,
			     struct diagnostics *d)
{
	struct world *w = world_new(conf, d);

	if (w == NULL)
		return NULL;
	w->registry = registry;
	w->uses_of_all = uses;
	if (build(w, d))
		return w;
	world_free(w);
	return NULL;
}

void assemble_look(struct registry *registry, struct conf *conf, struct diagnostics *d)
{
	struct world w = { .registry = registry, .conf = conf };

	if (conf != NULL)
		(void)load_plugins(&w, d);
	scripts_release(w.scripts);
}

/* --- The end. ---------------------------------------------------------------------------------- */

static void give_slots(struct world *w)
{
	struct snapshot *s = &w->snapshot;

	for (uint32_t i = 0; s->plans != NULL && i < s->plan_count; i++)
		if (s->plans[i] != NULL && s->plans[i]->name.data != NULL)
			slots_give(&w->gateway->route_slots, s->plans[i]->slot);
	for (uint32_t i = 0; s->listeners != NULL && i < s->listener_slots; i++)
		if (s->listeners[i] != NULL)
			slots_give(&w->gateway->listener_slots, i);
}

static void close_services(struct world *w)
{
	for (uint32_t i = 0; i < w->snapshot.service_count; i++) {
		struct service *svc = w->snapshot.services[i];

		if (i < w->opened)
			service_close(svc);
		service_unref(svc);
	}
}

void world_free(struct world *w)
{
	if (w == NULL)
		return;
	if (w->gateway != NULL) {
		close_services(w);
		give_slots(w);
	}
	for (uint32_t i = 0; i < w->use_count; i++)
		use_release(w->uses[i]);
	world_drop(w);
}

void world_drop(struct world *w)
{
	for (uint32_t i = 0; i < w->table_count; i++)
		table_free(w->tables[i]);
	for (uint32_t i = 0; i < w->matcher_count; i++)
		matcher_free(w->matchers[i]);
	tls_things_free(w);
	mem_free(w->uses);
	mem_free(w->tables);
	mem_free(w->matchers);
	free(w->snapshot.readers);
	if (w->gateway != NULL)
		w->gateway->worlds--;
	arena_reset(&w->arena);
	conf_free(w->conf);
	scripts_release(w->scripts);
	mem_free(w);
}

static void free_on_fiber(void *arg)
{
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_INTERNAL);
	world_free(arg);
	deadline_leave(&d);
}

/* The last reader has let go. Closing services waits, so it has a fiber. */
static void on_unread(struct snapshot *s)
{
	struct world *w = world_of(s);

	if (fiber_start(s->control, free_on_fiber, w) == NULL)
		log_error("no fiber to free configuration %llu; it stays in memory",
			  (unsigned long long)s->generation);
}
