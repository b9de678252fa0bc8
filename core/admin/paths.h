/* paths.h - the paths of the admin API, in one table. */
#ifndef CORE_ADMIN_PATHS_H
#define CORE_ADMIN_PATHS_H

#include "core/admin/visit.h"

typedef void visit_fn(struct visit *v);

struct path {
	const char *name;	/* "/reload" */
	const char *about;	/* one line for `GET /` */
	visit_fn *get, *post;	/* NULL: 405. GET answers HEAD, too */
	bool probe;		/* the probe has it as well */
	bool waits;		/* POST may take long: the helper runs it */
};

/* The path of exactly that name, or NULL. */
const struct path *paths_find(struct weir_str name, bool probe);

/* Adds the names to an array; for people who look for the right one. */
void paths_add_names(json_t *names, bool probe);
/* Adds {"path", "methods", "about"} for each. */
void paths_describe(json_t *list);
/* "GET, HEAD" and the like. */
const char *path_methods(const struct path *path, bool probe);

/* One file per group. Each sets the answer. */
visit_fn visit_index;				/* index.c */
visit_fn visit_healthz, visit_readyz;		/* health.c */
visit_fn visit_metrics;				/* metrics.c */
visit_fn visit_config;				/* config.c */
visit_fn visit_routes, visit_services, visit_plugins;	/* lists.c */
visit_fn visit_explain;				/* explain.c */
visit_fn visit_reload;				/* reload.c */
visit_fn visit_drain;				/* drain.c */
visit_fn visit_log_level, visit_set_log_level;	/* log_level.c */

#endif
