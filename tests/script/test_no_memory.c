/* test_no_memory.c - an allocation fails: a script is refused or its request fails, and nothing else. */
#include "tests/alloc.h"
#include "tests/script/stage.h"

#include "core/base/mem.h"

static const char script[] =
	"-- play.lua - does what allocates.\n"
	"local lib = require('lib')\n"
	"local policy = { options = { list = { list = true }, map = { type = 'map', of = 'integer' } } }\n"
	"function policy.start(options) lib.t = {} end\n"
	"function policy.request(req, options)\n"
	"  local co = coroutine.wrap(function(x) coroutine.yield(x .. 'y') end)\n"
	"  lib.t[#lib.t + 1] = co(req.path)\n"
	"  req.headers['x-out'] = req.headers['x-in']\n"
	"  pcall(function() local s = ('x'):rep(10000) end)\n"
	"  req:body{ max = 100 }\n"
	"end\n"
	"return policy\n";

/* True when it went through to its end. */
static bool play(struct weir_exchange *ex)
{
	if (!stage_loads(script)) {
		assert_string_not_equal(stage.error.text, "");
		return false;
	}
	return stage_requests(ex, "/") == WEIR_NEXT;
}

static void each_allocation_may_fail(void **state)
{
	struct weir_exchange ex;
	unsigned failed = 0;

	(void)state;
	stage_writes("lib.lua", "return {}");
	assert_true(play(&ex));
	for (unsigned n = 1; n < 4000; n++) {
		uint64_t asked;
		bool done;

		alloc_fail_at(n);
		done = play(&ex);
		asked = alloc_count();
		alloc_fail_at(0);
		failed += !done;
		if (asked < n)
			break;
	}
	print_message("%u of the failures were felt\n", failed);
	assert_true(failed > 5);
	assert_true(play(&ex));		/* as if nothing had been */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_allocation_may_fail, stage_begin, stage_end),
	};

	return cmocka_run_group_tests_name("no memory for scripts", tests, NULL, NULL);
}
