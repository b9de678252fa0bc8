/* test_attacks.c - what a script keeps of one request is of no use to it in another. */
#include "core/base/clock.h"
#include "tests/script/stage.h"

static void plays_twice(const char *first, const char *second, const char *want)
{
	struct weir_exchange a = { .path = "/first" }, b;
	char whole[2048];

	(void)snprintf(whole, sizeof(whole), "local policy, kept, said = {}, {}, {} "
		       "local function try(f, ...) local ok, why = pcall(f, ...) "
		       "said[#said + 1] = ok and 'done' or tostring(why) end "
		       "function policy.request(req) if req.path == '/first' then %s else %s "
		       "req:reply(200, table.concat(said, '; ')) end end return policy", first, second);
	stage_plays(whole);
	stage_starts(&a, WEIR_REQUEST);
	loop_turn(&stage.worker.loop, 0);
	if (stage_requests(&b, "/second") != WEIR_ANSWERED)
		fail_msg("%s", stage.said);
	if (!a.ended)
		stage_turns(&a, 1);
	assert_int_equal(a.verdict, WEIR_NEXT);
	assert_string_equal(b.reply, want);
}

/* It is used again for other requests: closing or resuming it would break those. */
static void the_thread_of_a_request_is_not_given_out(void **state)
{
	(void)state;
	plays_twice("kept[1], kept[2] = coroutine.running()",
		    "said[1] = tostring(kept[1]) .. tostring(kept[2])", "200 niltrue");
}

static void a_coroutine_that_waits_elsewhere_cannot_be_touched(void **state)
{
	(void)state;
	plays_twice("kept[1] = coroutine.create(function() weir.sleep('20ms') end) coroutine.resume(kept[1])",
		    "try(coroutine.close, kept[1]) said[2] = tostring(select(2, coroutine.resume(kept[1], 1)))",
		    "200 cannot close a coroutine that is running; cannot resume non-suspended coroutine");
}

/* Its parts lie at hand, and are worth nothing. */
static void nor_do_the_parts_of_one_that_is_over(void **state)
{
	(void)state;
	plays_twice("kept[1] = req weir.sleep('20ms')",
		    "try(function() return kept[1].headers.x end) try(function() kept[1]:route_to('b') end) "
		    "for i = 1, 2 do said[i] = said[i]:match('belongs to another request') or said[i] end",
		    "200 belongs to another request; belongs to another request");
}

static void a_request_that_is_over_answers_nothing(void **state)
{
	(void)state;
	plays_twice("kept[1], kept[2], kept[3] = req, req.headers, req.log weir.sleep('20ms')",
		    "try(function() return kept[1].path end) try(function() kept[2].x = 'y' end) "
		    "try(function() kept[3].x = 'y' end) for i = 1, 3 do "
		    "said[i] = said[i]:match('belongs to another request') or said[i] end",
		    "200 belongs to another request; belongs to another request; belongs to another request");
}

static void an_iterator_goes_on_in_another_request(void **state)
{
	(void)state;
	plays_twice("kept[1] = ('abc'):gmatch('.') kept[1]() weir.sleep('20ms')",
		    "said[1] = kept[1]() collectgarbage('count') said[2] = kept[1]()", "200 b; c");
}

static void no_line_break_gets_into_an_answer(void **state)
{
	static const char *const tricks[] = {
		"req:reply(200, 'x', {['x-a'] = 'b\\r\\nx-evil: 1'})", "req:reply(200, 'x', {['x\\na'] = 'b'})",
		"req:reply(200, 'x', {[''] = 'b'})", "req:redirect('/a\\r\\nx-evil: 1')",
	};
	struct weir_exchange ex;

	(void)state;
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		stage_plays_request(tricks[i]);
		if (stage_requests(&ex, "/") != WEIR_FAILED)
			fail_msg("%s was not refused", tricks[i]);
	}
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(the_thread_of_a_request_is_not_given_out),
		STAGED(a_coroutine_that_waits_elsewhere_cannot_be_touched),
		STAGED(a_request_that_is_over_answers_nothing),
		STAGED(nor_do_the_parts_of_one_that_is_over),
		STAGED(an_iterator_goes_on_in_another_request),
		STAGED(no_line_break_gets_into_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
