/* test_request.c - t:request and t:error: a request through the policy, and what came of it. */
#include <string.h>

#include "core/weir/test.h"

/* What a request may be told; anything else is a slip of the pen. */
static const char *const known[] = {
	"method", "path", "query", "host", "scheme", "headers", "cookies", "body", "json", "client",
	"identity", "claims", "params", "route", "service", "listener", "id", "options", "response",
	"gone_at", "time_left", "repeatable", NULL
};

static void check_names(lua_State *L, int at)
{
	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		size_t i = 0;

		lua_pop(L, 1);
		while (known[i] != NULL && (lua_type(L, -1) != LUA_TSTRING ||
					    strcmp(known[i], lua_tostring(L, -1)) != 0))
			i++;
		if (known[i] == NULL)
			(void)test_fail(L, "t:request knows no \"%s\"; docs/lua/testing.md tells what it "
					"knows", luaL_tolstring(L, -1, NULL));
	}
}

static struct weir_str text_at(lua_State *L, int at)
{
	struct weir_str text = { NULL, 0 };

	if (lua_isboolean(L, at))
		return lua_toboolean(L, at) ? WEIR_STR("true") : WEIR_STR("false");
	text.data = lua_tolstring(L, at, &text.len);
	if (text.data == NULL)
		(void)test_fail(L, "a text is wanted here, not a %s", luaL_typename(L, at));
	return text;
}

/* The text of field `name` stays at the top; absent and nil when there is none. */
static struct weir_str field(lua_State *L, const char *name)
{
	return lua_getfield(L, 2, name) != LUA_TNIL ? text_at(L, -1) : WEIR_ABSENT;
}

/* Making ------------------------------------------------------------------------- */

static struct weir_exchange *new_exchange(lua_State *L, struct test_world *w)
{
	struct weir_str method = field(L, "method"), path = field(L, "path"), query = field(L, "query");

	lua_pushstring(L, path.data != NULL ? path.data : "/");
	if (query.data != NULL) {
		lua_pushliteral(L, "?");
		lua_pushstring(L, query.data);
		lua_concat(L, 3);
	}
	return weir_fake_exchange(w->fake, method.data != NULL ? method.data : "GET",
				  lua_tostring(L, -1));
}

static void set_parts(lua_State *L, struct weir_exchange *ex)
{
	static const struct { const char *name; enum weir_part part; } parts[] = {
		{ "host", WEIR_PART_HOST }, { "scheme", WEIR_PART_SCHEME },
		{ "client", WEIR_PART_CLIENT }, { "identity", WEIR_PART_IDENTITY },
		{ "route", WEIR_PART_ROUTE }, { "service", WEIR_PART_SERVICE },
		{ "listener", WEIR_PART_LISTENER }, { "id", WEIR_PART_ID },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct weir_str text = field(L, parts[i].name);

		if (text.data != NULL)
			weir_fake_set_part(ex, parts[i].part, text);
		lua_pop(L, 1);
	}
}

typedef void each_fn(struct weir_exchange *ex, const char *name, struct weir_str value);

static void set_header(struct weir_exchange *ex, const char *name, struct weir_str value)
{
	weir_fake_add_header(ex, WEIR_REQUEST, name, value);
}

static void set_claim(struct weir_exchange *ex, const char *name, struct weir_str value)
{
	weir_fake_set_named(ex, WEIR_NAMED_CLAIM, name, value);
}

static void set_param(struct weir_exchange *ex, const char *name, struct weir_str value)
{
	weir_fake_set_named(ex, WEIR_NAMED_PARAM, name, value);
}

static void set_cookie(struct weir_exchange *ex, const char *name, struct weir_str value)
{
	char text[4096];
	int len = snprintf(text, sizeof(text), "%s=%.*s", name, WEIR_ARG(value));

	if (len > 0 && len < (int)sizeof(text))
		weir_fake_add_header(ex, WEIR_REQUEST, "cookie", (struct weir_str){ text, (size_t)len });
}

