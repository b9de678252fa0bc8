/* test_bind_call.c - scripts sleep and call services. */
#include "core/base/clock.h"
#include "tests/script/stage.h"

static void a_sleep_takes_its_time_and_no_computing(void **state)
{
	struct weir_exchange ex;

	(void)state;
	stage.time_ns = 10 * NS_PER_MS;
	stage_plays_request("weir.sleep('60ms') weir.sleep(0.01)");
	assert_int_equal(stage_requests(&ex, "/"), WEIR_NEXT);
	assert_true(ex.took >= 70 * NS_PER_MS);
	stage_fails("weir.sleep('soon')", "a time is seconds or");
	stage_fails("weir.sleep(-1)", "a time is seconds or");
}

static void an_answer_has_status_headers_and_body(void **state)
{
	(void)state;
	stage_replies("local a = weir.get('up', '/x') "
		      "req:reply(200, a.status .. a.body .. a:json().n .. a.headers['Content-Type'])",
		      "200 200{\"n\":7}7application/json");
	assert_string_equal(stage_calls.last, "GET /x ");
	stage_replies("local a = weir.get('up', '/x') req:reply(200, a.headers['X-A'] .. ' ' .. "
		      "a.headers['set-cookie'] .. ' ' .. tostring(a.headers.none))", "200 1, 2 a=1 nil");
}

static void options_become_the_request(void **state)
{
	(void)state;
	stage_replies("weir.call('up', '/y?z=1', {method = 'PUT', headers = {['x-b'] = 7}, body = 'hi', "
		      "timeout = '1s', max = '4k'}) req:reply(200)", "200 ");
	assert_string_equal(stage_calls.last, "PUT /y?z=1 x-b=7 hi");
	stage_replies("weir.post('up', '/', {body = {a = {1, 2}}}) req:reply(200)", "200 ");
	assert_string_equal(stage_calls.last, "POST / content-type=application/json {\"a\":[1,2]}");
	stage_replies("weir.post('up', '/', 'text') req:reply(200)", "200 ");
	assert_string_equal(stage_calls.last, "POST / text");
}

static void no_answer_is_nil_and_a_reason(void **state)
{
	(void)state;
	stage_calls.refuses = true;
	stage_replies("local a, why = weir.get('up', '/') req:reply(200, tostring(a) .. why)",
		      "200 nilconnect-refused");
	stage_replies("local a, why = weir.get('nowhere', '/') req:reply(200, tostring(a) .. why)",
		      "200 nilunknown-service");
}

static void what_is_wrong_with_a_call_is_said(void **state)
{
	(void)state;
	stage_fails("weir.get('up', 'x')", "a path begins with a slash");
	stage_fails("weir.get('up', '/', {metod = 'GET'})", "there is no option \"metod\"");
	stage_fails("weir.get('up', '/', {headers = {'a'}})", "headers is a table of names");
	stage_fails("weir.get('up', '/', {headers = {a = {}}})", "the header a is a table; wanted a text");
	stage_fails("weir.get('up', '/', {body = print})", "the body is a function");
	stage_fails("local h = {} for i = 1, 65 do h['a' .. i] = 'b' end "
		    "weir.get('up', '/', {headers = h})", "at most 64 headers");
	stage_fails("weir.get('up')", "bad argument #2");
}

/* Another request empties the table while the first one waits. */
static void what_is_sent_is_not_changed_by_others(void **state)
{
	struct weir_exchange ex[8] = { { .path = "/" } };

	(void)state;
	stage_plays("local policy = {} local shared = {} function policy.request(req) "
		    "for i = 1, 20 do shared['x' .. i] = ('v' .. i):rep(20) end "
		    "local a = weir.get('up', '/', {headers = shared}) "
		    "for k in pairs(shared) do shared[k] = nil end "
		    "for i = 1, 100 do local _ = ('junk' .. i):rep(100) end end return policy");
	for (int i = 0; i < 8; i++) {
		ex[i] = (struct weir_exchange){ .path = "/" };
		stage_starts(&ex[i], WEIR_REQUEST);
	}
	stage_turns(ex, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(ex[i].verdict, WEIR_NEXT);
	assert_int_equal(stage_calls.count, 8);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(a_sleep_takes_its_time_and_no_computing),
		STAGED(an_answer_has_status_headers_and_body),
		STAGED(options_become_the_request),
		STAGED(no_answer_is_nil_and_a_reason),
		STAGED(what_is_wrong_with_a_call_is_said),
		STAGED(what_is_sent_is_not_changed_by_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
