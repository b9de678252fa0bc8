/* index.c - GET /: what can be asked here. */
#include "config.h"

#include "core/admin/paths.h"

void visit_index(struct visit *v)
{
	json_t *list = json_array();

	paths_describe(list);
	visit_json(v, 200, json_pack("{s:s,s:o}", "weir", PACKAGE_VERSION, "paths", list));
}
