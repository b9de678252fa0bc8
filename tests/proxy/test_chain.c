/* test_chain.c - policies: first to last, back again, and what each verdict does. */
#include "tests/proxy/scene.h"

#include "core/fiber/wait.h"
#include "core/plugin/window.h"

/* What ran, one letter each: small on the way in, capital on the way back, then a sign when done. */
static char ran[64];
static enum weir_verdict says[SCENE_LINKS];
static uint64_t waits;

static void note(char c)
{
	size_t len = strlen(ran);

	assert_true(len + 1 < sizeof(ran));
	ran[len] = c;
}

static unsigned number(const struct weir_here *here)
{
	return (unsigned)*(const char *)here->self;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	unsigned n = number(here);

	note((char)('a' + n));
	if (waits > 0)
		(void)wait_sleep(waits);
	if (says[n] == WEIR_REFUSED)
		window_table()->refuse(ex, 401, STR("who are you?"));
	if (says[n] == WEIR_ANSWERED)
		window_table()->reply(ex, &(struct weir_reply)WEIR_REPLY(.status = 218,
									  .body = STR("mine")));
	return says[n];
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)ex;
	note((char)('A' + number(here)));
	return WEIR_NEXT;
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	(void)ex;
	note('.');
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request,
						     .on_response = on_response,
						     .on_done = on_done);

static struct scene *with_policies(unsigned count)
{
	static char numbers[SCENE_LINKS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct scene *s = scene_new();

	memset(ran, 0, sizeof(ran));
	memset(says, 0, sizeof(says));
	waits = 0;
	for (unsigned i = 0; i < count; i++) {
		(void)scene_policy(s, &policy);
		s->uses[i].self = &numbers[i];
	}
	return s;
}

static void is_served(struct scene *s)
{
	plain_exchange(s);
	scene_until(s, nobody_is_served);
	scene_free(s);
}

static void is_answered(struct scene *s, const char *status, const char *words)
{
	struct weir_str heard;

	client_says(s, GET);
	heard = client_hears(s, words);
	if (!str_starts(heard, str_from(status)))
		fail_msg("wanted \"%s\", got \"%.*s\"", status, STR_ARG(heard));
	scene_until(s, nobody_is_served);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void first_to_last_and_back(void **state)
{
	struct scene *s = with_policies(3);

	(void)state;
	is_served(s);
	assert_string_equal(ran, "abcCBA...");
}

static void a_refusal_ends_the_request(void **state)
{
	struct scene *s = with_policies(3);

	(void)state;
	says[1] = WEIR_REFUSED;
	is_answered(s, "HTTP/1.1 401 ", "who are you?");
	assert_string_equal(ran, "abBA..");	/* those whose turn had come see the answer */
}

static void an_answer_ends_the_request(void **state)
{
	struct scene *s = with_policies(2);

	(void)state;
	says[0] = WEIR_ANSWERED;
	is_answered(s, "HTTP/1.1 218 ", "\r\n\r\nmine");
	assert_string_equal(ran, "aA.");
}

static void a_failure_is_a_500(void **state)
{
	struct scene *s = with_policies(2);

	(void)state;
	says[0] = WEIR_FAILED;
	is_answered(s, "HTTP/1.1 500 ", "policy-error");
}

static void on_error_continue_goes_on(void **state)
{
	struct scene *s = with_policies(3);

	(void)state;
	says[0] = WEIR_REFUSED;
	says[1] = WEIR_FAILED;
	s->links[0].go_on = s->links[1].go_on = true;
	is_served(s);
	assert_string_equal(ran, "abcCBA...");
}

static void but_not_over_an_answer(void **state)
{
	struct scene *s = with_policies(2);

	(void)state;
	says[0] = WEIR_ANSWERED;
	s->links[0].go_on = true;
	is_answered(s, "HTTP/1.1 218 ", "\r\n\r\nmine");
}

static bool never(const struct link *l, const struct exchange *ex)
{
	(void)l;
	(void)ex;
	return false;
}

static void what_does_not_apply_is_passed_over(void **state)
{
	struct scene *s = with_policies(2);

	(void)state;
	says[0] = WEIR_REFUSED;
	s->links[0].applies = never;
	is_served(s);
	assert_string_equal(ran, "bB.");
}

/* The first three policies become one `any`. */
static void make_any(struct scene *s)
{
	static struct link inside[3];

	memcpy(inside, s->links, sizeof(inside));
	s->links[0] = (struct link){ .kind = LINK_ANY, .inner = inside, .inner_count = 3,
				     .stage = STAGE_ROUTE };
	s->plan.chain.count = 1;
}

static void any_passes_when_one_does(void **state)
{
	struct scene *s = with_policies(3);

	(void)state;
	make_any(s);
	says[0] = WEIR_REFUSED;
	is_served(s);
	assert_string_equal(ran, "abBA..");
}

static void any_refuses_when_all_do(void **state)
{
	struct scene *s = with_policies(3);

	(void)state;
	make_any(s);
	says[0] = says[1] = says[2] = WEIR_REFUSED;
	is_answered(s, "HTTP/1.1 401 ", "who are you?");
	assert_string_equal(ran, "abcCBA...");
}

/* Else a later failure would have the status and the words of a refusal that did not count. */
static void a_refusal_that_any_overruled_leaves_nothing(void **state)
{
	struct scene *s = with_policies(3);
	struct weir_str heard;

	(void)state;
	make_any(s);
	says[0] = WEIR_REFUSED;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_closes(s);
	heard = client_hears(s, "}\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 502 ")));
	assert_int_equal(str_find_str(heard, STR("who are you?")), heard.len);
	scene_free(s);
}

