/* role.c - what a plugin can be in the configuration. */
#include "config.h"

#include "core/plugin/role.h"

struct weir_str role_word(enum role role)
{
	static const struct weir_str words[AS_COUNT] = {
		[AS_POLICY] = WEIR_STR("policy"),
		[AS_BALANCER] = WEIR_STR("balancer"),
		[AS_DISCOVERY] = WEIR_STR("discovery"),
		[AS_RETRY] = WEIR_STR("retry"),
		[AS_TRACER] = WEIR_STR("tracer"),
	};

	return words[role];
}
