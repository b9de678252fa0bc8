/* health.c - GET /healthz and /readyz: is it alive, and may traffic be sent to it. */
#include <string.h>

#include "core/admin/paths.h"

/* "worker 1 has been stuck for 7000 ms; ..." for those who read only the detail. */
static void join_causes(const json_t *causes, char *room, size_t size)
{
	size_t i, used = 0;
	const json_t *cause;

	room[0] = '\0';
	json_array_foreach(causes, i, cause) {
		int n = snprintf(room + used, size - used, "%s%s", i > 0 ? "; " : "",
				 json_string_value(cause));

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static void answer(struct visit *v, const char *member,
		   bool (*ask)(void *self, json_t *causes))
{
	json_t *causes = json_array();
	char detail[WEIR_ERROR_ROOM];
	json_t *document;
	bool well;

	if (ask == NULL) {
		json_decref(causes);
		visit_not_here(v);
		return;
	}
	well = ask(v->world->self, causes);
	join_causes(causes, detail, sizeof(detail));
	document = json_pack("{s:b,s:o}", member, (int)well, "causes", causes);
	if (well)
		visit_json(v, 200, document);
	else
		visit_problem(v, 503, document, "%s", detail);
}

void visit_healthz(struct visit *v)
{
	answer(v, "alive", v->world->alive);
}

void visit_readyz(struct visit *v)
{
	answer(v, "ready", v->world->ready);
}
