/* json.h - JSON for scripts, straight between text and Lua values, so that its memory and work are
 * the script's own. */
#ifndef CORE_SCRIPT_JSON_H
#define CORE_SCRIPT_JSON_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <weir/error.h>

#include "core/base/str.h"

/* What a document may be at most; more is refused, never cut. */
struct json_limits {
	uint32_t depth;		/* at most JSON_DEPTH_MOST */
	uint32_t elements;	/* values in all */
	size_t bytes;		/* of the text */
};

enum { JSON_DEPTH_MOST = 128 };
#define JSON_LIMITS ((struct json_limits){ .depth = 64, .elements = 100000, .bytes = 1 << 20 })

/* Pushes the value of a whole document (RFC 8259): null is the light userdata NULL (weir.json.null),
 * integers stay integers, an array is known again as one even when it is empty. Text that is not
 * UTF-8 and keys that come twice are refused: two readers could disagree on them. False, with
 * nothing pushed and a sentence: it is no JSON or over a limit. Raises when out of memory. */
bool script_json_push(lua_State *L, struct weir_str text, const struct json_limits *limits,
		      struct weir_error *error);

/* Pushes the JSON of the value at `at` and lends its text. Keys are sorted, so that the same value
 * is the same text. Raises for what JSON has no word for. Calls no metamethods. The value at `at`
 * may be replaced by what it is a window on. */
struct weir_str script_json_text(lua_State *L, int at);

/* A read-only table (options) is a window on the real one: puts that in its place. */
void script_json_unfreeze(lua_State *L, int at);

/* Marks the table at `at` as an array. */
void script_json_mark_array(lua_State *L, int at);
/* Pushes the metatable that is the mark. */
void script_json_push_mark(lua_State *L);

#endif
