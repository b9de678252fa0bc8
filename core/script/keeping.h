/* keeping.h - a script's part of what all workers share: values, counters and cached answers. */
#ifndef CORE_SCRIPT_KEEPING_H
#define CORE_SCRIPT_KEEPING_H

#include <lua.h>
#include <weir/store.h>

#include "core/base/str.h"

/* Each kind has keys of its own. */
enum keeping { KEEPING_VALUE = 's', KEEPING_COUNTER = 'n', KEEPING_CACHE = 'c' };

enum { KEEPING_KEY_MOST = 4000 };

/* The store of the script that runs; raises where it has none. */
struct weir_store *keeping_store(lua_State *L, const char *name);

/* Pushes the key at argument `arg` as it stands in the store, and lends it. Raises when it is no
 * text, or too long. */
struct weir_str keeping_key(lua_State *L, enum keeping kind, int arg);

/* Pushes the bytes that stand under the key, as room of the state, and lends them; absent, with
 * nothing pushed: there are none. */
struct weir_str keeping_get(lua_State *L, struct weir_store *store, struct weir_str key);

#endif
