/* config.c - GET /config: the configuration in force. */
#include "core/admin/paths.h"

void visit_config(struct visit *v)
{
	struct weir_error error = { "" };
	json_t *shown;

	if (v->world->config == NULL) {
		visit_not_here(v);
		return;
	}
	shown = v->world->config(v->world->self, &error);
	if (shown != NULL)
		visit_json(v, 200, shown);
	else
		visit_problem(v, 503, NULL, "%s", error.text);
}
