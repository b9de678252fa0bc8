/* loaded.h - a built plugin, opened as the gateway opens it, with made-up callers. */
#ifndef TESTS_PLUGINS_LOADED_H
#define TESTS_PLUGINS_LOADED_H

#include <stdlib.h>

#include "core/plugin/registry.h"
#include "core/plugin/setup.h"
#include "core/plugin/window.h"
#include "tests/plugin/written.h"

struct loaded {
	struct registry *registry;
	const struct kind *kind;
	struct written written;
	struct setup_life life;
	struct weir_setup setup;
	struct weir_here here;
	struct weir_error error;	/* of check and open */
	bool open;
};

static inline const struct weir_key *loaded_key(struct arena *arena, const struct weir_str *parts,
						uint32_t count, struct weir_error *error)
{
	(void)count, (void)error;
	return (const struct weir_key *)(const void *)text_copy(arena, parts[0]).data;
}

static inline const struct weir_template *loaded_text(struct arena *arena, struct weir_str text,
						      struct weir_error *error)
{
	(void)error;
	return (const struct weir_template *)(const void *)text_copy(arena, text).data;
}

/* `options` is YAML. Keys and templates come as their words. See `open` and `error`. */
static inline void loaded_open(struct loaded *l, const char *name, const char *options)
{
	static const struct weir_option none[] = { { 0 } };
	static const struct setup_compiler compiler = { loaded_key, loaded_text };
	const struct weir_plugin *p;

	*l = (struct loaded){ .error = { "" } };
	setenv("WEIR_PLUGIN_DIR", "plugins", 1);
	l->registry = registry_new();
	l->kind = registry_find(l->registry, str_from(name), &l->error);
	if (l->kind == NULL)
		fail_msg("%s", l->error.text);
	p = &l->kind->plugin;
	written_read(&l->written, p->options != NULL ? p->options : none, options);
	l->life = (struct setup_life){ .arena = &l->written.arena, .compiler = &compiler,
				       .place = STR("weir.yaml:1:1") };
	l->setup = (struct weir_setup){ l->written.values, &l->life };
	l->here.size = sizeof(l->here);
	l->open = (p->check == NULL || p->check(&l->setup, &l->error)) &&
		  (p->open == NULL || p->open(&l->setup, &l->here.self, &l->error)) &&
		  (p->worker_open == NULL ||
		   p->worker_open(l->here.self, &l->here.worker, &l->error));
	assert_string_equal(l->life.mistake.text, "");
}

static inline void loaded_close(struct loaded *l)
{
	const struct weir_plugin *p = &l->kind->plugin;

	if (l->open && p->worker_close != NULL)
		p->worker_close(l->here.self, l->here.worker);
	if (l->open && p->close != NULL)
		p->close(l->here.self);
	written_end(&l->written);
	registry_free(l->registry);
}

#endif
