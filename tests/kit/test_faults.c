/* test_faults.c - every misbehaviour is named, with its plugin and its hook, and nothing else is. */
#include <weir/fake_roles.h>

#include "core/kit/fault.h"
#include "tests/test.h"

static const struct weir_plugin *rude;

static int load(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	rude = weir_fake_load("tests/plugins/rude.so", &error);
	if (rude == NULL)
		fprintf(stderr, "%s\n", error.text);
	return rude != NULL ? 0 : -1;
}

/* Everything the plugin can do is asked of it, once. */
static void ask(struct weir_fake *f, struct weir_fake_use *use, bool cancel)
{
	const struct weir_endpoint one = { .address = WEIR_STR("10.0.0.1:80") };
	const struct weir_retry_question unsafe = { .size = sizeof(unsafe), .attempt = 1 };
	struct weir_exchange *first = weir_fake_exchange(f, "GET", "/"), *second;

	if (cancel)
		weir_fake_cancel_at(f, 1);
	(void)weir_fake_run(use, first);
	weir_fake_end(first);
	second = weir_fake_exchange(f, "GET", "/again");
	(void)weir_fake_run(use, second);
	weir_fake_end(second);
	(void)weir_fake_pick(weir_fake_build(use, &one, 1, NULL), NULL);
	weir_fake_watch(use, "some-svc", 3);
	(void)weir_fake_judge(use, &unsafe);
}

static struct weir_fake *world(void)
{
	const struct weir_fake_answer answer = { .status = 200 };
	const struct weir_record record = { .target = WEIR_STR("192.0.2.7") };
	struct weir_fake *f = weir_fake_new();

	weir_fake_service(f, "other", &answer);
	weir_fake_name(f, "other.example", WEIR_RECORD_A, &record, 1, 60);
	weir_fake_watch_mutexes(f);
	return f;
}

/* Gives the first fault that was named; the world is still there. */
static const char *misbehaves(struct weir_fake *f, const char *how)
{
	struct weir_error error = { "" };
	struct weir_fake_use *use = weir_fake_open(f, rude, how, &error);

	if (use != NULL)
		ask(f, use, strcmp(how, "went-on-after-cancel") == 0);
	else
		assert_non_null(strstr(error.text, "which its table does not have"));
	return weir_fake_fault(f, 0);
}

static void every_misbehaviour_is_named(void **state)
{
	(void)state;
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		const char *word = fault_word(fault), *said;
		struct weir_fake *f = world();

		said = misbehaves(f, word);
		if (said == NULL || strncmp(said, word, strlen(word)) != 0)
			fail_msg("for %s it said: %s", word, said != NULL ? said : "nothing");
		assert_non_null(strstr(said, "of the plugin rude"));
		assert_true(weir_fake_blames(f, word));
		assert_false(weir_fake_blames(f, "no-such-word"));
		assert_true(weir_fake_free(f));
	}
}

static void who_behaves_is_not_blamed(void **state)
{
	struct weir_fake *f = world();

	(void)state;
	assert_null(misbehaves(f, "well"));
	assert_int_equal(weir_fake_faults(f), 0);
	assert_true(weir_fake_free(f));
}

static void a_fault_that_nobody_expects_fails_the_test(void **state)
{
	struct weir_fake *f = world();

	(void)state;
	assert_non_null(misbehaves(f, "bad-header"));
	assert_false(weir_fake_free(f));
}

static void the_sentence_says_who_where_and_what(void **state)
{
	struct weir_fake *f = world();

	(void)state;
	assert_string_equal(misbehaves(f, "framing-header"),
			    "framing-header: on_request of the plugin rude wrote a header that frames "
			    "the message, which is Weir's; it was not kept: `content-length`");
	assert_true(weir_fake_blames(f, "framing-header"));
	assert_true(weir_fake_free(f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_misbehaviour_is_named),
		cmocka_unit_test(who_behaves_is_not_blamed),
		cmocka_unit_test(a_fault_that_nobody_expects_fails_the_test),
		cmocka_unit_test(the_sentence_says_who_where_and_what),
	};

	return cmocka_run_group_tests_name("faults", tests, load, NULL);
}
