/* test_result.c - what came of a request, as a table for the test. */
#include <ctype.h>

#include "core/weir/test.h"

static void set(lua_State *L, const char *name, struct weir_str text)
{
	if (text.data != NULL)
		lua_pushlstring(L, text.data, text.len);
	else
		lua_pushnil(L);
	lua_setfield(L, -2, name);
}

/* Headers ---------------------------------------------------------------------- */

static void push_lower(lua_State *L, struct weir_str name)
{
	luaL_Buffer b;
	char *at = luaL_buffinitsize(L, &b, name.len);

	for (size_t i = 0; i < name.len; i++)
		at[i] = (char)tolower((unsigned char)name.data[i]);
	luaL_pushresultsize(&b, name.len);
}

/* Headers have no case. */
static int header_index(lua_State *L)
{
	struct weir_str name;

	name.data = luaL_checklstring(L, 2, &name.len);
	push_lower(L, name);
	(void)lua_rawget(L, 1);
	return 1;
}

/* Repeated ones are joined with ", "; set-cookie, which cannot be, is a list. */
static void add_header(lua_State *L, const struct weir_field *f)
{
	bool cookie;

	push_lower(L, f->name);
	cookie = strcmp(lua_tostring(L, -1), "set-cookie") == 0;
	lua_pushvalue(L, -1);
	if (lua_rawget(L, -3) == LUA_TNIL && cookie) {
		lua_pop(L, 1);
		lua_newtable(L);
	}
	if (cookie) {
		lua_pushlstring(L, f->value.data, f->value.len);
		lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	} else if (lua_isnil(L, -1)) {
		lua_pushlstring(L, f->value.data, f->value.len);
		lua_replace(L, -2);
	} else {
		lua_pushliteral(L, ", ");
		lua_pushlstring(L, f->value.data, f->value.len);
		lua_concat(L, 3);
	}
	lua_rawset(L, -3);
}

static void set_headers(lua_State *L, const struct weir_exchange *ex, enum weir_side side,
			const char *name)
{
	struct weir_field f;

	lua_newtable(L);
	for (uint32_t n = 0; weir_fake_header_nth(ex, side, n, &f); n++)
		add_header(L, &f);
	if (luaL_newmetatable(L, "weir.test.headers")) {
		lua_pushcfunction(L, header_index);
		lua_setfield(L, -2, "__index");
	}
	(void)lua_setmetatable(L, -2);
	lua_setfield(L, -2, name);
}

/* The rest ----------------------------------------------------------------------- */

/* As it went upstream. */
static void set_sent(lua_State *L, const struct weir_exchange *ex)
{
	struct weir_str body = weir_fake_body(ex, WEIR_REQUEST);

	lua_newtable(L);
	set(L, "method", weir_fake_part(ex, WEIR_PART_METHOD));
	set(L, "host", weir_fake_part(ex, WEIR_PART_HOST));
	set(L, "path", weir_fake_part(ex, WEIR_PART_PATH));
	set(L, "query", weir_fake_part(ex, WEIR_PART_QUERY));
	set(L, "body", body.data != NULL ? body : WEIR_STR(""));
	set_headers(L, ex, WEIR_REQUEST, "headers");
	lua_setfield(L, -2, "sent");
}

/* What the policies have written, by name; of several of one name the last. */
static void set_fields(lua_State *L, const struct weir_exchange *ex, const char *name,
		       bool (*nth)(const struct weir_exchange *, uint32_t, struct weir_field *))
{
	struct weir_field f;

	lua_newtable(L);
	for (uint32_t n = 0; nth(ex, n, &f); n++) {
		lua_pushlstring(L, f.name.data, f.name.len);
		lua_pushlstring(L, f.value.data, f.value.len);
		lua_rawset(L, -3);
	}
	lua_setfield(L, -2, name);
}

static void set_calls(lua_State *L, const struct test_world *w, uint32_t from)
{
	const struct weir_call_request *call;

	lua_newtable(L);
	for (uint32_t i = from; (call = weir_fake_call(w->fake, i)) != NULL; i++) {
		test_push_call(L, call);
		lua_rawseti(L, -2, (lua_Integer)(i - from) + 1);
	}
	lua_setfield(L, -2, "calls");
}

static void set_lines(lua_State *L, const struct test_world *w, uint32_t from)
{
	const char *line;

	lua_newtable(L);
	for (uint32_t i = from; (line = weir_fake_said(w->fake, i)) != NULL; i++) {
		lua_pushstring(L, line);
		lua_rawseti(L, -2, (lua_Integer)(i - from) + 1);
	}
	lua_setfield(L, -2, "lines");
}

/* A policy's own answer has none, as it has no weir-reason header. */
static struct weir_str reason_of(const struct weir_exchange *ex)
{
	struct weir_str reason = weir_fake_part(ex, WEIR_PART_REASON);
	bool own = weir_str_eq(reason, WEIR_STR("refused")) && weir_fake_why(ex).data == NULL;

	return own ? WEIR_ABSENT : reason;
}

void test_push_result(lua_State *L, const struct test_world *w, const struct weir_exchange *ex,
		      const struct test_since *since)
{
	struct weir_str reason = reason_of(ex);
	struct weir_str body = weir_fake_body(ex, WEIR_RESPONSE);

	lua_newtable(L);
	lua_pushinteger(L, weir_fake_status(ex));
	lua_setfield(L, -2, "status");
	set(L, "body", body.data != NULL ? body : WEIR_STR(""));
	set(L, "reason", reason);
	set(L, "why", weir_fake_why(ex));
	lua_pushboolean(L, weir_fake_why(ex).data != NULL);
	lua_setfield(L, -2, "refused");
	set(L, "service", weir_fake_part(ex, WEIR_PART_SERVICE));
	set(L, "identity", weir_fake_part(ex, WEIR_PART_IDENTITY));
	set_headers(L, ex, WEIR_RESPONSE, "headers");
	set_headers(L, ex, WEIR_TRAILERS, "trailers");
	lua_pushinteger(L, weir_fake_attempts(ex));
	lua_setfield(L, -2, "attempts");
	set_sent(L, ex);
	set_fields(L, ex, "log", weir_fake_logged_nth);
	set_fields(L, ex, "claims", weir_fake_claim_nth);
	set_calls(L, w, since->calls);
	set_lines(L, w, since->lines);
	lua_pushinteger(L, (lua_Integer)(weir_fake_waits(w->fake) - since->waits));
	lua_setfield(L, -2, "waits");
	lua_pushnumber(L, (double)(weir_fake_host()->now() - since->now) / 1e9);
	lua_setfield(L, -2, "seconds");
}
