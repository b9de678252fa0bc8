/* test_waits_in_lua.c - a script may wait anywhere, while others run in the same VM. */
#include "tests/script/stage.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/script/vm.h"

enum { MANY = 100 };

/* Each waits in the middle of what Lua itself does, and must find everything as it was. */
static const char everywhere[] =
	"local policy = {}\n"
	"local function nap() weir.sleep(0.0005) end\n"
	"local kinds = {\n"
	"  function(x) nap() return x end,\n"
	"  function(x) local ok, v = pcall(function() nap() return x end) assert(ok) return v end,\n"
	"  function(x) local ok, v = xpcall(function() nap() error(x, 0) end, function(m) nap() return m "
	"end)\n"
	"    assert(not ok) return v end,\n"
	"  function(x) local t = {3, 1, 2, 5, 4} table.sort(t, function(a, b) nap() return a < b end)\n"
	"    assert(table.concat(t) == '12345') return x end,\n"
	"  function(x) return (string.gsub(x, '.', function(c) nap() return c end)) end,\n"
	"  function(x) local t = setmetatable({}, {__index = function(_, k) nap() return x end}) "
	"return t.any end,\n"
	"  function(x) local t = setmetatable({}, {__newindex = function(t, k, v) nap() rawset(t, k, v) "
	"end})\n"
	"    t.a = x return t.a end,\n"
	"  function(x) local mt = {__add = function(a, b) nap() return x end} "
	"return setmetatable({}, mt) + 1 end,\n"
	"  function(x) local mt = {__concat = function() nap() return x end} "
	"return setmetatable({}, mt) .. 'y' end,\n"
	"  function(x) local mt = {__eq = function() nap() return true end, __lt = function() nap() return "
	"true end}\n"
	"    local a, b = setmetatable({}, mt), setmetatable({}, mt) assert(a == b and a < b) return x end,\n"
	"  function(x) local mt = {__call = function(_, v) nap() return v end} "
	"return setmetatable({}, mt)(x) end,\n"
	"  function(x) local mt = {__tostring = function() nap() return x end} "
	"return tostring(setmetatable({}, mt)) end,\n"
	"  function(x) local mt = {__len = function() nap() return 3 end} "
	"assert(#setmetatable({}, mt) == 3) return x end,\n"
	"  function(x) local seen do local c <close> = "
	"setmetatable({}, {__close = function() nap() seen = x "
	"end}) nap() end return seen end,\n"
	"  function(x) local f = coroutine.wrap(function(a) nap() local b = coroutine.yield(a) nap() "
	"return b end)\n"
	"    f(1) return f(x) end,\n"
	"  function(x) local co = coroutine.create(function() nap() error(x, 0) end)\n"
	"    local ok, v = coroutine.resume(co) assert(not ok) return v end,\n"
	"  function(x) for v in function(_, at) nap() if at == nil then return x end end do return v end end,\n"
	"  function(x) local co = coroutine.create(function() local c <close> = setmetatable({}, {__close = "
	"nap}) coroutine.yield() end)\n"
	"    coroutine.resume(co) assert(coroutine.close(co)) return x end,\n"
	"}\n"
	"function policy.request(req)\n"
	"  local who = req.headers['x-in']\n"
	"  for round = 1, 3 do\n"
	"    for i = 1, #kinds do\n"
	"      local mine = who .. '/' .. round .. '/' .. i\n"
	"      local garbage = {} for k = 1, 20 do garbage[k] = {mine} end\n"
	"      local got = kinds[i](mine)\n"
	"      if got ~= mine then error('kind ' .. i .. ': ' .. tostring(got) .. ', not ' .. mine) end\n"
	"      if req.headers['x-in'] ~= who then error('this is not my request') end\n"
	"    end\n"
	"  end\n"
	"  req.headers.ended = who\n"
	"end\n"
	"return policy\n";

