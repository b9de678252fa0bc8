/* binding.h - a function that scripts see: what runs it, and what the reference says of it. */
#ifndef CORE_SCRIPT_BINDING_H
#define CORE_SCRIPT_BINDING_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "core/base/buffer.h"

/* One row makes both the function and its lines in docs/lua/reference.md: what is not told of
 * cannot be called. A table ends with an empty row. */
struct binding {
	const char *name;	/* the field's: "sleep" */
	lua_CFunction call;	/* NULL: a value, or set by other means; only told of */
	const char *signature;	/* "weir.sleep(time)", with what it gives: "-> string" */
	const char *about;	/* one sentence */
	bool waits;		/* may park the request's fiber */
	const char *since;	/* the version it came with */
};

/* What belongs together in the reference. */
struct binding_group {
	const char *title;
	const char *about;	/* before the table; may be NULL */
	const struct binding *const rows[4];	/* one after the other; ends with NULL */
};

/* Sets the functions of `rows` as fields of the table on top of the stack. Raises when out of
 * memory. */
void bindings_add(lua_State *L, const struct binding *rows);

/* All groups, in the order of the reference; ends with an empty one. */
extern const struct binding_group binding_groups[];

/* The reference, as Markdown. False: it does not fit. */
bool bindings_print(struct buffer *out);

#endif
