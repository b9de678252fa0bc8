/* bind_request.c - `req`: what the client asked, where it goes, and how it can end here. */
#include <math.h>
#include <weir/exchange.h>

#include "core/base/str.h"
#include "core/http/header.h"
#include "core/script/objects.h"

enum { REPLY_HEADERS_MOST = 64 };

/* Fields --------------------------------------------------------------------- */

/* Numbers that stand for fields: parts of the window, then ours. */
enum { FIELD_ATTEMPT = 100, FIELD_TIME_LEFT };

static const struct {
	const char *name;
	int code;
} fields[] = {
	{ "method", WEIR_PART_METHOD }, { "scheme", WEIR_PART_SCHEME },
	{ "host", WEIR_PART_HOST }, { "path", WEIR_PART_PATH },
	{ "query_string", WEIR_PART_QUERY }, { "target", WEIR_PART_TARGET },
	{ "client", WEIR_PART_CLIENT }, { "identity", WEIR_PART_IDENTITY },
	{ "id", WEIR_PART_ID }, { "route", WEIR_PART_ROUTE },
	{ "service", WEIR_PART_SERVICE }, { "listener", WEIR_PART_LISTENER },
	{ "protocol", WEIR_PART_PROTOCOL }, { "endpoint", WEIR_PART_ENDPOINT },
	{ "attempt", FIELD_ATTEMPT }, { "time_left", FIELD_TIME_LEFT },
};

static int push_field(lua_State *L, const struct script_run *run, int code)
{
	uint64_t left;

	switch (code) {
	case FIELD_ATTEMPT:
		lua_pushinteger(L, weir_attempts(run->ex));
		return 1;
	case FIELD_TIME_LEFT:
		left = weir_time_left(run->ex);
		lua_pushnumber(L, left == UINT64_MAX ? HUGE_VAL : (double)left / 1e9);
		return 1;
	default:
		script_push_str(L, weir_host_slot->part(run->ex, (enum weir_part)code));
		return 1;
	}
}

/* The names are put in place with the first object of the VM. */
static void fill_names(lua_State *L)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		lua_pushinteger(L, fields[i].code);
		lua_setfield(L, lua_upvalueindex(1), fields[i].name);
	}
}

static int unknown(lua_State *L)
{
	return luaL_error(L, "a request has no field \"%s\"", luaL_tolstring(L, 2, NULL));
}

/* Of the shelf, for what does not lie on it. */
static int request_index(lua_State *L)
{
	const struct script_run *run = object_check_shelf(L, OBJECT_REQUEST_SHELF);

	lua_pushvalue(L, 2);
	if (likely(lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER))
		return push_field(L, run, (int)lua_tointeger(L, -1));
	lua_pushliteral(L, "method");
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER)
		return unknown(L);
	fill_names(L);
	lua_settop(L, 2);
	return request_index(L);
}

static int request_newindex(lua_State *L)
{
	struct script_run *run = object_check(L, OBJECT_REQUEST);
	const char *name = luaL_checkstring(L, 2);
	struct weir_str value = script_check_str(L, 3);
	struct weir_error error = { "" };
	enum weir_part part;

	if (strcmp(name, "path") == 0)
		part = WEIR_PART_PATH;
	else if (strcmp(name, "query") == 0 || strcmp(name, "query_string") == 0)
		part = WEIR_PART_QUERY;
	else if (strcmp(name, "host") == 0)
		part = WEIR_PART_HOST;
	else
		return luaL_error(L, "req.%s cannot be set; path, query and host can", name);
	if (!weir_host_slot->part_rewrite(run->ex, part, value, &error))
		return luaL_error(L, "req.%s cannot be set: %s", name, error.text);
	return 0;
}

/* Ends that do not return ------------------------------------------------------ */

/* From a `__close`, while the first end is on its way: that one holds, and the log says so. */
static noreturn void answered_twice(lua_State *L, struct script_run *run, const char *what)
{
	struct weir_str said = { NULL, 0 };

	luaL_where(L, 1);
	lua_pushfstring(L, "%sreq:%s: the request has been decided already", lua_tostring(L, -1), what);
	said.data = lua_tolstring(L, -1, &said.len);
	script_log(run, WEIR_ERROR, said);
	script_end(L, ENDING_DECIDED);
}

static struct script_run *check_can_end(lua_State *L, const char *what)
{
	struct script_run *run = object_check(L, OBJECT_REQUEST);

