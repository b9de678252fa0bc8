/* bind_time.c - clocks, dates and dice: the host's, so that a test can set them. */
#include <math.h>
#include <weir/host.h>

#include "core/http/date.h"
#include "core/script/binds.h"
#include "core/script/finding.h"

static int weir_time(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)(weir_host_slot->wall() / 1000) / 1e6);
	return 1;
}

static int weir_now(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)weir_host_slot->now() / 1e9);
	return 1;
}

/* (seconds) -> "Sun, 06 Nov 1994 08:49:37 GMT" */
static int weir_http_date(lua_State *L)
{
	lua_Number seconds = luaL_optnumber(L, 1, (lua_Number)(weir_host_slot->wall() / 1000000000));
	char text[HTTP_DATE_BYTES];

	luaL_argcheck(L, seconds >= 0 && seconds < 253402300800.0, 1,
		      "wanted seconds between the years 1970 and 9999");
	http_date_write(text, (uint64_t)seconds);
	lua_pushlstring(L, text, sizeof(text));
	return 1;
}

static int weir_parse_http_date(lua_State *L)
{
	uint64_t seconds;

	if (http_date_parse(string_arg(L, 1), &seconds))
		lua_pushinteger(L, (lua_Integer)seconds);
	else
		lua_pushnil(L);
	return 1;
}

/* Without bias: what lies above the last whole multiple is thrown again. */
static lua_Unsigned dice_below(lua_Unsigned n)
{
	lua_Unsigned over = n == 0 ? 0 : (0 - n) % n, thrown;

	do
		thrown = weir_host_slot->dice();
	while (thrown < over);
	return n == 0 ? thrown : thrown % n;
}

/* () -> 0 .. below 1; (n) -> 1 .. n; (m, n) -> m .. n */
int dice_random(lua_State *L)
{
	lua_Integer low = 1, high;

	if (lua_gettop(L) == 0) {
		lua_pushnumber(L, (lua_Number)(weir_host_slot->dice() >> 11) * 0x1p-53);
		return 1;
	}
	if (lua_gettop(L) > 1)
		low = luaL_checkinteger(L, 1);
	high = luaL_checkinteger(L, lua_gettop(L) > 1 ? 2 : 1);
	luaL_argcheck(L, low <= high, lua_gettop(L) > 1 ? 2 : 1, "interval is empty");
	lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low +
					 dice_below((lua_Unsigned)high - (lua_Unsigned)low + 1)));
	return 1;
}

void bind_time(lua_State *L)
{
	bindings_add(L, bindings_time);
}

const struct binding bindings_time[] = {
	{ "time", weir_time, "weir.time() -> number", "Seconds since 1970, with fractions.", false,
	  "0.1" },
	{ "now", weir_now, "weir.now() -> number",
	  "Seconds on a clock that never jumps: for how long something took.", false, "0.1" },
	{ "http_date", weir_http_date, "weir.http_date([seconds]) -> text",
	  "A time as HTTP headers have it: `Sun, 06 Nov 1994 08:49:37 GMT`.", false, "0.1" },
	{ "parse_http_date", weir_parse_http_date, "weir.parse_http_date(text) -> seconds",
	  "Reads such a date; nil when it is none.", false, "0.1" },
	{ "random", dice_random, "weir.random([[low,] high]) -> number",
	  "A number from 0 to below 1, or an integer from `low` (1) to `high`; not for secrets, see "
	  "`weir.token`.", false, "0.1" },
	{ 0 }
};
