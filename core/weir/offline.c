/* offline.c - a configuration read, checked and built without running it. */
#include "core/weir/offline.h"

#include "core/base/error.h"
#include "core/plugin/registry.h"
#include "core/plugin/uses.h"
#include "core/proxy/window_exchange.h"
#include "core/plugin/window.h"
#include "core/weir/scripts.h"

bool offline_open(struct offline *o, struct weir_error *error)
{
	static const struct fiber_limits limits = { .most = 16 };

	*o = (struct offline){ 0 };
	if (!worker_init(&o->worker, UINT32_MAX, &limits, error))
		return false;
	o->crew = (struct crew){ .control = &o->worker };
	window_fill_exchange(window_table());
	o->registry = registry_new();
	if (o->registry == NULL)
		return fail_memory(error);
	o->uses = uses_new(o->registry, &o->crew, error);
	return o->uses != NULL;
}

void offline_close(struct offline *o)
{
	uses_free(o->uses);
	registry_free(o->registry);
	worker_fini(&o->worker);
}

bool offline_look(struct offline *o, const char *path, struct diagnostics *d)
{
	struct weir_str folders[64];
	const struct conf_value *paths;
	struct conf *conf = NULL;
	uint32_t count = 0, used = 0;

	if (path != NULL && !conf_load(path, &conf, d) && conf == NULL)
		return false;
	if (conf != NULL) {
		paths = conf_items(conf_object(conf->top, "plugins"), "path", &count);
		for (; used < count && used < 64; used++)
			folders[used] = paths[used].text;
	}
	(void)registry_set_path(o->registry, folders, used);
	scripts_release(scripts_begin(o->registry, conf));
	conf_free(conf);
	return true;
}

struct world *offline_build(struct offline *o, const char *path, struct diagnostics *d)
{
	struct conf *conf = NULL;

	if (!conf_load(path, &conf, d)) {
		assemble_look(o->registry, conf, d);	/* plugins' options may be wrong too */
		conf_free(conf);
		return NULL;
	}
	return assemble_model(o->registry, o->uses, conf, d);
}