	if (unlikely(run->ending == ENDING_DECIDED))
		answered_twice(L, run, what);
	if (run->hook == HOOK_DONE)
		(void)luaL_error(L, "req:%s in `done`: the answer has been sent", what);
	return run;
}

static uint16_t check_status(lua_State *L, int at, lua_Integer least, lua_Integer fallback)
{
	lua_Integer status = fallback != 0 ? luaL_optinteger(L, at, fallback)
					   : luaL_checkinteger(L, at);

	luaL_argcheck(L, status >= least && status <= 599, at, "a status is 200 to 599, of a refusal 400 "
							       "to 599, of a redirect 300 to 399");
	return (uint16_t)status;
}

static noreturn void decide(lua_State *L, struct script_run *run, enum weir_verdict verdict)
{
	run->verdict = verdict;
	script_end(L, ENDING_DECIDED);
}

struct reply_headers {
	struct weir_exchange *ex;
	struct weir_field at[REPLY_HEADERS_MOST];
	size_t count;
};

/* The value is at the top; it is copied, for a number has no text of its own. */
static void add_field(lua_State *L, struct reply_headers *to, struct weir_str name)
{
	struct weir_str value = { NULL, 0 };

	if (!lua_isstring(L, -1))
		(void)luaL_error(L, "headers of a reply are written as { [\"x-name\"] = \"value\" }");
	if (to->count == REPLY_HEADERS_MOST)
		(void)luaL_error(L, "a reply has at most %d headers", REPLY_HEADERS_MOST);
	lua_pushvalue(L, -1);
	value.data = lua_tolstring(L, -1, &value.len);
	value = weir_copy(to->ex, value);
	lua_pop(L, 1);
	if (value.data == NULL)
		(void)luaL_error(L, "not enough memory for a header");
	if (!header_name_valid(name) || !header_value_valid(value))
		(void)luaL_error(L, "the header \"%s\" has a name or value that is not valid", name.data);
	to->at[to->count++] = (struct weir_field){ name, value };
}

static void add_list(lua_State *L, struct reply_headers *to, struct weir_str name)
{
	lua_Integer n = luaL_len(L, -1);

	for (lua_Integer i = 1; i <= n; i++) {
		(void)lua_geti(L, -1, i);
		add_field(L, to, name);
		lua_pop(L, 1);
	}
}

/* Names stay in the table at `at`, which stays on the stack. */
static void read_headers(lua_State *L, int at, struct reply_headers *to)
{
	struct weir_str name;

	if (lua_isnil(L, at))
		return;
	luaL_checktype(L, at, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		if (lua_type(L, -2) != LUA_TSTRING)
			(void)luaL_error(L, "the name of a header is a text");
		name.data = lua_tolstring(L, -2, &name.len);
		if (lua_istable(L, -1))
			add_list(L, to, name);
		else
			add_field(L, to, name);
		lua_pop(L, 1);
	}
}

/* req:reply(status, body, headers) */
static int request_reply(lua_State *L)
{
	struct script_run *run = check_can_end(L, "reply");
	struct reply_headers headers = { .ex = run->ex };
	struct weir_reply reply = WEIR_REPLY(.status = check_status(L, 2, 200, 0));
	bool json;

	lua_settop(L, 4);
	reply.body = body_text(L, 3, &json);
	if (json)
		reply.content_type = WEIR_STR("application/json");
	read_headers(L, 4, &headers);
	for (size_t i = 0; i < headers.count; i++)
		if (str_eq_nocase(headers.at[i].name, STR("content-type")))
			reply.content_type = headers.at[i].value;
	reply.headers = headers.at;
	reply.header_count = headers.count;
	(void)weir_reply_with(run->ex, &reply);
	decide(L, run, WEIR_ANSWERED);
}

/* req:deny(status, why) */
static int request_deny(lua_State *L)
{
	struct script_run *run = check_can_end(L, "deny");
	uint16_t status = check_status(L, 2, 400, 403);
	struct weir_str why = lua_isnoneornil(L, 3) ? WEIR_ABSENT : script_check_str(L, 3);

	(void)weir_refuse(run->ex, status, why);
	decide(L, run, WEIR_REFUSED);
}

/* req:redirect(url, status) */
static int request_redirect(lua_State *L)
{
	struct script_run *run = check_can_end(L, "redirect");
	const struct weir_field location = { WEIR_STR("location"), script_check_str(L, 2) };
	struct weir_reply reply = WEIR_REPLY(.headers = &location, .header_count = 1);

	luaL_argcheck(L, location.value.len > 0, 2, "where to?");
	luaL_argcheck(L, header_value_valid(location.value), 2, "a URL has no line breaks");
	reply.status = check_status(L, 3, 300, 302);
	luaL_argcheck(L, reply.status < 400, 3, "a redirect has a status of 300 to 399");
	(void)weir_reply_with(run->ex, &reply);
	decide(L, run, WEIR_ANSWERED);
}

