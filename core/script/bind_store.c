/* bind_store.c - weir.store and weir.counter: what a script keeps, for all workers. */
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/keeping.h"
#include "core/script/parcel.h"
#include "core/script/spend.h"

enum { ACCESS_COST = 100, ROOM_AT_FIRST = 512, TRIES = 4 };

struct weir_store *keeping_store(lua_State *L, const char *name)
{
	const struct script_run *run = script_running(L);

	script_spend(L, ACCESS_COST);
	if (run->store == NULL)
		luaL_error(L, "%s needs a request or `start`; it cannot be used while the script is read",
			   name);
	return run->store;
}

struct weir_str keeping_key(lua_State *L, enum keeping kind, int arg)
{
	struct weir_str key = string_arg(L, arg);
	luaL_Buffer b;
	char *out;

	luaL_argcheck(L, key.len <= KEEPING_KEY_MOST, arg, "a key has at most 4000 bytes; hash it");
	out = luaL_buffinitsize(L, &b, key.len + 1);
	out[0] = (char)kind;
	memcpy(out + 1, key.data, key.len);
	luaL_pushresultsize(&b, key.len + 1);
	key.data = lua_tolstring(L, -1, &key.len);
	return key;
}

/* It may have grown between two looks. */
struct weir_str keeping_get(lua_State *L, struct weir_store *store, struct weir_str key)
{
	size_t size = ROOM_AT_FIRST, len;

	for (int i = 0; i < TRIES; i++) {
		char *room = lua_newuserdatauv(L, size, 0);
		bool found = weir_store_get(store, key, room, size, &len);

		if (found && len <= size)
			return str_of(room, len);
		lua_pop(L, 1);
		if (!found)
			break;
		size = len;
	}
	return STR_ABSENT;
}

/* A method of weir.store. */
static struct weir_store *check_store(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TTABLE)
		luaL_error(L, "write a colon before a method: weir.store:get(key)");
	return keeping_store(L, "weir.store");
}

/* Forever, when there is none. */
static uint64_t span_arg(lua_State *L, int arg)
{
	return lua_isnoneornil(L, arg) ? WEIR_FOR_EVER : script_check_span(L, arg);
}

static int store_get(lua_State *L)
{
	struct weir_store *store = check_store(L);
	struct weir_str bytes = keeping_get(L, store, keeping_key(L, KEEPING_VALUE, 2));

	if (bytes.data == NULL)
		lua_pushnil(L);
	else
		parcel_unpack(L, bytes);
	return 1;
}

static int store_set(lua_State *L)
{
	struct weir_store *store = check_store(L);
	uint64_t ttl = span_arg(L, 4);
	struct weir_str key = keeping_key(L, KEEPING_VALUE, 2), bytes;

	if (lua_isnoneornil(L, 3)) {
		(void)weir_store_delete(store, key);
		lua_pushboolean(L, true);
		return 1;
	}
	bytes = parcel_pack(L, 3, 0);
	script_spend(L, bytes.len / 16);
	lua_pushboolean(L, weir_store_set(store, key, bytes, ttl));
	return 1;
}

static int store_set_new(lua_State *L)
{
	struct weir_store *store = check_store(L);
	uint64_t ttl = span_arg(L, 4);
	struct weir_str key = keeping_key(L, KEEPING_VALUE, 2), bytes;

	luaL_argcheck(L, !lua_isnoneornil(L, 3), 3, "nil is what is there when there is nothing");
	bytes = parcel_pack(L, 3, 0);
	script_spend(L, bytes.len / 16);
	lua_pushboolean(L, weir_store_swap(store, key, WEIR_ABSENT, bytes, ttl));
	return 1;
}

static int store_delete(lua_State *L)
{
	struct weir_store *store = check_store(L);

	lua_pushboolean(L, weir_store_delete(store, keeping_key(L, KEEPING_VALUE, 2)));
	return 1;
}

/* (key, ttl, by) -> what it is now */
static int weir_counter(lua_State *L)
{
	struct weir_store *store = keeping_store(L, "weir.counter");
	uint64_t ttl = span_arg(L, 2);
	lua_Integer by = luaL_optinteger(L, 3, 1);
	int64_t sum;

	if (!weir_store_add(store, keeping_key(L, KEEPING_COUNTER, 1), by, ttl, &sum))
		return luaL_error(L, "weir.counter: there is no memory for it, or the sum is too large");
	lua_pushinteger(L, sum);
	return 1;
}

void bind_store(lua_State *L)
{
	bindings_add(L, bindings_counter);
	lua_newtable(L);
	bindings_add(L, bindings_store);
	lua_setfield(L, -2, "store");
}

const struct binding bindings_store[] = {
	{ "get", store_get, "weir.store:get(key) -> value", "What was set under the key; nil: nothing.",
	  false, "0.1" },
	{ "set", store_set, "weir.store:set(key, value [, ttl]) -> boolean",
	  "Keeps a copy of a plain value for all workers, over reloads too; false when it is too large "
	  "(64 KiB) or there is no room.", false, "0.1" },
	{ "set_new", store_set_new, "weir.store:set_new(key, value [, ttl]) -> boolean",
	  "The same if there is nothing under the key yet; of many who try at once one gets true.",
	  false, "0.1" },
	{ "delete", store_delete, "weir.store:delete(key) -> boolean",
	  "Forgets it; true when there was something.", false, "0.1" },
	{ 0 }
};

const struct binding bindings_counter[] = {
	{ "counter", weir_counter, "weir.counter(key [, ttl [, by]]) -> integer",
	  "Adds 1 (or `by`) to a number that all workers share and gives what it is now; it begins at 0 "
	  "and is forgotten `ttl` after that.", false, "0.1" },
	{ 0 }
};
