/* tables.h - the option tables of the whole configuration file: what may stand where, and what
 * it means. */
#ifndef CORE_CONF_TABLES_H
#define CORE_CONF_TABLES_H

#include "core/conf/option.h"

extern const struct weir_option conf_options[];		/* the top of the file */

/* Parts of it, for whoever reads a part alone. */
extern const struct weir_option conf_listener_options[];
extern const struct weir_option conf_limits_options[];		/* at the top */
extern const struct weir_option conf_timeouts_options[];	/* at the top */
extern const struct weir_option conf_service_options[];
extern const struct weir_option conf_service_defaults[];	/* may stand in defaults.service */
extern const struct weir_option conf_route_options[];
extern const struct weir_option conf_route_defaults[];		/* may stand in defaults.route */
extern const struct weir_option conf_trace_options[];
extern const struct weir_option conf_match_options[];		/* of a route, and of `when` */

#endif
