/* schema.h - JSON Schema (2020-12) of the configuration, printed from the option tables, for
 * editors. */
#ifndef CORE_CONF_SCHEMA_H
#define CORE_CONF_SCHEMA_H

#include <jansson.h>

#include "core/conf/slot.h"

/* A plugin that may stand in slots of this role. A plugin with two roles is listed twice. */
struct schema_plugin {
	const char *name;
	enum slot_role role;
	const char *summary;
	const struct weir_option *options;	/* NULL: none */
};

/* The schema of the whole file. Slots accept the plugins listed; where none of a role is, any name.
 * NULL: out of memory. The caller owns it (json_decref). */
json_t *schema_of_configuration(const struct schema_plugin *plugins, size_t count);

/* The schema of one table: an object. For the options of a plugin. */
json_t *schema_of_table(const struct weir_option *table);

#endif
