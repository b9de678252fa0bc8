/* guard.h - how policies that ask who somebody is find what they look for, and refuse. */
#ifndef PLUGINS_COMMON_GUARD_H
#define PLUGINS_COMMON_GUARD_H

#include <weir/policy.h>

/* 401 with this reason and challenge; absent: without one. */
static inline enum weir_verdict guard_refuse(struct weir_exchange *ex, uint16_t status,
					     const char *reason, const char *why,
					     struct weir_str challenge)
{
	struct weir_field field = { WEIR_STR("www-authenticate"), challenge };
	struct weir_refusal refusal = WEIR_REFUSAL(.status = status,
		.reason = weir_str_from(reason), .why = weir_str_from(why), .headers = &field,
		.header_count = challenge.data != NULL);

	return weir_refuse_with(ex, &refusal);
}

#endif
