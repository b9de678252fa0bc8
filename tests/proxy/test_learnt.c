/* test_learnt.c - what policies learn about a client, and what they say when they refuse it. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"
#include "core/proxy/claims.h"

static struct weir_refusal refusal;
static bool looked;

static enum weir_verdict refuse(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	window_table()->refuse_with(ex, &refusal);
	return WEIR_REFUSED;
}

static const struct weir_policy refuses = WEIR_POLICY(.on_request = refuse);

static enum weir_verdict pass(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static const struct weir_policy passes = WEIR_POLICY(.on_request = pass);

static struct weir_str refused_with(struct scene *s, struct weir_refusal given)
{
	struct weir_str heard;

	refusal = given;
	client_says(s, GET);
	heard = client_hears(s, "}\n");
	scene_until(s, nobody_is_served);
	return heard;
}

static void heard_has(struct weir_str heard, const char *text)
{
	if (str_find_str(heard, str_from(text)) == heard.len)
		fail_msg("no \"%s\" in \"%.*s\"", text, STR_ARG(heard));
}

static void a_refusal_has_a_reason_and_headers(void **state)
{
	struct scene *s = scene_new();
	const struct weir_field fields[] = { { STR("www-authenticate"), STR("Bearer") },
					     { STR("content-length"), STR("7") },
					     { STR("x-bad"), STR("a\r\nb") } };
	struct weir_str heard;

	(void)state;
	scene_policy(s, &refuses);

	heard = refused_with(s, (struct weir_refusal)WEIR_REFUSAL(
		.reason = STR("token-expired"), .why = STR("the token expired"),
		.headers = fields, .header_count = 3));

	assert_true(str_starts(heard, STR("HTTP/1.1 401 ")));
	heard_has(heard, "weir-reason: token-expired\r\n");
	heard_has(heard, "www-authenticate: Bearer\r\n");
	heard_has(heard, "\"detail\":\"the token expired\"");
	assert_int_equal(str_find_str(heard, STR("x-bad")), heard.len);
	assert_int_equal(str_find_str(heard, STR("content-length: 7\r\n")), heard.len);
	scene_free(s);
}

static void a_word_that_nobody_knows_is_a_plain_refusal(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	scene_policy(s, &refuses);

	heard = refused_with(s, (struct weir_refusal)WEIR_REFUSAL(.reason = STR("no-such-word")));

	assert_true(str_starts(heard, STR("HTTP/1.1 403 ")));
	heard_has(heard, "weir-reason: refused\r\n");
	heard_has(heard, "a policy refused the request");
	scene_free(s);
}

static void what_is_overruled_leaves_no_header_behind(void **state)
{
	struct scene *s = scene_new();
	const struct weir_field field = { STR("www-authenticate"), STR("Bearer") };
	struct weir_str heard;

	(void)state;
	scene_policy(s, &refuses)->go_on = true;
	scene_policy(s, &passes);
	refusal = (struct weir_refusal)WEIR_REFUSAL(.reason = STR("token-missing"),
						    .headers = &field, .header_count = 1);

	client_says(s, GET);
	origin_accepts(s);
	origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	heard = client_hears(s, "\r\n\r\nok");

	assert_int_equal(str_find_str(heard, STR("www-authenticate")), heard.len);
	scene_until(s, nobody_is_served);
	scene_free(s);
}

/* Claims -------------------------------------------------------------------- */

static enum weir_verdict learn(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct weir_host *host = window_table();

	(void)here;
	assert_true(host->claim_set(ex, STR("sub"), STR("ann")));
	assert_true(host->claim_set(ex, STR("sub"), STR("bob")));
	assert_true(host->claim_add(ex, STR("groups"), STR("a")));
	assert_true(host->claim_add(ex, STR("groups"), STR("b,c")));
	assert_true(host->identity_set(ex, STR("bob@example")));

	assert_str(host->named(ex, WEIR_NAMED_CLAIM, STR("sub")), "bob");
	assert_str(host->named(ex, WEIR_NAMED_CLAIM, STR("groups")), "a,b,c");
	assert_str(host->claim_at(ex, STR("groups"), 0), "a");
	assert_str(host->claim_at(ex, STR("groups"), 1), "b,c");
	assert_false(weir_str_present(host->claim_at(ex, STR("groups"), 2)));
	assert_str(host->part(ex, WEIR_PART_IDENTITY), "bob@example");
	looked = true;
	return WEIR_NEXT;
}

static const struct weir_policy learns = WEIR_POLICY(.on_request = learn);

static void a_claim_can_have_several_values(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	looked = false;
	scene_policy(s, &learns);

	plain_exchange(s);

	assert_true(looked);
	scene_until(s, nobody_is_served);
	scene_free(s);
}

static enum weir_verdict learn_much(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct weir_host *host = window_table();
	uint32_t room = 0;

	(void)here;
	while (room < 1000 && host->claim_add(ex, STR("n"), STR("v")))
		room++;
	assert_int_equal(room, 256);
	assert_false(host->claim_set(ex, STR("other"), STR("v")));
	assert_true(host->claim_set(ex, STR("n"), STR("one")));	/* for 256 others */
	assert_str(host->named(ex, WEIR_NAMED_CLAIM, STR("n")), "one");
	return WEIR_NEXT;
}

static const struct weir_policy learns_much = WEIR_POLICY(.on_request = learn_much);

static void claims_are_bounded(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_policy(s, &learns_much);

	plain_exchange(s);

	scene_until(s, nobody_is_served);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_has_a_reason_and_headers),
		cmocka_unit_test(a_word_that_nobody_knows_is_a_plain_refusal),
		cmocka_unit_test(what_is_overruled_leaves_no_header_behind),
		cmocka_unit_test(a_claim_can_have_several_values),
		cmocka_unit_test(claims_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
