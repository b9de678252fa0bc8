/* parcel.h - a Lua value as bytes, for what outlives the state or is read in another one. */
#ifndef CORE_SCRIPT_PARCEL_H
#define CORE_SCRIPT_PARCEL_H

#include <lua.h>

#include "core/base/str.h"

/* nil, booleans, numbers, strings, and tables of these, up to 32 deep; weir.json.null and the mark of
 * arrays are kept, other metatables are not. */

enum { PARCEL_MOST = 1 << 20 };

/* Pushes room with the bytes of the value at `at`, behind `ahead` free bytes, and lends all of it.
 * Raises for what cannot be packed, and over PARCEL_MOST. Calls no metamethods. */
struct weir_str parcel_pack(lua_State *L, int at, size_t ahead);

/* Pushes the value. Raises when these are no such bytes. */
void parcel_unpack(lua_State *L, struct weir_str bytes);

#endif
