/* test_sandbox.c - each known way out, tried. */
#include "tests/script/stage.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

/* Expressions that must be nil, or raise, or be false. */
static const char *const nothing[] = {
	"io", "os", "debug", "package", "load", "loadstring", "loadfile", "dofile", "string.dump", "_G",
	"math.randomseed", "warn", "getfenv", "setfenv", "newproxy", "jit", "ffi", "arg",
	"getmetatable('')", "getmetatable(string)", "getmetatable(weir)", "getmetatable(_ENV)",
	"getmetatable(req)", "getmetatable(req.headers)", "getmetatable(options)",
	"rawget(string, 'format')", "next(string)", "next(_ENV)", "next(weir)",
	"coroutine.running().x",
};

static void there_is_no_door(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		struct weir_exchange ex;
		char code[512];

		(void)snprintf(code, sizeof(code), "local ok, got = pcall(function() return %s end) "
			       "req.headers.got = (ok and got) and 'something' or 'nothing'", nothing[i]);
		stage_plays_request(code);
		assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);
		if (strcmp(ex.set, "got=nothing;") != 0)
			fail_msg("%s: %s", nothing[i], ex.set);
	}
}

/* Statements that must raise. */
static const char *const refused[] = {
	"x = 1", "_ENV.x = 1", "string.format = nil", "string.new = 1", "weir.json = nil",
	"weir.json.decode = nil", "table.insert(string, 'x')", "rawset(string, 'format', print)",
	"rawset(_ENV, 'x', 1)", "rawset(weir, 'json', 1)", "setmetatable(string, {})",
	"setmetatable(_ENV, nil)", "setmetatable(_ENV, {})", "setmetatable('', {})",
	"setmetatable({}, {__gc = print})", "collectgarbage()", "collectgarbage('stop')",
	"collectgarbage('generational')", "options.x = 1", "rawset(options, 'x', 1)",
	"require('../secret')", "require('/etc/passwd')", "require('..secret')", "require('.secret')",
	"require('a..b')", "require('secret\\0')", "require('late')", "require('')",
	"error(setmetatable({}, {__tostring = function() error('again') end}))",
	"req.headers['content-length'] = '1'", "req.method = 'POST'", "req.nothing = 1",
	"local x = req.nothing", "req.headers.x = {}  req.headers.y = {{}}", "req.path = 'no slash'",
	"req:route_to('nowhere')", "req.body()", "req:body()", "req:body{}", "req:body{max = 'x'}",
	"req:reply()", "req:reply(99)", "req:reply(600)", "req:deny(200)", "req:redirect('/', 200)",
	"req:redirect()", "req.log = 1", "local x = req.log.y", "req.params.x = 1",
	"coroutine.yield()", "table.move(string, 1, 1, 1, string)", "string.rep()",
	"getmetatable({}).__index = 1", "local t = {} t[nil] = 1",
};

static void what_would_harm_others_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct weir_exchange ex;

		stage_plays_request(refused[i]);
		if (stage_requests(&ex, "/") != WEIR_FAILED)
			fail_msg("%s was not refused", refused[i]);
	}
}

static void a_global_is_refused_in_words_that_help(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays_request("counter = 1");

	(void)stage_requests(&ex, "/");

	stage_said("play.lua:3: global \"counter\" cannot be set");
	stage_said("write `local counter`");
}

/* pairs() shows what there is, in a copy. */
static void what_libraries_show_of_themselves_is_not_themselves(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays_request(
		"local f, t = pairs(string) local n = 0 for k in f, t do n = n + 1 end\n"
		"t.format = function() return 'evil' end\n"
		"req.headers.n = n > 10 and 'many' or 'few'\n"
		"req.headers.format = string.format('%d', 7)\n"
		"req.headers.method = ('%d'):format(8)");

	assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);

	assert_string_equal(ex.set, "n=many;format=7;method=8;");
}

static void bytecode_is_refused_as_a_script(void **state)
{
	(void)state;
	assert_false(stage_loads("\x1bLua\x54\x00\x19\x93\r\n\x1a\n"));
	assert_non_null(strstr(stage.error.text, "/play.lua: attempt to load a binary chunk"));
}

static void the_first_end_holds_and_the_log_names_the_second(void **state)
{
	struct weir_exchange ex = { .path = "/" };

	(void)state;
	stage_plays_request("local x <close> = setmetatable({}, { __close = function()\n"
			    "  pcall(req.reply, req, 200, 'second')\n"
			    "  req:reply(200, 'third') end })\n"
			    "req:deny(403, 'first')");

	assert_int_equal(stage_requests(&ex, "/"), WEIR_REFUSED);

	assert_string_equal(ex.reply, "denied 403 first");
	assert_non_null(strstr(stage.said, "req:reply: the request has been decided already"));
}

/* Scripts -------------------------------------------------------------------------- */

