/* reload.c - POST /reload: the configuration is read again. */
#include "core/admin/paths.h"

void visit_reload(struct visit *v)
{
	struct weir_error error = { "" };
	json_t *diagnostics, *document;
	bool ok;

	if (v->world->reload == NULL) {
		visit_not_here(v);
		return;
	}
	diagnostics = json_array();
	ok = v->world->reload(v->world->self, diagnostics, &error);
	document = json_pack("{s:b,s:o}", "ok", (int)ok, "diagnostics", diagnostics);
	if (ok)
		visit_json(v, 200, document);
	else
		visit_problem(v, 422, document, "%s", error.text);
}
