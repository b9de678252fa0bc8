/* bind_named.c - `req.params`, `req.query`, `req.cookies`, `req.claims`, `req.log`: what has a name in a
 * request. */
#include <weir/exchange.h>

#include "core/script/objects.h"

static int named(lua_State *L, enum script_object which, enum weir_named kind)
{
	const struct script_run *run = object_check(L, which);

	script_push_str(L, weir_host_slot->named(run->ex, kind, script_check_str(L, 2)));
	return 1;
}

static int params_index(lua_State *L)
{
	return named(L, OBJECT_PARAMS, WEIR_NAMED_PARAM);
}

static int query_index(lua_State *L)
{
	return named(L, OBJECT_QUERY, WEIR_NAMED_QUERY);
}

static int cookies_index(lua_State *L)
{
	return named(L, OBJECT_COOKIES, WEIR_NAMED_COOKIE);
}

static int claims_index(lua_State *L)
{
	return named(L, OBJECT_CLAIMS, WEIR_NAMED_CLAIM);
}

static int no_write(lua_State *L)
{
	return luaL_error(L, "this can only be read; to change what is sent, set req.path or req.query");
}

/* tostring(req.query): the whole as it stands. */
static int query_tostring(lua_State *L)
{
	const struct script_run *run = object_check(L, OBJECT_QUERY);
	struct weir_str query = weir_request_query(run->ex);

	(void)lua_pushlstring(L, query.data != NULL ? query.data : "", query.len);
	return 1;
}

static int claims_newindex(lua_State *L)
{
	const struct script_run *run = object_check(L, OBJECT_CLAIMS);
	struct weir_str name = script_check_str(L, 2);

	if (!weir_claim_set(run->ex, name, script_check_str(L, 3)))
		return luaL_error(L, "claim \"%s\" cannot be set: no memory, or too many", name.data);
	return 0;
}

/* req.log.tenant = "a": a word in the access log. */
static int log_newindex(lua_State *L)
{
	const struct script_run *run = object_check(L, OBJECT_LOG);
	struct weir_str name = script_check_str(L, 2), value;

	value.data = luaL_tolstring(L, 3, &value.len);
	if (!weir_log_value(run->ex, name, value))
		return luaL_error(L, "req.log: no room for \"%s\"; there is room for 16", name.data);
	return 0;
}

static int log_index(lua_State *L)
{
	return luaL_error(L, "req.log can only be written");
}

static const luaL_Reg read_only[] = {
	{ "__newindex", no_write },
	{ NULL, NULL }
};

static const luaL_Reg query_meta[] = {
	{ "__newindex", no_write },
	{ "__tostring", query_tostring },
	{ NULL, NULL }
};

static const luaL_Reg claims_meta[] = {
	{ "__newindex", claims_newindex },
	{ NULL, NULL }
};

static const luaL_Reg log_meta[] = {
	{ "__newindex", log_newindex },
	{ NULL, NULL }
};

const struct object_class params_class = { "weir.params", NULL, read_only, params_index };
const struct object_class query_class = { "weir.query", NULL, query_meta, query_index };
const struct object_class cookies_class = { "weir.cookies", NULL, read_only, cookies_index };
const struct object_class claims_class = { "weir.claims", NULL, claims_meta, claims_index };
const struct object_class log_class = { "weir.log", NULL, log_meta, log_index };
