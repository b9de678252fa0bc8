/* binds.h - the libraries that scripts see, one file each. */
#ifndef CORE_SCRIPT_BINDS_H
#define CORE_SCRIPT_BINDS_H

#include "core/script/binding.h"

/* Each pushes one library, as a fresh table. Where Lua's own functions do work that neither the
 * memory limit nor the interpreter bounds, ours stand in their place. open_string() also makes
 * it what methods of strings are looked up in. They raise when out of memory. */
void open_string(lua_State *L);
void open_table(lua_State *L);
void open_utf8(lua_State *L);
void open_math(lua_State *L);

/* Each adds its part to the table `weir`, which is on top of the stack. */
void bind_cache(lua_State *L);
void bind_call(lua_State *L);
void bind_digest(lua_State *L);
void bind_json(lua_State *L);
void bind_log(lua_State *L);
void bind_re(lua_State *L);
void bind_store(lua_State *L);
void bind_time(lua_State *L);

/* weir.random(), and math.random() as well. */
int dice_random(lua_State *L);

extern const struct binding bindings_base[], bindings_coroutine[];
extern const struct binding bindings_cache[], bindings_call[], bindings_answer[];
extern const struct binding bindings_store[], bindings_counter[];
extern const struct binding bindings_digest[], bindings_base64[], bindings_hex[];
extern const struct binding bindings_json[], bindings_log[], bindings_re[], bindings_time[];
extern const struct binding bindings_find[], bindings_gsub[], bindings_string[];
extern const struct binding bindings_table[], bindings_sort[];
extern const struct binding bindings_utf8[], bindings_math[];

#endif
