/* test_jwt_fresh.c - keys and tokens as time goes by, whole, in the fake world: when an issuer is asked
 * again, and how long what was learnt is believed. */
#include <weir/fake.h>

#include <time.h>

#include "tests/plugins/mint.h"
#include "tests/test.h"

#define KEYS "http://issuer.example/keys"
#define OPTIONS "{issuers: [{issuer: \"https://a.example/\", audience: orders, leeway: 0s, " \
	"jwks_url: \"" KEYS "\"}]}"

enum { SEEN = 16 };
static const uint64_t S = 1000000000, MS = 1000000;

/* An issuer that notes when it was asked. */
struct issuer {
	struct mint key;
	const char *cache_control;	/* NULL: it does not say */
	uint32_t failing;		/* so many of its first answers are none */
	uint64_t began, asked[SEEN];	/* ms since the beginning */
	uint32_t count;
};

struct world {
	struct weir_fake *fake;
	struct weir_fake_use *use;
	struct issuer issuer;
};

static void answer(void *arg, const struct weir_call_request *request, struct weir_fake_answer *out)
{
	static struct weir_field said;
	struct issuer *is = arg;

	(void)request;
	if (is->count < SEEN)
		is->asked[is->count] = weir_fake_host()->now() / MS - is->began;
	if (is->count++ < is->failing) {
		out->status = 500;
		return;
	}
	out->body = weir_str_from(mint_set(mint_jwk(&is->key, "\"kid\":\"a\""), NULL));
	said = (struct weir_field){ WEIR_STR("cache-control"), weir_str_from(is->cache_control) };
	out->headers = &said;
	out->header_count = is->cache_control != NULL;
}

static int begin(void **state)
{
	static struct world w;
	struct weir_error error = { "" };
	const struct weir_plugin *plugin = weir_fake_load("plugins/jwt/jwt.so", &error);

	w = (struct world){ .fake = weir_fake_new() };
	mint_open(&w.issuer.key, ALG_ES256);
	weir_fake_set_wall(w.fake, (uint64_t)time(NULL) * S);
	weir_fake_set_patience(w.fake, 1000);
	w.issuer.began = weir_fake_host()->now() / MS;
	weir_fake_service_by(w.fake, KEYS, answer, &w.issuer);
	w.use = plugin != NULL ? weir_fake_open(w.fake, plugin, OPTIONS, &error) : NULL;
	if (w.use == NULL)
		fail_msg("%s", error.text);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	mint_close(&w->issuer.key);
	return weir_fake_free(w->fake) ? 0 : -1;
}

static void keys_are_fetched_again_as_the_answer_says(void **state)
{
	struct world *w = *state;

	w->issuer.cache_control = "public, max-age=120";
	weir_fake_background(w->use, 12);
	assert_in_range(w->issuer.count, 3, SEEN);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(w->issuer.asked[i], 120000 * i);
}

static void and_every_ten_minutes_when_it_does_not_say(void **state)
{
	struct world *w = *state;

	weir_fake_background(w->use, 12);
	assert_in_range(w->issuer.count, 3, SEEN);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(w->issuer.asked[i], 600000 * i);
}

/* Nobody is asked without a pause, whatever the answer says. */
static void who_wants_to_be_asked_always_is_asked_every_half_minute(void **state)
{
	struct world *w = *state;

	w->issuer.cache_control = "no-store";
	weir_fake_background(w->use, 12);
	assert_in_range(w->issuer.count, 3, SEEN);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(w->issuer.asked[i], 30000 * i);
}

static void an_issuer_that_is_away_is_asked_more_and_more_seldom_until_it_is_there(void **state)
{
	struct world *w = *state;
	uint64_t before = 0;

	w->issuer.failing = 8;
	weir_fake_background(w->use, 100);
	assert_true(weir_fake_is_ready(w->use, NULL));
	for (uint32_t i = 1; i < 8; i++) {
		uint64_t pause = w->issuer.asked[i] - w->issuer.asked[i - 1];

		assert_in_range(pause, before * 4 / 5, 30000);
		before = pause;
	}
	assert_in_range(before, 20000, 30000);
}

static enum weir_verdict brings(struct world *w, const char *token, const char *reason)
{
	struct weir_exchange *ex = weir_fake_exchange(w->fake, "GET", "/x");
	char text[4096];
	enum weir_verdict verdict;

	(void)snprintf(text, sizeof(text), "Bearer %s", token);
	weir_fake_add_header(ex, WEIR_REQUEST, "authorization", weir_str_from(text));
	verdict = weir_fake_on_request(w->use, ex);
	if (reason != NULL)
		assert_str(weir_fake_part(ex, WEIR_PART_REASON), reason);
	weir_fake_end(ex);
	return verdict;
}

static void a_token_that_was_good_a_moment_ago_expires(void **state)
{
	struct world *w = *state;
	char token[4096];

	(void)snprintf(token, sizeof(token), "%s", mint_plain(&w->issuer.key, "a", mint_body("")));
	weir_fake_background(w->use, 3);
	assert_int_equal(brings(w, token, NULL), WEIR_NEXT);
	assert_int_equal(brings(w, token, NULL), WEIR_NEXT);
	assert_int_equal(weir_fake_counted(w->use, "remembered"), 1);

	weir_fake_set_wall(w->fake, (uint64_t)(time(NULL) + 3700) * S);

	assert_int_equal(brings(w, token, "token-expired"), WEIR_REFUSED);
}

static void a_token_before_its_issuer_was_ever_read_is_not_called_invalid(void **state)
{
	struct world *w = *state;
	const char *sentence;

	w->issuer.failing = SEEN;
	weir_fake_background(w->use, 3);
	assert_false(weir_fake_is_ready(w->use, &sentence));
	assert_non_null(strstr(sentence, "https://a.example/"));
	assert_non_null(strstr(sentence, "answered 500"));
	assert_int_equal(brings(w, mint_plain(&w->issuer.key, "a", mint_body("")), "keys-unavailable"),
			 WEIR_REFUSED);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(keys_are_fetched_again_as_the_answer_says),
		FRESH(and_every_ten_minutes_when_it_does_not_say),
		FRESH(who_wants_to_be_asked_always_is_asked_every_half_minute),
		FRESH(an_issuer_that_is_away_is_asked_more_and_more_seldom_until_it_is_there),
		FRESH(a_token_that_was_good_a_moment_ago_expires),
		FRESH(a_token_before_its_issuer_was_ever_read_is_not_called_invalid),
	};

	return cmocka_run_group_tests_name("jwt_fresh", tests, NULL, NULL);
}
