/* role.h - what a plugin can be in the configuration. */
#ifndef CORE_PLUGIN_ROLE_H
#define CORE_PLUGIN_ROLE_H

#include "core/base/str.h"

enum role {
	ROLE_POLICY,
	ROLE_BALANCER,
	ROLE_DISCOVERY,
	ROLE_RETRY,
	ROLE_TRACER,
	ROLE_COUNT
};

struct weir_str role_word(enum role role);	/* "policy", "balancer" ... */

#endif
