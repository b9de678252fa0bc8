/* test_budget.c - whatever a script does, it is stopped, and its worker goes on. */
#include "tests/script/stage.h"

#include "core/base/clock.h"
#include "core/base/mem.h"

#define LOOP "while true do end"

/* CPU time is what counts; on a busy machine the clock on the wall may show much more. */
#define STOPPED_WITHIN (20 * NS_PER_S)

struct trick {
	const char *name, *code, *says;
};

static const struct trick out_of_time[] = {
	{ "an endless loop", LOOP, "play.lua:3: it computed" },
	{ "one inside pcall", "pcall(function() " LOOP " end)", "play.lua:3: it computed" },
	{ "one that catches in a loop", "while true do pcall(function() " LOOP " end) end",
	  "it computed" },
	{ "one that catches with xpcall", "while true do xpcall(function() " LOOP
	  " end, function(m) return m end) end", "it computed" },
	{ "one in an error handler", "xpcall(error, function() " LOOP " end)", "it computed" },
	{ "one in a wrapped coroutine", "coroutine.wrap(function() " LOOP " end)()", "it computed" },
	{ "one in a coroutine within pcall within a coroutine",
	  "while true do coroutine.wrap(function() pcall(function() coroutine.wrap(function() " LOOP
	  " end)() end) end)() end", "it computed" },
	{ "one that resumes and looks away",
	  "while true do local co = coroutine.create(function() " LOOP " end) coroutine.resume(co) end",
	  "it computed" },
	{ "a coroutine that only yields", "local f = coroutine.wrap(function() while true do "
	  "coroutine.yield() end end) while true do f() end", "it computed" },
	{ "closing a coroutine that does not end",
	  "local co = coroutine.create(function() local x <close> = setmetatable({}, "
	  "{__close = function() " LOOP " end}) coroutine.yield() end) coroutine.resume(co) "
	  "while true do pcall(coroutine.close, co) end", "it computed" },
	{ "a to-be-closed variable that does not end",
	  "local x <close> = setmetatable({}, {__close = function() " LOOP " end})", "it computed" },
	{ "one to be closed after the time is up",
	  "local x <close> = setmetatable({}, {__close = function() " LOOP " end}) " LOOP, "it computed" },
	{ "an index that does not end",
	  "local t = setmetatable({}, {__index = function() " LOOP " end}) return t.x", "it computed" },
	{ "a comparison that does not end", "local t = {3, 2, 1} table.sort(t, function() " LOOP " end)",
	  "it computed" },
	{ "a sort that never agrees", "local t = {} for i = 1, 1000 do t[i] = i end while true do "
	  "pcall(table.sort, t, function() return true end) end", "it computed" },
	{ "a replacement that does not end", "string.gsub('abc', '.', function() " LOOP " end)",
	  "it computed" },
	{ "an iterator that does not end", "for _ in function() return 1 end do end", "it computed" },
	{ "a pattern bomb", "local s = string.rep('a', 30000) string.find(s, "
	  "string.rep('a?', 30) .. string.rep('.-', 10) .. 'b')", NULL },
	{ "table.move over a milliard", "table.move({}, 1, 1000000000, 2, {})", "it computed" },
	{ "concatenations without end", "while true do local t = table.concat({'a', 'b'}) end",
	  "it computed" },
	{ "repeats without end", "while true do local s = ('x'):rep(100000) end", "it computed" },
	{ "an error in a loop", "while true do pcall(error, {}) end", "it computed" },
	{ "tostring in a loop", "while true do tostring(setmetatable({}, {__tostring = function() "
	  "return 'x' end})) end", "it computed" },
	{ "utf8 over and over", "local s = ('\xc3\xa4'):rep(100000) while true do utf8.len(s) end",
	  "it computed" },
};

/* What the log says has a word of its own. */
static const char *reason_of(const char *said)
{
	if (strstr(said, "it computed for more") != NULL)
		return "policy-timeout";
	return strstr(said, "it wanted more memory") != NULL ? "policy-memory" : "";
}

static void plays_trick(const struct trick *trick)
{
	struct weir_exchange ex;

	stage.said[0] = '\0';
	stage_plays_request(trick->code);
	if (stage_requests(&ex, "/") != WEIR_FAILED)
		fail_msg("%s was not stopped", trick->name);
	if (ex.took > STOPPED_WITHIN)
		fail_msg("%s ran for %llu ms", trick->name, (unsigned long long)(ex.took / NS_PER_MS));
	if (trick->says != NULL && strstr(stage.said, trick->says) == NULL)
		fail_msg("%s: the log says %s", trick->name, stage.said);
	stage_said("(route the-route, request the-id)");
	assert_string_equal(ex.failed, reason_of(stage.said));
}

static void what_computes_without_end_is_stopped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(out_of_time); i++)
		plays_trick(&out_of_time[i]);
}

