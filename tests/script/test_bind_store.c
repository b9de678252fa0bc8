/* test_bind_store.c - what scripts keep for all workers, and what is asked only once. */
#include "core/base/clock.h"
#include "tests/script/stage.h"

static void a_value_outlives_the_request_and_the_script(void **state)
{
	(void)state;
	stage_replies("weir.store:set('k', {a = {1, 2.5, 'x', true}, n = weir.json.null}) req:reply(200)",
		      "200 ");
	stage_replies("local v = weir.store:get('k') req:reply(200, weir.json.encode(v))",
		      "200 {\"a\":[1,2.5,\"x\",true],\"n\":null}");
	stage_replies("req:reply(200, tostring(weir.store:delete('k')) .. tostring(weir.store:delete('k')) .. "
		      "tostring(weir.store:get('k')))", "200 truefalsenil");
}

static void a_value_is_a_copy(void **state)
{
	(void)state;
	stage_replies("local t = {1} weir.store:set('k', t) t[1] = 2 local u = weir.store:get('k') u[1] = 3 "
		      "req:reply(200, weir.store:get('k')[1])", "200 1");
	stage_replies("weir.store:set('k', weir.json.array()) req:reply(200, "
		      "weir.json.encode(weir.store:get('k')))", "200 []");
}

static void a_value_ends_with_its_time(void **state)
{
	(void)state;
	stage_replies("weir.store:set('k', 1, '500ms') local a = weir.store:get('k') weir.sleep('600ms') "
		      "req:reply(200, tostring(a) .. tostring(weir.store:get('k')))", "200 1nil");
	stage_replies("weir.store:set('k', 1) weir.store:set('k', nil) req:reply(200, "
		      "tostring(weir.store:get('k')))", "200 nil");
}

static void of_many_who_set_it_new_one_wins(void **state)
{
	(void)state;
	stage_replies("local n = 0 for i = 1, 5 do if weir.store:set_new('k', i) then n = n + 1 end end "
		      "req:reply(200, n .. weir.store:get('k'))", "200 11");
}

static void what_belongs_to_this_worker_cannot_be_kept(void **state)
{
	(void)state;
	stage_fails("weir.store:set('k', print)", "a function cannot be kept");
	stage_fails("weir.store:set('k', {[{}] = 1})", "a table with tables as keys cannot be kept");
	stage_fails("weir.store:set('k', {req})", "a userdata cannot be kept");
	stage_fails("local t = {} t.t = t weir.store:set('k', t)", "or within itself, cannot be kept");
	stage_fails("weir.store:set('k', ('x'):rep(2000000))", "more than 1048576 bytes cannot be kept");
	stage_fails("weir.store:set(('k'):rep(4001), 1)", "a key has at most 4000 bytes");
	stage_fails("weir.store.get('k')", "write a colon before a method: weir.store:get(key)");
	stage_replies("req:reply(200, tostring(weir.store:set('k', ('x'):rep(200000))))", "200 false");
}

static void keys_of_kinds_do_not_meet(void **state)
{
	(void)state;
	stage_replies("weir.store:set('k', 'v') weir.counter('k') weir.cache('k', '1m', function() return 'c' end) "
		      "req:reply(200, weir.store:get('k') .. weir.counter('k') .. "
		      "weir.cache('k', '1m', error))", "200 v2c");
}

static void a_counter_counts_until_its_time_is_over(void **state)
{
	(void)state;
	stage_replies("local a = weir.counter('c', '500ms') local b = weir.counter('c', '500ms', 5) "
		      "weir.sleep('600ms') req:reply(200, a .. b .. weir.counter('c', '500ms', -1))", "200 16-1");
}

#define CACHE_SCRIPT(ttl, body) \
	"local policy = {} local calls = 0 function policy.request(req) " \
	"local ok, v, why = pcall(weir.cache, 'k', " ttl ", function() calls = calls + 1 weir.sleep('20ms') " \
	body " end) req:reply(200, tostring(v) .. ' ' .. tostring(why) .. ' ' .. calls) end return policy"

static void starts_many(struct weir_exchange *ex, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ex[i] = (struct weir_exchange){ .path = "/" };
		stage_starts(&ex[i], WEIR_REQUEST);
	}
	stage_turns(ex, count);
}

