/* bindings.c - the list of everything that scripts can call. */
#include "core/script/bindings.h"

#include <stddef.h>

#include "core/script/binds.h"

const script_bind script_bindings[] = {
	bind_cache,
	bind_call,
	bind_digest,
	bind_json,
	bind_log,
	bind_re,
	bind_store,
	bind_time,
	NULL
};
