/* world.h - the fake world that authors of plugins get, for one test, and built plugins in it. */
#ifndef TESTS_PLUGINS_WORLD_H
#define TESTS_PLUGINS_WORLD_H

#include <weir/fake.h>

#include "tests/test.h"

static struct weir_fake *world;
static struct weir_error error;		/* why the last use() was refused */

static inline int open_world(void **state)
{
	(void)state;
	world = weir_fake_new();
	return 0;
}

/* Fails the test that left faults or leaks behind. */
static inline int close_world(void **state)
{
	(void)state;
	return weir_fake_free(world) ? 0 : -1;
}

/* NULL: it refuses these options; see `error`. */
static inline struct weir_fake_use *use(const char *name, const char *options)
{
	const struct weir_plugin *plugin;
	char path[128];

	error.text[0] = '\0';
	(void)snprintf(path, sizeof(path), "plugins/%s/%s.so", name, name);
	plugin = weir_fake_load(path, &error);
	if (plugin == NULL)
		fail_msg("%s", error.text);
	return weir_fake_open(world, plugin, options, &error);
}

#endif