static void many_who_want_it_at_once_ask_once(void **state)
{
	struct weir_exchange ex[40];

	(void)state;
	stage_plays(CACHE_SCRIPT("'1m'", "return 'v'"));
	starts_many(ex, 40);
	for (int i = 0; i < 40; i++)
		assert_string_equal(ex[i].reply, "200 v nil 1");
}

static void that_there_is_none_is_kept_too(void **state)
{
	struct weir_exchange ex[10];

	(void)state;
	stage_plays(CACHE_SCRIPT("{ttl = '1m', negative = '10s'}", "return nil, 'refused'"));
	starts_many(ex, 10);
	for (int i = 0; i < 10; i++)
		assert_string_equal(ex[i].reply, "200 nil refused 1");
}

/* Nobody waits for one who has failed; the next one asks. */
static void an_error_is_not_kept_and_wakes_the_others(void **state)
{
	struct weir_exchange ex[3];

	(void)state;
	stage_plays(CACHE_SCRIPT("'1m'", "if calls == 1 then error('no luck', 0) end return 'v'"));
	starts_many(ex, 3);
	assert_string_equal(ex[0].reply, "200 no luck nil 1");
	assert_string_equal(ex[1].reply, "200 v nil 2");
	assert_string_equal(ex[2].reply, "200 v nil 2");
}

static void who_asks_and_is_cancelled_leaves_it_to_the_next(void **state)
{
	struct weir_exchange ex[2] = { { .path = "/" }, { .path = "/" } };

	(void)state;
	stage_plays(CACHE_SCRIPT("'1m'", "return 'v'"));
	stage_starts(&ex[0], WEIR_REQUEST);
	stage_starts(&ex[1], WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	loop_turn(&stage.worker.loop, 0);
	fiber_cancel(ex[0].fiber);
	stage_turns(ex, 2);
	assert_string_equal(ex[0].reply, "");
	assert_string_equal(ex[1].reply, "200 v nil 2");
}

static void who_waits_and_is_cancelled_leaves_the_queue(void **state)
{
	struct weir_exchange ex[2] = { { .path = "/" }, { .path = "/" } };

	(void)state;
	stage_plays(CACHE_SCRIPT("'1m'", "return 'v'"));
	stage_starts(&ex[0], WEIR_REQUEST);
	stage_starts(&ex[1], WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	loop_turn(&stage.worker.loop, 0);
	fiber_cancel(ex[1].fiber);
	stage_turns(ex, 2);
	assert_string_equal(ex[0].reply, "200 v nil 1");
	assert_string_equal(ex[1].reply, "");
}

static void one_who_asks_for_the_same_within_does_not_wait_for_himself(void **state)
{
	(void)state;
	stage_replies("local v = weir.cache('k', '1m', function() return 'a' .. weir.cache('k', '1m', "
		      "function() return 'b' end) end) req:reply(200, v)", "200 ab");
}

static void a_time_of_none_keeps_nothing(void **state)
{
	(void)state;
	stage_replies("local n = 0 for i = 1, 3 do weir.cache('k', 0, function() n = n + 1 return n end) end "
		      "req:reply(200, n)", "200 3");
	stage_fails("weir.cache('k', {negative = 1}, print)", "{ttl = \"1m\", negative = \"5s\"}");
	stage_fails("weir.cache('k', '1m')", "function expected");
}

static void it_cannot_be_used_while_the_script_is_read(void **state)
{
	(void)state;
	assert_false(stage_loads("weir.store:set('a', 1) return {request = function() end}"));
	assert_non_null(strstr(stage.error.text, "weir.store needs a request or `start`"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(a_value_outlives_the_request_and_the_script),
		STAGED(a_value_is_a_copy),
		STAGED(a_value_ends_with_its_time),
		STAGED(of_many_who_set_it_new_one_wins),
		STAGED(what_belongs_to_this_worker_cannot_be_kept),
		STAGED(keys_of_kinds_do_not_meet),
		STAGED(a_counter_counts_until_its_time_is_over),
		STAGED(many_who_want_it_at_once_ask_once),
		STAGED(that_there_is_none_is_kept_too),
		STAGED(an_error_is_not_kept_and_wakes_the_others),
		STAGED(who_asks_and_is_cancelled_leaves_it_to_the_next),
		STAGED(who_waits_and_is_cancelled_leaves_the_queue),
		STAGED(one_who_asks_for_the_same_within_does_not_wait_for_himself),
		STAGED(a_time_of_none_keeps_nothing),
		STAGED(it_cannot_be_used_while_the_script_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