static const struct { const char *text, *says; } faulty[] = {
	{ "local policy = {\nfunction", "/play.lua:2:" },
	{ "return 7", "play.lua: it returns number" },
	{ "", "it returns nothing; end it with `return policy`" },
	{ "return {}", "it has no hook" },
	{ "return { request = 7 }", "/play.lua:1: policy.request is a number; it must be a function" },
	{ "return { request = print, options = 7 }", "policy.options is a number" },
	{ "return { request = print, options = { x = 7 } }", "each option is written as" },
	{ "return { request = print, options = { x = { type = 'nonsense' } } }",
	  "/play.lua:1: policy.options.x: there is no type \"nonsense\"" },
	{ "local policy = { request = print }\npolicy.options = {\n  x = { type = 'nonsense' } }\nreturn policy",
	  "/play.lua:3: policy.options.x" },
	{ "local x = 1\nlocal policy = { request = print, options = { x = 7 } }\nreturn policy",
	  "/play.lua:2: policy.options: each option" },
	{ "local x = 1\nreturn { request = print, options = { x = { typ = 'text' } } }",
	  "/play.lua: policy.options.x: unknown word" },
	{ "return { request = print, options = { x = { typ = 'text' } } }", "unknown word \"typ\"" },
	{ "local x = nil + 1 return {}", "/play.lua:1: attempt to perform arithmetic" },
	{ "while true do end", "/play.lua:1: it computed" },
	{ "local t = {} while true do t[#t + 1] = {} end", "/play.lua:1: it wanted more memory" },
	{ "req:deny(403)", "attempt to index a nil value (global 'req')" },
	{ "weir.sleep(1) return {}", "" },
	{ "require('nothing') return {}", "there is no module \"nothing\"" },
	{ "require('broken') return {}", "/broken.lua:1:" },
	{ "require('ring') return {}", "requires itself" },
	{ "error({}) return {}", "an error that is a table" },
	{ "local policy = { request = print } function policy.start() error('not today') end return policy",
	  "play.lua:1: not today" },
};

static void a_faulty_script_is_refused_with_its_place(void **state)
{
	(void)state;
	stage.time_ns = 300 * NS_PER_MS;
	stage_writes("broken.lua", "return (");
	stage_writes("ring.lua", "require('ring')");
	for (size_t i = 0; i < ARRAY_LEN(faulty); i++) {
		if (stage_loads(faulty[i].text))
			fail_msg("%s was taken", faulty[i].text);
		if (strstr(stage.error.text, faulty[i].says) == NULL)
			fail_msg("%s: %s", faulty[i].text, stage.error.text);
	}
}

static void modules_are_each_scripts_own(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_writes("lib.lua", "local lib = { n = 0 } function lib.up() lib.n = lib.n + 1 return lib.n end "
				"return lib");
	stage_plays("local lib = require('lib')\nlocal again = require('lib')\nassert(lib == again)\n"
		    "local policy = {}\n"
		    "function policy.request(req) req.headers.n = lib.up() end\nreturn policy");

	assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);
	assert_string_equal(ex.set, "n=1;");
	assert_int_equal(script_file_count(stage.script), 2);
	assert_true(str_ends(script_file(stage.script, 1), STR("/lib.lua")));
}

static void a_script_says_what_it_is(void **state)
{
	const struct weir_plugin *p;

	(void)state;
	stage_plays("-- play.lua - does this and that.\n"
		    "return { request = print, options = {\n"
		    "  zone = { type = 'choice', choices = { 'a', 'b' }, default = 'a', about = 'where' },\n"
		    "  most = { type = 'integer', min = 1, max = 9, required = true },\n"
		    "  names = { list = true }, map = { type = 'map', of = 'integer' },\n"
		    "} }\n");
	p = script_plugin(stage.script);

	assert_string_equal(p->name, "play");
	assert_string_equal(p->summary, "does this and that.");
	assert_string_equal(p->options[0].name, "map");
	assert_int_equal(p->options[0].of, WEIR_INTEGER);
	assert_string_equal(p->options[1].name, "most");
	assert_true(p->options[1].required && p->options[1].max > 8.5);
	assert_true(p->options[2].list);
	assert_string_equal(p->options[3].fallback, "a");
	assert_string_equal(p->options[3].choices[1], "b");
	assert_null(p->options[4].name);
	assert_null(p->policy->on_response);
}

static void the_same_text_is_the_same_script(void **state)
{
	struct script *first;

	(void)state;
	stage_plays("return { request = print }");
	first = script_ref(stage.script);
	stage_plays("return { request = print }");
	assert_true(script_same(first, stage.script));
	stage_plays("return { request = print } ");
	assert_false(script_same(first, stage.script));
	script_unref(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_is_no_door, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(what_would_harm_others_is_refused, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(a_global_is_refused_in_words_that_help, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(what_libraries_show_of_themselves_is_not_themselves,
						stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(bytecode_is_refused_as_a_script, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(the_first_end_holds_and_the_log_names_the_second,
						stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(a_faulty_script_is_refused_with_its_place, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(modules_are_each_scripts_own, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(a_script_says_what_it_is, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(the_same_text_is_the_same_script, stage_begin, stage_end),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
