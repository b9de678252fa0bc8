/* paths.c - the table of paths, and looking things up in it. */
#include "core/admin/paths.h"

#include "core/base/mem.h"

static const struct path paths[] = {
	{ .name = "/", .get = visit_index, .about = "this list" },
	{ .name = "/healthz", .get = visit_healthz, .probe = true,
	  .about = "200 while the workers turn, 503 with the causes otherwise" },
	{ .name = "/readyz", .get = visit_readyz, .probe = true,
	  .about = "200 when traffic may be sent here, 503 with the causes otherwise" },
	{ .name = "/metrics", .get = visit_metrics, .probe = true, .about = "Prometheus text" },
	{ .name = "/config", .get = visit_config,
	  .about = "the configuration in force, defaults filled in, secrets masked" },
	{ .name = "/routes", .get = visit_routes, .about = "the routes in force; ?name= picks one" },
	{ .name = "/services", .get = visit_services,
	  .about = "services with the state of each endpoint and why; ?name= picks one" },
	{ .name = "/plugins", .get = visit_plugins,
	  .about = "plugins in use and what they did; ?name= picks one" },
	{ .name = "/explain", .get = visit_explain,
	  .about = "where a request would go and why: ?method=&url=&header=&listener=&client=&claim=" },
	{ .name = "/reload", .post = visit_reload, .waits = true,
	  .about = "read the configuration again; answers when it is in force, or with what is wrong" },
	{ .name = "/drain", .post = visit_drain, .waits = true,
	  .about = "finish what is under way and exit, as SIGTERM does" },
	{ .name = "/log-level", .get = visit_log_level, .post = visit_set_log_level,
	  .about = "which lines are written: ?level=error, warn, info or debug, until the next reload" },
};

const struct path *paths_find(struct weir_str name, bool probe)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (str_eq(str_from(paths[i].name), name) && (paths[i].probe || !probe))
			return &paths[i];
	return NULL;
}

const char *path_methods(const struct path *path, bool probe)
{
	if (path->post == NULL || probe)
		return "GET, HEAD";
	return path->get == NULL ? "POST" : "GET, HEAD, POST";
}

void paths_add_names(json_t *names, bool probe)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (paths[i].probe || !probe)
			json_array_append_new(names, json_string(paths[i].name));
}

void paths_describe(json_t *list)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "path", paths[i].name,
						      "methods", path_methods(&paths[i], false),
						      "about", paths[i].about));
}
