/* test_service.c - t:service: what others answer in a test, as a table, a text or a function. */
#include <string.h>

#include "core/base/arena.h"
#include "core/weir/test.h"

/* A function of the test that answers for a service. It lies in the registry until the file ends. */
struct test_service {
	struct test_world *world;
	int fn;
};

static struct weir_str copy_at(lua_State *L, int at, struct arena *arena)
{
	struct weir_str text;

	text.data = lua_tolstring(L, at, &text.len);
	return arena_copy(arena, text);
}

static void one_field(lua_State *L, struct arena *arena, struct weir_fake_answer *answer,
		      struct weir_field *fields)
{
	if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
		(void)test_fail(L, "headers are written as { [\"x-name\"] = \"value\" }");
	lua_pushvalue(L, -2);
	fields[answer->header_count++] = (struct weir_field){ copy_at(L, -1, arena),
							      copy_at(L, -2, arena) };
	lua_pop(L, 1);
}

enum { FIELDS_MOST = 64 };

static void read_headers(lua_State *L, int at, struct arena *arena, struct weir_fake_answer *answer)
{
	struct weir_field *fields = arena_take(arena, FIELDS_MOST * sizeof(*fields));

	answer->headers = fields;
	if (lua_getfield(L, at, "headers") == LUA_TTABLE && fields != NULL) {
		lua_pushnil(L);
		while (lua_next(L, -2) != 0 && answer->header_count < FIELDS_MOST - 1) {
			one_field(L, arena, answer, fields);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

/* `json` in place of `body`. */
static void read_body(lua_State *L, int at, struct arena *arena, struct weir_fake_answer *answer)
{
	struct weir_field *fields = (struct weir_field *)(uintptr_t)answer->headers;
	struct buffer *text;

	if (lua_getfield(L, at, "body") != LUA_TNIL) {
		answer->body = copy_at(L, -1, arena);
		lua_pop(L, 1);
		return;
	}
	lua_pop(L, 1);
	if (lua_getfield(L, at, "json") != LUA_TNIL) {
		text = test_buffer(L);
		test_value_json(L, -2, text);
		answer->body = arena_copy(arena, buffer_str(text));
		lua_pop(L, 1);
		fields[answer->header_count++] = (struct weir_field){
			WEIR_STR("content-type"), WEIR_STR("application/json"),
		};
	}
	lua_pop(L, 1);
}

void test_answer(lua_State *L, int at, struct arena *arena, struct weir_fake_answer *answer)
{
	at = lua_absindex(L, at);
	*answer = (struct weir_fake_answer){ .status = 200 };
	if (lua_type(L, at) == LUA_TSTRING) {
		answer->body = copy_at(L, at, arena);
		return;
	}
	if (!lua_istable(L, at))
		(void)test_fail(L, "an answer is a text or a table such as { status = 200, body = \"...\" }");
	if (lua_getfield(L, at, "status") != LUA_TNIL)
		answer->status = (uint16_t)lua_tointeger(L, -1);
	if (lua_getfield(L, at, "reason") == LUA_TSTRING)
		answer->reason = copy_at(L, -1, arena);
	if (lua_getfield(L, at, "delay") != LUA_TNIL)
		answer->delay_ns = test_span(L, -1);
	lua_pop(L, 3);
	read_headers(L, at, arena, answer);
	read_body(L, at, arena, answer);
}

/* Functions ------------------------------------------------------------------------ */

static void set_text(lua_State *L, const char *name, struct weir_str text)
{
	if (text.data == NULL)
		return;
	lua_pushlstring(L, text.data, text.len);
	lua_setfield(L, -2, name);
}

void test_push_call(lua_State *L, const struct weir_call_request *call)
{
	lua_newtable(L);
	set_text(L, "service", call->service);
	set_text(L, "url", call->url);
	set_text(L, "method", call->method);
	set_text(L, "path", call->path);
	set_text(L, "body", call->body);
	lua_newtable(L);
	for (size_t i = 0; i < call->header_count; i++) {
		lua_pushlstring(L, call->headers[i].name.data, call->headers[i].name.len);
		lua_pushlstring(L, call->headers[i].value.data, call->headers[i].value.len);
		lua_rawset(L, -3);
	}
	lua_setfield(L, -2, "headers");
}

struct asked {
	struct test_service *service;
	const struct weir_call_request *request;
	struct weir_fake_answer *answer;
	struct arena *arena;
};

static int ask_function(lua_State *L)
{
	struct asked *asked = lua_touserdata(L, 1);

	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, asked->service->fn);
	test_push_call(L, asked->request);
	lua_call(L, 1, 1);
	test_answer(L, -1, asked->arena, asked->answer);
	return 0;
}

/* Called from within the policy's run: nothing may be raised through that. */
static void answer_by_function(void *arg, const struct weir_call_request *request,
			       struct weir_fake_answer *answer)
{
	struct test_service *service = arg;
	struct test_world *w = service->world;
	struct asked asked = { service, request, answer, &w->arena };
	lua_State *L = w->file->L;

	lua_pushcfunction(L, ask_function);
	lua_pushlightuserdata(L, &asked);
	if (lua_pcall(L, 1, 0, 0) == LUA_OK)
		return;
	*answer = (struct weir_fake_answer){ .reason = WEIR_STR("connect-failed") };
	w->service_failed = true;
	lua_setfield(L, LUA_REGISTRYINDEX, "weir.test.service");
}

static void by_function(lua_State *L, struct test_world *w, const char *name)
{
	struct test_service *service = lua_newuserdatauv(L, sizeof(*service), 0);

	service->world = w;
	(void)luaL_ref(L, LUA_REGISTRYINDEX);	/* kept */
	lua_pushvalue(L, 3);
	service->fn = luaL_ref(L, LUA_REGISTRYINDEX);
	weir_fake_service_by(w->fake, name, answer_by_function, service);
}

/* t:service(name, answer ...): several one after the other, the last for ever; a function is asked each
 * time; false: there is no such service. */
static int service(lua_State *L)
{
	struct test_world *w = test_world_of(L);
	const char *name = luaL_checkstring(L, 2);
	struct weir_fake_answer answer;

	if (lua_isfunction(L, 3)) {
		by_function(L, w, name);
		return 0;
	}
	if (lua_isboolean(L, 3) && !lua_toboolean(L, 3)) {
		weir_fake_service(w->fake, name, NULL);
		return 0;
	}
	luaL_checkany(L, 3);
	for (int at = 3; at <= lua_gettop(L); at++) {
		test_answer(L, at, &w->arena, &answer);
		weir_fake_service(w->fake, name, &answer);
	}
	return 0;
}

const luaL_Reg test_services[] = {
	{ "service", service },
	{ NULL, NULL }
};