/* The rest ------------------------------------------------------------------- */

static int request_route_to(lua_State *L)
{
	struct script_run *run = object_check(L, OBJECT_REQUEST);
	struct weir_str service = script_check_str(L, 2);

	if (run->hook != HOOK_REQUEST)
		return luaL_error(L, "req:route_to belongs into `request`; in `response` there is "
				     "res:retry");
	if (!weir_route_to(run->ex, service))
		return luaL_error(L, "req:route_to: no service \"%s\" is configured", service.data);
	return 0;
}

static int request_body(lua_State *L)
{
	(void)object_check(L, OBJECT_REQUEST);
	return body_read(L, WEIR_REQUEST);
}

static int request_json(lua_State *L)
{
	(void)object_check(L, OBJECT_REQUEST);
	return body_json(L, WEIR_REQUEST);
}

static int request_set_body(lua_State *L)
{
	(void)object_check(L, OBJECT_REQUEST);
	return body_set(L, WEIR_REQUEST);
}

#define FIELD(name, about) { name, NULL, "req." name, about, false, "0.1" }

const struct binding bindings_request[] = {
	FIELD("method", "The method: `GET`."),
	FIELD("scheme", "`http` or `https`, as the client asked."),
	FIELD("host", "Without the port; can be set: what the upstream is asked for."),
	FIELD("path", "As it was normalised and will be sent; can be set."),
	FIELD("query_string", "What is behind the `?`, as it stands; can be set, as `req.query` too."),
	FIELD("target", "As the client wrote it."),
	FIELD("client", "The client's address, trusted proxies looked through."),
	FIELD("identity", "Who the client is, by certificate or token; nil: nobody knows."),
	FIELD("id", "The `x-request-id`."),
	FIELD("route", "The name of the route; nil before one is chosen."),
	FIELD("service", "Where it will go, or went."),
	FIELD("listener", "The name of the listener."),
	FIELD("protocol", "`HTTP/1.1`."),
	FIELD("endpoint", "The address of the last attempt; nil: there was none."),
	FIELD("attempt", "How many attempts there have been."),
	FIELD("time_left", "Seconds until the request's time is over."),
	FIELD("headers", "Its headers, see below."),
	FIELD("params", "`req.params.code`: a segment that the route's path names."),
	FIELD("query", "`req.query.page`: a parameter of the query, decoded."),
	FIELD("cookies", "`req.cookies.sid`: a cookie."),
	FIELD("claims", "`req.claims.sub`: what is known about the client; can be set."),
	FIELD("log", "`req.log.tenant = \"a\"`: a word in the access log; can only be set, 16 of them."),
	{ "reply", request_reply, "req:reply(status [, body [, headers]])",
	  "Answers, and does not return; a table as the body is sent as JSON.", false, "0.1" },
	{ "deny", request_deny, "req:deny([status [, why]])",
	  "Refuses, and does not return: `any:` may go on to the next policy.", false, "0.1" },
	{ "redirect", request_redirect, "req:redirect(url [, status])",
	  "Answers with a redirect (302), and does not return.", false, "0.1" },
	{ "route_to", request_route_to, "req:route_to(service)",
	  "Sends the request to another configured service than the route's.", false, "0.1" },
	{ "body", request_body, "req:body{max = \"64k\"} -> text",
	  "Reads the whole body; nil and `\"too-large\"` when it is over `max`: nothing is lost then.",
	  true, "0.1" },
	{ "json", request_json, "req:json{max = \"64k\"} -> value",
	  "The same, read as JSON; nil and a sentence when it is none.", true, "0.1" },
	{ "set_body", request_set_body, "req:set_body(text or table)",
	  "Replaces the body, which must have been read; a table is sent as JSON.", false, "0.1" },
	{ "key", request_key, "req:key(key) -> text",
	  "What a key of the configuration is for this request: `req:key(\"client.ip/24\")`.", false,
	  "0.1" },
	{ 0 }
};

static const luaL_Reg meta[] = {
	{ "__newindex", request_newindex },
	{ NULL, NULL }
};

const struct object_class request_class = { "weir.request", bindings_request, meta, request_index };
