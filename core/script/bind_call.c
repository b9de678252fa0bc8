/* bind_call.c - weir.sleep and weir.call, get and post: what waits for something outside. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/json.h"

enum { HEADERS_MOST = 64 };
enum { SERVICE = 1, PATH, OPTIONS };	/* arguments */

static int weir_sleep_(lua_State *L)
{
	uint64_t ns = script_check_span(L, 1);
	struct script_run *run;

	(void)script_exchange(L, "weir.sleep");
	run = script_wait_begin(L);
	if (script_wait_end(L, weir_sleep(run->ex, ns)) == WEIR_OK) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushnil(L);
	lua_pushliteral(L, "timeout");
	return 2;
}

/* The request ---------------------------------------------------------------------- */

/* A request of the script's. Its texts stay on the stack: another request may change the tables they
 * came from while this one waits. */
struct asking {
	struct weir_call_request request;
	struct weir_field headers[HEADERS_MOST];
};

static void add_header(lua_State *L, struct asking *a, struct weir_str name, struct weir_str value)
{
	struct weir_call_request *r = &a->request;

	if (r->header_count == HEADERS_MOST)
		luaL_error(L, "at most %d headers", HEADERS_MOST);
	a->headers[r->header_count++] = (struct weir_field){ name, value };
}

/* name = value at the top of the stack, the value last; both stay below what lua_next() needs. */
static void read_header(lua_State *L, struct asking *a)
{
	struct weir_str name, value;

	if (lua_type(L, -2) != LUA_TSTRING)
		luaL_error(L, "headers is a table of names: {[\"x-name\"] = \"value\"}");
	if (!lua_isstring(L, -1))
		luaL_error(L, "the header %s is a %s; wanted a text", lua_tostring(L, -2),
			   luaL_typename(L, -1));
	value.data = lua_tolstring(L, -1, &value.len);
	name.data = lua_tolstring(L, -2, &name.len);
	add_header(L, a, name, value);
	lua_pushvalue(L, -2);	/* name value name */
}

static void read_headers(lua_State *L, struct asking *a)
{
	int table;

	if (lua_getfield(L, OPTIONS, "headers") == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	table = lua_gettop(L);
	luaL_checkstack(L, 2 * HEADERS_MOST + 8, NULL);
	lua_pushnil(L);
	while (lua_next(L, table) != 0)
		read_header(L, a);
}

/* A table is sent as JSON. */
static void read_body(lua_State *L, struct asking *a)
{
	int type = lua_getfield(L, OPTIONS, "body");

	if (type == LUA_TTABLE) {
		a->request.body = script_json_text(L, -1);
		add_header(L, a, STR("content-type"), STR("application/json"));
	} else if (type == LUA_TSTRING || type == LUA_TNUMBER) {
		a->request.body.data = lua_tolstring(L, -1, &a->request.body.len);
	} else if (type != LUA_TNIL) {
		luaL_error(L, "the body is a %s; wanted a text or a table", lua_typename(L, type));
	}
}

static void read_method(lua_State *L, struct asking *a)
{
	if (lua_getfield(L, OPTIONS, "method") != LUA_TNIL)
		a->request.method = string_arg(L, -1);
}

static const char *const known[] = { "method", "headers", "body", "timeout", "max", NULL };

static void refuse_unknown(lua_State *L)
{
	lua_pushnil(L);
	while (lua_next(L, OPTIONS) != 0) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
		int i = 0;

		while (known[i] != NULL && strcmp(known[i], key) != 0)
			i++;
		if (known[i] == NULL)
			luaL_error(L, "there is no option \"%s\"; there are method, headers, body, timeout "
				      "and max", key);
		lua_pop(L, 1);
	}
}

static void read_options(lua_State *L, struct asking *a)
{
	if (lua_isnoneornil(L, OPTIONS))
		return;
	luaL_checktype(L, OPTIONS, LUA_TTABLE);
	refuse_unknown(L);
	read_method(L, a);
	a->request.timeout_ns = script_span_field(L, OPTIONS, "timeout", 0);
	a->request.most = script_size_field(L, OPTIONS, "max", 0);
	read_body(L, a);
	read_headers(L, a);
}

/* The answer ----------------------------------------------------------------------- */

static int answer_json(lua_State *L)
{
	struct json_limits limits = JSON_LIMITS;
	struct weir_error error = { "" };

	luaL_checktype(L, 1, LUA_TTABLE);
	(void)lua_getfield(L, 1, "body");
	limits.bytes = SIZE_MAX;	/* it has been bounded by `max` */
	if (script_json_push(L, string_arg(L, -1), &limits, &error))
		return 1;
	lua_pushnil(L);
	lua_pushstring(L, error.text);
	return 2;
}

/* Names have no case. */
static int answer_header(lua_State *L)
{
	struct weir_str name = string_arg(L, 2);
	luaL_Buffer b;
	char *out;

	luaL_argcheck(L, name.len < 256, 2, "that is no name of a header");
	out = luaL_buffinitsize(L, &b, name.len);
	for (size_t i = 0; i < name.len; i++)
		out[i] = ascii_lower(name.data[i]);
	luaL_pushresultsize(&b, name.len);
	lua_rawget(L, 1);
	return 1;
}

