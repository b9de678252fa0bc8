/* drain.c - POST /drain: finish and exit, as SIGTERM does. */
#include "core/admin/paths.h"

void visit_drain(struct visit *v)
{
	struct weir_error error = { "" };

	if (v->world->drain == NULL)
		visit_not_here(v);
	else if (v->world->drain(v->world->self, &error))
		visit_json(v, 202, json_pack("{s:b}", "draining", 1));
	else
		visit_problem(v, 503, NULL, "%s", error.text);
}
