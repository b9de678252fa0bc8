/* metrics.c - GET /metrics: the Prometheus text. */
#include "core/admin/paths.h"

void visit_metrics(struct visit *v)
{
	if (v->world->metrics == NULL) {
		visit_not_here(v);
		return;
	}
	v->status = 200;
	v->content_type = "text/plain; version=0.0.4; charset=utf-8";
	if (!v->world->metrics(v->world->self, &v->answer))
		visit_problem(v, 500, NULL, "the metrics take more than %d MiB, or there is no "
			      "memory for them", VISIT_ANSWER >> 20);
}
