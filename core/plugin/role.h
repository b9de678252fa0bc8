/* role.h - what a plugin can be in the configuration. */
#ifndef CORE_PLUGIN_ROLE_H
#define CORE_PLUGIN_ROLE_H

#include "core/base/str.h"

enum role {
	AS_POLICY,
	AS_BALANCER,
	AS_DISCOVERY,
	AS_RETRY,
	AS_TRACER,
	AS_COUNT
};

struct weir_str role_word(enum role role);	/* "policy", "balancer" ... */

#endif