static void all_of_them_end_well(void)
{
	static struct weir_exchange ex[MANY];
	char expected[160];

	memset(ex, 0, sizeof(ex));
	for (int i = 0; i < MANY; i++) {
		ex[i].path = "/";
		(void)snprintf(ex[i].header, sizeof(ex[i].header), "request-%d", i);
		stage_starts(&ex[i], WEIR_REQUEST);
	}
	stage_turns(ex, MANY);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(expected, sizeof(expected), "ended=request-%d;", i);
		if (ex[i].verdict != WEIR_NEXT)
			fail_msg("%d: %s", i, stage.said);
		assert_string_equal(ex[i].set, expected);
	}
}

/* With the collection that is the default, and with the other. */
static void a_hundred_wait_everywhere_at_once(void **state)
{
	(void)state;
	stage.time_ns = 5 * NS_PER_S;
	stage_plays(everywhere);
	all_of_them_end_well();
	all_of_them_end_well();		/* on the same threads again */
	(void)lua_gc(vm_here()->L, LUA_GCINC, 0, 0, 0);
	all_of_them_end_well();
}

/* A client goes away: whatever catches, the hook ends, and what must be closed is closed. */
static const char *const catches[] = {
	"weir.sleep(10)",
	"pcall(weir.sleep, 10) req.headers.after = 'pcall'",
	"xpcall(weir.sleep, function() req.headers.after = 'handler' end, 10)",
	"while true do pcall(weir.sleep, 10) end",
	"coroutine.wrap(function() weir.sleep(10) end)() req.headers.after = 'wrap'",
	"coroutine.resume(coroutine.create(function() weir.sleep(10) end)) req.headers.after = 'resume'",
	"table.sort({1, 2, 3}, function() weir.sleep(10) end) req.headers.after = 'sort'",
	"string.gsub('aaa', '.', function() weir.sleep(10) end) req.headers.after = 'gsub'",
	"local x <close> = setmetatable({}, {__close = function() pcall(weir.sleep, 10) "
	"req.headers.after = 'close' end}) weir.sleep(10)",
	"req:body{max = 10} pcall(function() while true do req:body{max = 10} end end) "
	"req.headers.after = 'body'",
};

static void a_cancelled_wait_ends_the_hook_whatever_catches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(catches); i++) {
		struct weir_exchange ex = { .path = "/" };

		stage_plays_request(catches[i]);
		stage_starts(&ex, WEIR_REQUEST);
		loop_turn(&stage.worker.loop, 0);
		fiber_cancel(ex.fiber);
		stage_turns(&ex, 1);

		if (strstr(ex.set, "after") != NULL)
			fail_msg("%s went on: %s", catches[i], ex.set);
		assert_int_equal(ex.verdict, WEIR_NEXT);	/* it has no say */
		assert_true(ex.took < 5 * NS_PER_S);
	}
	assert_string_equal(stage.said, "");
}

/* What is kept from one request is of no use in another, also while both are under way. */
static void a_request_that_was_kept_is_refused_elsewhere(void **state)
{
	struct weir_exchange ex[3] = {
		{ .path = "/keeps" }, { .path = "/other" }, { .path = "/late" },
	};

	(void)state;
	stage_plays("local policy, kept = {}, nil\n"
		    "function policy.request(req)\n"
		    "  if req.path == '/keeps' then kept = req weir.sleep(0.3) return end\n"
		    "  local ok, why = pcall(function() return kept.path end)\n"
		    "  req.headers.got = ok and kept.path or (why:find('another request') and 'refused')\n"
		    "  local h, why = pcall(function() kept.headers.stolen = 'yes' end)\n"
		    "end\n"
		    "return policy\n");
	stage_starts(&ex[0], WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	stage_starts(&ex[1], WEIR_REQUEST);
	stage_turns(ex, 2);

	assert_string_equal(ex[1].set, "got=refused;");
	assert_string_equal(ex[0].set, "");

	/* The thread is used again: then it is this request's own. */
	stage_starts(&ex[2], WEIR_REQUEST);
	stage_turns(&ex[2], 1);
	assert_null(strstr(ex[2].set, "/keeps"));
}

static void a_coroutine_of_one_request_can_go_on_in_another(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays("local policy, co = {}, nil\n"
		    "function policy.request(req)\n"
		    "  co = co or coroutine.wrap(function(r) while true do r.headers.seen = r.path "
		    "weir.sleep(0.001) r = coroutine.yield() end end)\n"
		    "  co(req)\n"
		    "end\n"
		    "return policy\n");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stage_requests(&ex, i == 1 ? "/second" : "/first"), WEIR_NEXT);
		assert_string_equal(ex.set, i == 1 ? "seen=/second;" : "seen=/first;");
	}
}