/* Pushes a metatable that scripts cannot reach, and sets it. */
static void set_meta(lua_State *L, const char *name, void (*push_index)(lua_State *L))
{
	if (luaL_newmetatable(L, name) != 0) {
		push_index(L);
		lua_setfield(L, -2, "__index");
		lua_pushboolean(L, false);
		lua_setfield(L, -2, "__metatable");
	}
	(void)lua_setmetatable(L, -2);
}

static void push_answer_index(lua_State *L)
{
	lua_newtable(L);
	bindings_add(L, bindings_answer);
}

static void push_headers_index(lua_State *L)
{
	lua_pushcfunction(L, answer_header);
}

/* Repeated ones are joined; of set-cookie, which cannot be, the first stays. */
static void push_headers(lua_State *L, const struct weir_call_reply *reply)
{
	lua_createtable(L, 0, (int)reply->header_count);
	for (size_t i = 0; i < reply->header_count; i++) {
		const struct weir_field *field = &reply->headers[i];

		lua_pushlstring(L, field->name.data, field->name.len);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, -3) == LUA_TNIL) {
			lua_pop(L, 1);
			lua_pushlstring(L, field->value.data, field->value.len);
		} else if (!str_eq_nocase(field->name, STR("set-cookie"))) {
			lua_pushliteral(L, ", ");
			lua_pushlstring(L, field->value.data, field->value.len);
			lua_concat(L, 3);
		}
		lua_rawset(L, -3);
	}
	set_meta(L, "weir.answer.headers", push_headers_index);
}

static int push_answer(lua_State *L, const struct weir_call_reply *reply)
{
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, reply->status);
	lua_setfield(L, -2, "status");
	lua_pushlstring(L, reply->body.data != NULL ? reply->body.data : "", reply->body.len);
	lua_setfield(L, -2, "body");
	push_headers(L, reply);
	lua_setfield(L, -2, "headers");
	set_meta(L, "weir.answer", push_answer_index);
	return 1;
}

static int push_why(lua_State *L, const struct weir_call_reply *reply, enum weir_wait how)
{
	lua_pushnil(L);
	if (reply->reason.data != NULL)
		lua_pushlstring(L, reply->reason.data, reply->reason.len);
	else
		lua_pushstring(L, how == WEIR_TIMED_OUT ? "timeout" : how == WEIR_UNKNOWN ?
			       "unknown-service" : how == WEIR_TOO_LARGE ? "too-large" : "no-answer");
	return 2;
}

/* Calling --------------------------------------------------------------------------- */

static int go(lua_State *L, const char *name, struct weir_str method)
{
	struct asking a = { .request = WEIR_CALL(.service = string_arg(L, SERVICE),
						 .path = string_arg(L, PATH), .method = method) };
	struct weir_call_reply reply;
	struct script_run *run;
	enum weir_wait how;
	int results;

	(void)script_exchange(L, name);
	luaL_argcheck(L, a.request.path.len > 0 && a.request.path.data[0] == '/', PATH,
		      "a path begins with a slash");
	a.request.headers = a.headers;
	read_options(L, &a);
	run = script_wait_begin(L);
	how = script_wait_end(L, weir_call(run->ex, &a.request, &reply));
	results = how == WEIR_OK ? push_answer(L, &reply) : push_why(L, &reply, how);
	weir_call_done(&reply);	/* a script that polls must not fill the exchange's memory */
	return results;
}

static int weir_call_(lua_State *L)
{
	return go(L, "weir.call", STR_ABSENT);
}

static int weir_get(lua_State *L)
{
	return go(L, "weir.get", STR("GET"));
}

/* The body may stand in place of the options. */
static int weir_post(lua_State *L)
{
	if (lua_type(L, OPTIONS) == LUA_TSTRING) {
		lua_settop(L, OPTIONS);
		lua_newtable(L);
		lua_insert(L, OPTIONS);
		lua_setfield(L, OPTIONS, "body");
	}
	return go(L, "weir.post", STR("POST"));
}

void bind_call(lua_State *L)
{
	bindings_add(L, bindings_call);
}

const struct binding bindings_call[] = {
	{ "call", weir_call_, "weir.call(service, path [, options]) -> answer",
	  "Sends a request of its own to a configured service, with its balancing, retries and trace; nil "
	  "and a reason when there was no answer.", true, "0.1" },
	{ "get", weir_get, "weir.get(service, path [, options]) -> answer", "The same with GET.", true,
	  "0.1" },
	{ "post", weir_post, "weir.post(service, path [, options or body]) -> answer",
	  "The same with POST.", true, "0.1" },
	{ "sleep", weir_sleep_, "weir.sleep(time) -> true",
	  "Waits: seconds, or `\"250ms\"`; nil and `\"timeout\"` when the request's time ended first.",
	  true, "0.1" },
	{ 0 }
};

const struct binding bindings_answer[] = {
	{ "status", NULL, "answer.status", "The status, whatever it is.", false, "0.1" },
	{ "headers", NULL, "answer.headers[name]", "A header's value; names have no case.", false,
	  "0.1" },
	{ "body", NULL, "answer.body", "The whole body, up to `max` (1 MiB).", false, "0.1" },
	{ "json", answer_json, "answer:json() -> value",
	  "The body read as JSON; nil and a sentence when it is none.", false, "0.1" },
	{ 0 }
};
