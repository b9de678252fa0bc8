/* objects.h - what a script holds in its hand: the request, the response, and their parts. */
#ifndef CORE_SCRIPT_OBJECTS_H
#define CORE_SCRIPT_OBJECTS_H

#include "core/script/binding.h"
#include "core/script/run.h"

/* An object is an empty userdata that is known by its address: run->objects says whose and which. One that
 * a script kept from another request is none of them, and says so.
 *
 * The methods of the request and the response, and their parts, as `req.headers`, lie on a shelf: a table of
 * the object's own that is its __index, where Lua finds them without a call of ours. What is not there is
 * asked of the shelf, and that is what `index` of these two then gets. */

/* How objects of one kind behave: metamethods, and what __index finds by name: functions as they are, and
 * numbers that `read` makes a value of. */
struct object_class {
	const char *name;		/* "weir.request", in the registry */
	const struct binding *methods;	/* and fields, which are only told of; may be NULL */
	const luaL_Reg *meta;		/* __newindex, __pairs ... */
	int (*index)(lua_State *L);	/* instead of looking up; may be NULL */
};

extern const struct object_class request_class, response_class, headers_class, params_class,
	query_class, cookies_class, claims_class, log_class;

/* Their rows in the reference. */
extern const struct binding bindings_request[], bindings_response[], bindings_headers[];

/* The run, if argument 1 is its object `which`; else an error: "this request is over". */
struct script_run *object_check(lua_State *L, enum script_object which);
/* The same of a shelf. */
struct script_run *object_check_shelf(lua_State *L, enum script_object which);

/* The side of the headers object at argument 1. */
struct script_run *headers_check(lua_State *L, enum weir_side *side);

/* The exchange of the run, in a hook where there is one. */
static inline struct weir_exchange *object_exchange(const struct script_run *run)
{
	return run->ex;
}

/* bind_body.c: methods of request and response. */
int body_read(lua_State *L, enum weir_side side);	/* (self, {max=}) -> text | nil, why */
int body_json(lua_State *L, enum weir_side side);
int body_set(lua_State *L, enum weir_side side);	/* (self, text or table) */
/* Text as it is; a table as JSON, and then true in *json. */
struct weir_str body_text(lua_State *L, int at, bool *json);

/* bind_key.c: (self, KEY) -> text */
int request_key(lua_State *L);

#endif
