/* fuzz_lua_json.c - what scripts read as JSON, another reader takes too; written and read again it is the
 * same. */
#include <lauxlib.h>

#include "core/base/json.h"
#include "core/script/json.h"
#include "core/script/spend.h"
#include "tests/fuzz/fuzz.h"

/* A script of this state may do what it likes: the limits are those of the document. */
void script_spend(lua_State *L, uint64_t steps)
{
	(void)L;
	(void)steps;
}

static bool push(lua_State *L, struct weir_str text)
{
	struct weir_error error = { "" };
	bool good = script_json_push(L, text, &JSON_LIMITS, &error);

	must(good == (error.text[0] == '\0'));
	return good;
}

/* jansson knows neither integers over 64 bits nor NUL in keys. */
static void ask_the_other(struct weir_str text)
{
	struct weir_error error = { "" };
	json_t *other;

	if (str_find_str(text, STR("\\u0000")) < text.len)
		return;
	other = json_read(text, 1 << 20, &error);
	must(other != NULL || strstr(error.text, "too big") != NULL);
	json_decref(other);
}

static int run(lua_State *L)
{
	struct weir_str in, first, second;

	in.data = lua_tolstring(L, 1, &in.len);
	if (!push(L, in))
		return 0;
	ask_the_other(in);
	first = script_json_text(L, -1);
	must(push(L, first));
	second = script_json_text(L, -1);
	must(str_eq(first, second));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static lua_State *L;

	if (L == NULL)
		L = luaL_newstate();
	must(L != NULL);
	lua_settop(L, 0);
	lua_pushcfunction(L, run);
	lua_pushlstring(L, (const char *)data, size);
	must(lua_pcall(L, 1, 0, 0) == LUA_OK);
	return 0;
}
