/* values.h - the options of one use, copied so that each worker can make a Lua table of them. */
#ifndef CORE_SCRIPT_VALUES_H
#define CORE_SCRIPT_VALUES_H

#include <lua.h>
#include <weir/option.h>
#include <weir/setup.h>

#include "core/base/arena.h"

enum value_kind {
	VALUE_ABSENT, VALUE_TEXT, VALUE_WHOLE, VALUE_NUMBER, VALUE_BOOLEAN, VALUE_LIST, VALUE_MAP
};

/* Immutable; lives in the arena. */
struct value {
	enum value_kind kind;
	struct weir_str name;		/* within a map */
	union {
		struct weir_str text;
		int64_t whole;
		double number;
		bool boolean;
		struct {
			struct value *items;	/* of a list or map */
			uint32_t count;
		};
	};
};

/* Copies what stands in the setup by this table. Durations become seconds; sizes and `none` numbers,
 * huge ones. NULL when out of memory. */
struct value *options_copy(struct arena *arena, const struct weir_setup *setup,
			  const struct weir_option *table);

/* Pushes it. Raises. */
void options_push(lua_State *L, const struct value *v);

#endif