/* Scratch. */

static enum weir_verdict counts_up(const struct weir_here *here, struct weir_exchange *ex)
{
	uint64_t *mine = here->exchange;

	(void)ex;
	mine[0]++;
	mine[99] += 7;
	return WEIR_NEXT;
}

static void checks(const struct weir_here *here, struct weir_exchange *ex)
{
	const uint64_t *mine = here->exchange;

	(void)ex;
	note(mine[0] == 2 && mine[1] == 0 && mine[99] == 14 ? '+' : '-');
}

static void each_has_its_own_zeroed_bytes(void **state)
{
	static const struct weir_policy counting = WEIR_POLICY(
		.exchange_size = 800, .on_request = counts_up, .on_response = counts_up,
		.on_done = checks);
	struct scene *s = with_policies(0);
	struct link early = *scene_policy(s, &counting);

	(void)state;
	(void)scene_policy(s, &counting);
	early.stage = STAGE_LISTENER;
	early.number = 10;
	s->lp.chain = (struct chain){ .links = &early, .count = 1, .scratch = 800,
				      .stage = STAGE_LISTENER };
	chain_note(&s->lp.chain, &early);
	plain_exchange(s);
	plain_exchange(s);
	scene_until(s, nobody_is_served);
	assert_string_equal(ran, "++++++");
	scene_free(s);
}

/* Waiting. */

static void a_client_that_vanishes_in_a_hook_leaves_nothing(void **state)
{
	struct scene *s = with_policies(2);

	(void)state;
	waits = 60 * NS_PER_S;
	client_says(s, GET);
	scene_turns(s, 0);
	assert_string_equal(ran, "a");
	client_resets(s);
	scene_until(s, nobody_is_connected);

	assert_string_equal(ran, "a.");	/* nothing is answered, but it is over */
	scene_free(s);
}

static void a_hook_has_no_more_time_than_all_of_it(void **state)
{
	struct scene *s = with_policies(1);

	(void)state;
	waits = 60 * NS_PER_S;
	s->plan.all_timeout = 30 * NS_PER_MS;
	says[0] = WEIR_FAILED;
	is_answered(s, "HTTP/1.1 504 ", "}\n");
}

static void waits_when_done(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	(void)ex;
	note(wait_sleep(20 * NS_PER_MS) == WAKE_EVENT ? '+' : '-');
}

static void what_follows_the_end_is_shielded(void **state)
{
	static const struct weir_policy late = WEIR_POLICY(.on_done = waits_when_done);
	struct scene *s = with_policies(0);

	(void)state;
	(void)scene_policy(s, &late);
	client_says(s, GET);
	origin_accepts(s);
	client_resets(s);
	scene_until(s, nobody_is_connected);

	assert_string_equal(ran, "+");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_to_last_and_back),
		cmocka_unit_test(a_refusal_ends_the_request),
		cmocka_unit_test(an_answer_ends_the_request),
		cmocka_unit_test(a_failure_is_a_500),
		cmocka_unit_test(on_error_continue_goes_on),
		cmocka_unit_test(but_not_over_an_answer),
		cmocka_unit_test(what_does_not_apply_is_passed_over),
		cmocka_unit_test(any_passes_when_one_does),
		cmocka_unit_test(any_refuses_when_all_do),
		cmocka_unit_test(a_refusal_that_any_overruled_leaves_nothing),
		cmocka_unit_test(each_has_its_own_zeroed_bytes),
		cmocka_unit_test(a_client_that_vanishes_in_a_hook_leaves_nothing),
		cmocka_unit_test(a_hook_has_no_more_time_than_all_of_it),
		cmocka_unit_test(what_follows_the_end_is_shielded),
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
