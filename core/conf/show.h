/* show.h - the effective configuration as JSON: defaults filled in, secrets masked. */
#ifndef CORE_CONF_SHOW_H
#define CORE_CONF_SHOW_H

#include <jansson.h>

#include "core/conf/conf.h"

/* What stands where a secret would. */
#define SHOW_MASK "(secret)"

/* The whole. Options of plugins are shown with their defaults once conf_check_slot() has seen
 * them, and as they were written before. NULL: out of memory. The caller owns it (json_decref).
 * [any thread] */
json_t *show_configuration(const struct conf *conf);

/* One object of it: a route, a service, the options of a plugin. */
json_t *show_values(const struct conf_values *values);

#endif