static const struct trick too_much[] = {
	{ "a string of 1 GiB", "local s = ('x'):rep(1 << 30)", NULL },
	{ "a string that doubles", "local s = 'x' while true do s = s .. s end", "more memory than" },
	{ "a table that grows", "local t = {} while true do t[#t + 1] = {} end", "more memory than" },
	{ "a table that grows inside pcall",
	  "local t = {} pcall(function() while true do t[#t + 1] = {} end end) "
	  "while true do t[#t + 1] = {} end", "more memory than" },
	{ "many coroutines", "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
	  "more memory than" },
	{ "endless recursion", "local function f() return 1 + f() end return f()", NULL },
	{ "recursion through __index", "local mt = {} mt.__index = function(t, k) return t[k .. 'x'] end "
	  "return setmetatable({}, mt).a", "stack overflow" },
	{ "recursion through __concat", "local mt = {} mt.__concat = function(a, b) return a .. b end "
	  "local t = setmetatable({}, mt) return t .. t", "stack overflow" },
	{ "recursive gsub", "local function f(s) return (s:gsub('.', f)) end return f('a')",
	  "stack overflow" },
	{ "recursive sort", "local function f() table.sort({1, 2, 3}, f) end return f()",
	  "stack overflow" },
	{ "recursive pcall", "local function f() return pcall(f) end error(f() and 'x' or 'y')", NULL },
	{ "coroutines within coroutines",
	  "local function f() return coroutine.wrap(f)() end return f()", "stack overflow" },
	{ "closing within closing", "local function f() local x <close> = setmetatable({}, "
	  "{__close = f}) end return f()", "stack overflow" },
	{ "tostring within tostring", "local mt = {} mt.__tostring = function(t) return tostring(t) end "
	  "return tostring(setmetatable({}, mt))", "stack overflow" },
	{ "a concat storm", "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(10000) end "
	  "return table.concat(t)", "more memory than" },
	{ "an unpack storm", "return table.unpack({}, 1, 1e7)", NULL },
};

static void what_wants_too_much_is_refused(void **state)
{
	(void)state;
	stage.time_ns = 5 * NS_PER_S;	/* a sanitizer takes its time */
	for (size_t i = 0; i < ARRAY_LEN(too_much); i++)
		plays_trick(&too_much[i]);
#ifndef __SANITIZE_ADDRESS__	/* its frames are larger */
	assert_in_range(fiber_high_water(&stage.worker.loop), 1, 768 << 10);	/* of 1 MiB */
	print_message("the deepest stack: %zu KiB\n", fiber_high_water(&stage.worker.loop) >> 10);
#endif
}

/* The alarm is set by what computes, not by what waits. */
static void waiting_is_not_counted(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage.time_ns = 20 * NS_PER_MS;
	stage_plays_request("for i = 1, 250 do req:body{max = 100} end");

	assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);

	assert_true(ex.took > 200 * NS_PER_MS);
}

static void others_are_served_while_one_waits(void **state)
{
	struct weir_exchange ex[2] = { { .path = "/waits" }, { .path = "/computes" } };

	(void)state;
	stage_plays_request("if req.path == '/waits' then for i = 1, 50 do req:body{max = 100} end "
			    "req.headers.waited = 'yes' "
			    "else " LOOP " end");

	stage_starts(&ex[0], WEIR_REQUEST);
	stage_starts(&ex[1], WEIR_REQUEST);
	stage_turns(ex, 2);

	assert_int_equal(ex[0].verdict, WEIR_NEXT);
	assert_string_equal(ex[0].set, "waited=yes;");
	assert_int_equal(ex[1].verdict, WEIR_FAILED);
}

static void the_next_request_is_as_good_as_the_first(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays_request("if req.path == '/bad' then " LOOP " end req.headers.fine = 'yes'");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stage_requests(&ex, "/bad"), WEIR_FAILED);
		assert_int_equal(stage_requests(&ex, "/good"), WEIR_NEXT);
		assert_string_equal(ex.set, "fine=yes;");
	}
}

static void what_has_been_grown_is_given_back(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays_request("if req.path == '/big' then local t = {} while true do t[#t + 1] = {} end end "
			    "local s = ('x'):rep(2000000)");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(stage_requests(&ex, "/big"), WEIR_FAILED);
		if (stage_requests(&ex, "/small") != WEIR_NEXT)
			fail_msg("%d: %s", i, stage.said);
	}
}

static void a_million_log_lines_are_no_more_than_a_loop(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays_request("for i = 1, 1000000000 do print('line', i) end");
	assert_int_equal(stage_requests(&ex, "/"), WEIR_FAILED);
}

struct sums {
	uint64_t calls, errors, kills, refused, memory, cpu_ns;
};

static void add(void *arg, const struct script_row *row)
{
	struct sums *s = arg;

	if (!str_eq(row->script, STR("play")))
		return;
	s->calls += row->calls;
	s->errors += row->errors;
	s->kills += row->kills;
	s->refused += row->refused;
	s->memory += row->memory;
	s->cpu_ns += row->cpu_ns;
}

static void it_is_all_counted(void **state)
{
	struct sums before = { 0 }, sums = { 0 };
	struct weir_exchange ex;

	(void)state;
	stage_plays_request("if req.path == '/loop' then " LOOP " end "
			    "if req.path == '/big' then local t = ('x'):rep(1 << 25) end "
			    "if req.path == '/error' then error('no') end");
	script_visit(add, &before);
	(void)stage_requests(&ex, "/loop");
	(void)stage_requests(&ex, "/big");
	(void)stage_requests(&ex, "/error");
	(void)stage_requests(&ex, "/fine");

	script_visit(add, &sums);

	assert_int_equal(sums.calls - before.calls, 4);
	assert_int_equal(sums.errors - before.errors, 3);
	assert_int_equal(sums.kills - before.kills, 1);
	assert_int_equal(sums.refused - before.refused, 1);
	assert_in_range(sums.memory, 1, 8 << 20);
	assert_true(sums.cpu_ns - before.cpu_ns >= 40 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_computes_without_end_is_stopped, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(what_wants_too_much_is_refused, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(waiting_is_not_counted, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(others_are_served_while_one_waits, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(the_next_request_is_as_good_as_the_first, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(what_has_been_grown_is_given_back, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(a_million_log_lines_are_no_more_than_a_loop, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(it_is_all_counted, stage_begin, stage_end),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
