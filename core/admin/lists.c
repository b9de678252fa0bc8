/* lists.c - GET /routes, /services and /plugins: arrays of things that have a name. */
#include "core/admin/paths.h"

#include "core/base/error.h"

/* Takes the list; gives those of that name. */
static json_t *only(json_t *list, struct weir_str name)
{
	json_t *picked = json_array(), *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (str_eq(json_str(json_object_get(one, "name")), name))
			json_array_append(picked, one);
	json_decref(list);
	return picked;
}

static void answer(struct visit *v, const char *noun,
		   json_t *(*ask)(void *self, struct weir_error *error))
{
	struct weir_str name = visit_parameter(v, "name");
	struct weir_error error = { "" };
	json_t *list;

	if (ask == NULL) {
		visit_not_here(v);
		return;
	}
	list = ask(v->world->self, &error);
	if (list == NULL) {
		visit_problem(v, 503, NULL, "%s", error.text);
		return;
	}
	if (name.data != NULL)
		list = only(list, name);
	if (name.data != NULL && json_array_size(list) == 0) {
		json_decref(list);
		visit_problem(v, 404, NULL, "there is no %s named \"%.*s\"; %.*s lists all of them",
			      noun, STR_ARG(str_head(name, 200)), STR_ARG(v->name));
		return;
	}
	visit_json(v, 200, list);
}

void visit_routes(struct visit *v)
{
	answer(v, "route", v->world->routes);
}

void visit_services(struct visit *v)
{
	answer(v, "service", v->world->services);
}

void visit_plugins(struct visit *v)
{
	answer(v, "plugin in use", v->world->plugins);
}