/* The pairs of a field that is a table; a list of values is that name several times. */
static void each(lua_State *L, struct weir_exchange *ex, const char *name, each_fn *fn)
{
	if (lua_getfield(L, 2, name) == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	if (!lua_istable(L, -1))
		(void)test_fail(L, "`%s` is a table", name);
	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
		lua_Integer count = lua_istable(L, -1) ? luaL_len(L, -1) : 0;

		if (key == NULL)
			(void)test_fail(L, "`%s` is written as { name = \"value\" }", name);
		if (!lua_istable(L, -1))
			fn(ex, key, text_at(L, -1));
		for (lua_Integer i = 1; i <= count; i++) {
			(void)lua_geti(L, -1, i);
			fn(ex, key, text_at(L, -1));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void set_body(lua_State *L, struct weir_exchange *ex)
{
	struct weir_str text = field(L, "body");
	struct buffer *json;

	if (text.data != NULL)
		weir_fake_set_body(ex, WEIR_REQUEST, text);
	lua_pop(L, 1);
	if (lua_getfield(L, 2, "json") != LUA_TNIL) {
		json = test_buffer(L);
		test_value_json(L, -2, json);
		weir_fake_set_body(ex, WEIR_REQUEST, buffer_str(json));
		weir_fake_add_header(ex, WEIR_REQUEST, "content-type", WEIR_STR("application/json"));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void set_limits(lua_State *L, struct test_world *w, struct weir_exchange *ex)
{
	if (lua_getfield(L, 2, "time_left") != LUA_TNIL)
		weir_fake_set_time_left(ex, test_span(L, -1));
	if (lua_getfield(L, 2, "gone_at") != LUA_TNIL)
		weir_fake_cancel_at(w->fake, (uint32_t)luaL_checkinteger(L, -1));
	if (lua_getfield(L, 2, "repeatable") != LUA_TNIL)
		weir_fake_set_repeatable(ex, lua_toboolean(L, -1));
	lua_pop(L, 3);
}

static struct weir_exchange *make(lua_State *L, struct test_world *w)
{
	struct weir_exchange *ex;

	ex = new_exchange(L, w);
	set_parts(L, ex);
	each(L, ex, "headers", set_header);
	each(L, ex, "cookies", set_cookie);
	each(L, ex, "claims", set_claim);
	each(L, ex, "params", set_param);
	set_body(L, ex);
	set_limits(L, w, ex);
	return ex;
}

static struct weir_fake_use *use_of(lua_State *L, struct test_world *w)
{
	struct buffer *json = test_buffer(L);

	if (lua_getfield(L, 2, "options") == LUA_TNIL)
		(void)buffer_add(json, WEIR_STR("{}"));
	else
		test_value_json(L, -1, json);
	lua_pushlstring(L, buffer_str(json).data, buffer_str(json).len);
	return test_use(L, w, lua_tostring(L, -1));
}

/* Running ------------------------------------------------------------------------ */

/* The answer that the request itself tells, whoever gives it; false: it tells none. */
static bool answer_told(lua_State *L, struct test_world *w, struct weir_exchange *ex)
{
	struct weir_fake_answer answer;

	if (lua_getfield(L, 2, "response") == LUA_TNIL) {
		lua_pop(L, 1);
		return false;
	}
	test_answer(L, -1, &w->arena, &answer);
	lua_pop(L, 1);
	weir_fake_answered_with(ex, &answer);
	return true;
}

static void go_upstream(lua_State *L, struct test_world *w, struct weir_exchange *ex)
{
	if (!answer_told(L, w, ex))
		weir_fake_forward(ex);
}

static void run(lua_State *L, struct test_world *w, struct weir_fake_use *use,
		struct weir_exchange *ex)
{
	if (weir_fake_on_request(use, ex) == WEIR_NEXT && weir_fake_status(ex) == 0)
		go_upstream(L, w, ex);
	if (weir_fake_status(ex) != 499)
		(void)weir_fake_on_response(use, ex);
	while (weir_fake_status(ex) != 499 && weir_fake_again(ex)) {
		go_upstream(L, w, ex);
		(void)weir_fake_on_response(use, ex);
	}
	weir_fake_on_done(use, ex);
	weir_fake_cancel_at(w->fake, 0);
}

/* What a function of the test raised while the policy called its service. */
static void raise_service_error(lua_State *L, struct test_world *w)
{
	if (!w->service_failed)
		return;
	w->service_failed = false;
	(void)lua_getfield(L, LUA_REGISTRYINDEX, "weir.test.service");
	(void)lua_error(L);
}

/* The policy's own error since `from`: the last line in the log that is one. Lent until the next. */
static const char *error_since(struct test_world *w, uint32_t from)
{
	static char said[1024];
	const char *found = NULL, *line, *where;

	for (uint32_t i = from; (line = weir_fake_said(w->fake, i)) != NULL; i++)
		if (strncmp(line, "error: ", 7) == 0)
			found = line + 7;
	if (found == NULL)
		return NULL;
	where = strstr(found, " (route ");	/* a test knows which request it was */
	(void)snprintf(said, sizeof(said), "%.*s",
		       (int)(where != NULL ? (size_t)(where - found) : strlen(found)), found);
	return said;
}

static uint32_t lines_of(const struct test_world *w)
{
	uint32_t n = 0;

	while (weir_fake_said(w->fake, n) != NULL)
		n++;
	return n;
}

static uint32_t calls_of(const struct test_world *w)
{
	uint32_t n = 0;

	while (weir_fake_call(w->fake, n) != NULL)
		n++;
	return n;
}

/* Runs what argument 2 describes; pushes its result; gives the policy's error, or NULL. */
static const char *request_run(lua_State *L, struct test_world *w)
{
	struct weir_fake_use *use;
	struct weir_exchange *ex;
	struct test_since since = { lines_of(w), calls_of(w), weir_fake_host()->now(),
				    weir_fake_waits(w->fake) };

	luaL_checktype(L, 2, LUA_TTABLE);
	check_names(L, 2);
	use = use_of(L, w);
	ex = make(L, w);
	run(L, w, use, ex);
	raise_service_error(L, w);
	test_push_result(L, w, ex, &since);
	weir_fake_end(ex);
	return error_since(w, since.lines);
}

/* t:request{...} -> what came of it */
static int request(lua_State *L)
{
	struct test_world *w = test_world_of(L);
	const char *error;

	lua_settop(L, 2);
	error = request_run(L, w);
	if (error != NULL)
		return test_fail(L, "the policy failed: %s", error);
	return 1;
}

static int request_protected(lua_State *L)
{
	const char *error = request_run(L, test_world_of(L));

	if (error == NULL)
		return 0;
	lua_pushstring(L, error);
	return 1;
}

static int check_error(lua_State *L, const char *error)
{
	const char *pattern = luaL_checkstring(L, 3);

	if (strstr(error, pattern) != NULL)
		return 1;
	return test_fail(L, "it failed otherwise\n      got: %s\n   wanted: %s", error, pattern);
}

/* t:error(request or function, part of the sentence) -> the whole sentence */
static int error(lua_State *L)
{
	bool raised;

	(void)test_world_of(L);
	lua_settop(L, 3);
	if (lua_isfunction(L, 2)) {
		lua_pushvalue(L, 2);
		raised = lua_pcall(L, 0, 1, 0) != LUA_OK;
	} else {
		luaL_checktype(L, 2, LUA_TTABLE);
		lua_pushcfunction(L, request_protected);
		lua_pushvalue(L, 1);
		lua_pushvalue(L, 2);
		raised = lua_pcall(L, 2, 1, 0) != LUA_OK || !lua_isnil(L, -1);
		test_forgive(test_world_of(L));
	}
	if (!raised)
		return test_fail(L, "it did not fail; wanted an error with \"%s\"", lua_tostring(L, 3));
	return check_error(L, luaL_tolstring(L, -1, NULL));
}

const luaL_Reg test_requests[] = {
	{ "request", request },
	{ "error", error },
	{ NULL, NULL }
};
