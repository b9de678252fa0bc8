/* registry.h - plugins by name: loaded when first named, and never unloaded. */
#ifndef CORE_PLUGIN_REGISTRY_H
#define CORE_PLUGIN_REGISTRY_H

#include "core/plugin/abi.h"
#include "core/plugin/role.h"

struct registry;

/* A plugin that is there. Lives as long as the process. */
struct kind {
	struct weir_plugin plugin;	/* of full size, whatever it was built with */
	struct kind_roles roles;	/* what plugin.policy ... point to, of full size as well */
	struct weir_str name, file;	/* file: absent when it came from no file */
	struct file_mark mark;		/* of the file when it was loaded */
};

bool kind_has(const struct kind *kind, enum role role);

/* All of it may be called on any thread: a lock is held while a file is being loaded. */
struct registry *registry_new(void);
void registry_free(struct registry *r);		/* the code stays mapped */

/* Where files are looked for: `folders` in order, then the built-in folder. Copied. */
bool registry_set_path(struct registry *r, const struct weir_str *folders, uint32_t count);

/* The plugin of this name; loads it when it is not there yet. NULL with a sentence that says
 * where it looked, or what is wrong with it, and what to do. */
const struct kind *registry_find(struct registry *r, struct weir_str name, struct weir_error *error);
/* The same, and it must have the role. */
const struct kind *registry_find_role(struct registry *r, struct weir_str name, enum role role,
				      struct weir_error *error);

/* A plugin that is part of the program (or of a test). Lent for ever. */
bool registry_add(struct registry *r, const struct weir_plugin *plugin, struct weir_error *error);

/* Policies that are no files of plugins: scripts. They stand beside the plugins, and a name that is in
 * both is a mistake. `find` gives the kind; or NULL without a sentence when it has none of that name.
 * What it gives must live as long as a use of it, or as `arg`. */
struct registry_scripts {
	const struct kind *(*find)(void *arg, struct weir_str name, struct weir_error *error);
	/* Calls `visit` for each that can be had; `bad` for those that cannot. */
	void (*visit)(void *arg, void (*visit)(void *visitor, const struct kind *kind),
		      void (*bad)(void *visitor, const char *sentence), void *visitor);
	void (*release)(void *arg);
	void *arg;			/* NULL: there are none */
};
/* Takes it; that of before is released. */
void registry_set_scripts(struct registry *r, const struct registry_scripts *scripts);

/* Loads every plugin that the path has, and calls `bad` for those that cannot be. */
void registry_load_all(struct registry *r, void (*bad)(void *arg, const char *sentence), void *arg);
/* In the order of their names. */
void registry_visit(struct registry *r, void (*visit)(void *arg, const struct kind *kind), void *arg);

/* Calls `changed` with a sentence for each loaded plugin whose file is not any more what was
 * loaded. */
void registry_changed(struct registry *r, void (*changed)(void *arg, const char *sentence), void *arg);

#endif
