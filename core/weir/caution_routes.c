/* caution_routes.c - routes that nobody can reach. */
#include "core/base/mem.h"
#include "core/weir/assemble.h"
#include "core/weir/caution.h"

/* Of each route, by number. */
struct reach {
	uint32_t tables, hidden;	/* that have it; in which it is hidden */
	uint32_t by;
};

static void note_hidden(void *arg, uint32_t hidden, uint32_t by)
{
	struct reach *reach = arg;

	reach[hidden].hidden++;
	reach[hidden].by = by;
}

/* Listeners may share a table. */
static bool is_first(const struct snapshot *s, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (s->listeners[i] != NULL && s->listeners[i]->routes == s->listeners[at]->routes)
			return false;
	return true;
}

static bool look_at_tables(const struct world *w, const struct conf_value *routes, uint32_t count,
			   struct reach *reach)
{
	const struct snapshot *s = &w->snapshot;

	for (uint32_t i = 0; i < s->listener_slots; i++) {
		const struct listener_plan *lp = s->listeners[i];

		if (lp == NULL || lp->routes == NULL || !is_first(s, i))
			continue;
		for (uint32_t r = 0; r < count; r++)
			reach[r].tables += listener_serves(lp, routes[r].object);
		if (!table_hidden(lp->routes, note_hidden, reach))
			return false;
	}
	return true;
}

static void say(const struct world *w, const struct conf_value *routes, uint32_t at,
		const struct reach *reach, struct diagnostics *d)
{
	struct weir_str name = w->specs[at].name;

	if (reach->tables == 0)
		diagnose_warning(d, routes[at].place, "route %.*s can never be reached: no listener "
				 "that serves routes has it; list one in its `listeners`",
				 STR_ARG(name));
	else if (reach->hidden == reach->tables)
		diagnose_warning(d, routes[at].place, "route %.*s can never be reached: %.*s at %s takes "
				 "all of its requests; change or remove one", STR_ARG(name),
				 STR_ARG(w->specs[reach->by].name),
				 place_words(routes[reach->by].place).text);
}

bool caution_routes(const struct world *w, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);
	struct reach *reach = mem_array(count + (size_t)1, sizeof(*reach));
	bool done = reach != NULL && look_at_tables(w, routes, count, reach);

	for (uint32_t i = 0; done && i < count; i++)
		say(w, routes, i, &reach[i], d);
	mem_free(reach);
	return done || diagnose_memory(d);
}