static void a_coroutine_that_waits_cannot_be_resumed_by_another(void **state)
{
	struct weir_exchange ex[2] = { { .path = "/a" }, { .path = "/b" } };

	(void)state;
	stage_plays("local policy, co = {}, nil\n"
		    "function policy.request(req)\n"
		    "  if co then req.headers.status = coroutine.status(co) req.headers.resumed = "
		    "tostring(coroutine.resume(co)) req.headers.closed = tostring(pcall(coroutine.close, co)) "
		    "return end\n"
		    "  co = coroutine.create(function() weir.sleep(0.02) req.headers.ended = 'well' end)\n"
		    "  assert(coroutine.resume(co))\n"
		    "end\n"
		    "return policy\n");
	stage_starts(&ex[0], WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	stage_starts(&ex[1], WEIR_REQUEST);
	stage_turns(ex, 2);

	assert_string_equal(ex[1].set, "status=normal;resumed=false;closed=false;");
	assert_string_equal(ex[0].set, "ended=well;");
}

/* It has no fiber while a configuration is prepared. */
static void start_may_wait_with_the_first_request(void **state)
{
	struct weir_exchange ex[3] = { { .path = "/gone" }, { .path = "/a" }, { .path = "/b" } };

	(void)state;
	stage_plays("local policy, n = {}, 0\n"
		    "function policy.start(options) weir.sleep(0.02) n = n + 1 end\n"
		    "function policy.request(req) req.headers.started = n end\n"
		    "return policy\n");
	for (int i = 0; i < 3; i++)
		stage_starts(&ex[i], WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	fiber_cancel(ex[0].fiber);
	stage_turns(ex, 3);

	assert_string_equal(ex[0].set, "");
	assert_string_equal(ex[1].set, "started=1;");
	assert_string_equal(ex[2].set, "started=1;");
	assert_string_equal(stage.said, "");
}

static void a_start_that_fails_late_fails_requests_until_it_does_not(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage_plays("local policy, n = {}, 0\n"
		    "function policy.start(options) n = n + 1 weir.sleep(0.001) "
		    "if n < 4 then error('not yet') end end\n"
		    "function policy.request(req) req.headers.started = n end\n"
		    "return policy\n");

	assert_int_equal(stage_requests(&ex, "/"), WEIR_FAILED);
	stage_said("play.lua:2: not yet");
	assert_int_equal(stage_requests(&ex, "/"), WEIR_FAILED);
	assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);
	assert_string_equal(ex.set, "started=4;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hundred_wait_everywhere_at_once, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(a_cancelled_wait_ends_the_hook_whatever_catches, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(a_request_that_was_kept_is_refused_elsewhere, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(a_coroutine_of_one_request_can_go_on_in_another, stage_begin,
						stage_end),
		cmocka_unit_test_setup_teardown(a_coroutine_that_waits_cannot_be_resumed_by_another,
						stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(start_may_wait_with_the_first_request, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(a_start_that_fails_late_fails_requests_until_it_does_not,
						stage_begin, stage_end),
	};

	return cmocka_run_group_tests_name("waits in Lua", tests, NULL, NULL);
}
