/* test_jwt_claims.c - what a token with the right signature must still say, and what is learnt from
 * it. */
#include <stdlib.h>

#include "plugins/jwt/cache.h"
#include "plugins/jwt/claims.h"
#include "plugins/jwt/json.h"
#include "plugins/jwt/learnt.h"
#include "plugins/jwt/lifetime.h"
#include "plugins/jwt/provider.h"
#include "tests/test.h"

static const struct weir_str audiences[] = { { "orders", 6 }, { "billing", 7 } };
static const int64_t NOW = 1000000;
static int64_t expires;

static enum fault judged_with(const char *body, const char *typ, const struct claims_rules *rules)
{
	struct token t = { .body = json_object_read(weir_str_from(body)), .typ = weir_str_from(typ) };
	enum fault fault;

	assert_non_null(t.body);
	t.iss = json_member_text(t.body, "iss");
	fault = claims_check(&t, rules, NOW, &expires);
	json_decref(t.body);
	return fault;
}

static enum fault judged(const char *body)
{
	static const struct claims_rules rules = { .issuer = { "https://a/", 10 }, .audiences = audiences,
						   .audience_count = 2, .leeway = 30 };

	return judged_with(body, NULL, &rules);
}

#define WHO "\"iss\":\"https://a/\",\"aud\":\"orders\""

static void a_whole_token_is_good_until_it_expires(void **state)
{
	(void)state;
	assert_int_equal(judged("{" WHO ",\"exp\":1000100}"), FAULT_NONE);
	assert_int_equal(expires, 1000130);
	assert_int_equal(judged("{" WHO ",\"exp\":999971}"), FAULT_NONE);	/* leeway */
	assert_int_equal(judged("{" WHO ",\"exp\":999970}"), FAULT_EXPIRED);
	assert_int_equal(judged("{" WHO ",\"exp\":1000100.9}"), FAULT_NONE);
	assert_int_equal(judged("{" WHO ",\"exp\":0}"), FAULT_EXPIRED);
}

static void a_token_must_say_when_it_expires_and_in_a_number(void **state)
{
	(void)state;
	assert_int_equal(judged("{" WHO "}"), FAULT_NO_EXPIRY);
	assert_int_equal(judged("{" WHO ",\"exp\":\"1000100\"}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":true}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":null}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":[1000100]}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":-1}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":1e300}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":9223372036854775807}"), FAULT_CLAIMS);
}

static void not_before_and_issued_at_are_looked_at(void **state)
{
	(void)state;
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"nbf\":1000030}"), FAULT_NONE);
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"nbf\":1000031}"), FAULT_NOT_YET);
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"nbf\":\"0\"}"), FAULT_CLAIMS);
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"iat\":1000031}"), FAULT_NOT_YET);
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"iat\":{}}"), FAULT_CLAIMS);
}

static void age_can_be_bounded_whatever_exp_says(void **state)
{
	const struct claims_rules rules = { .leeway = 10, .oldest = 100 };

	(void)state;
	assert_int_equal(judged_with("{\"exp\":9999999,\"iat\":999900}", NULL, &rules), FAULT_NONE);
	assert_int_equal(expires, 1000010);
	assert_int_equal(judged_with("{\"exp\":9999999,\"iat\":999890}", NULL, &rules), FAULT_TOO_OLD);
	assert_int_equal(judged_with("{\"exp\":9999999}", NULL, &rules), FAULT_CLAIMS);
}

static void the_issuer_is_exactly_that_one(void **state)
{
	static const char *const bad[] = { "https://a", "https://a//", "HTTPS://A/", "https://a/ ", "" };
	char body[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{\"iss\":\"%s\",\"aud\":\"orders\",\"exp\":1000100}", bad[i]);
		assert_int_equal(judged(body), FAULT_ISSUER);
	}
	assert_int_equal(judged("{\"aud\":\"orders\",\"exp\":1000100}"), FAULT_ISSUER);
}

static void the_audience_is_one_of_ours(void **state)
{
	(void)state;
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":[\"x\",\"billing\"]}"), FAULT_NONE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":[\"x\"]}"), FAULT_AUDIENCE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":[]}"), FAULT_AUDIENCE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100}"), FAULT_AUDIENCE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":\"orders2\"}"), FAULT_AUDIENCE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":\"Orders\"}"), FAULT_AUDIENCE);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":{\"orders\":1}}"), FAULT_CLAIMS);
	assert_int_equal(judged("{\"iss\":\"https://a/\",\"exp\":1000100,\"aud\":[\"orders\",1]}"), FAULT_CLAIMS);
}

/* An ID token for logging out has the same keys, issuer and audience. */
static void a_token_of_another_type_is_refused(void **state)
{
	const struct weir_str only[] = { { "at+jwt", 6 } };
	const struct claims_rules usual = { 0 }, strict = { .types = only, .type_count = 1 };
	const char *body = "{\"exp\":1000100}";

	(void)state;
	assert_int_equal(judged_with(body, NULL, &usual), FAULT_NONE);
	assert_int_equal(judged_with(body, "JWT", &usual), FAULT_NONE);
	assert_int_equal(judged_with(body, "jwt", &usual), FAULT_NONE);
	assert_int_equal(judged_with(body, "application/at+JWT", &usual), FAULT_NONE);
	assert_int_equal(judged_with(body, "logout+jwt", &usual), FAULT_TYPE);
	assert_int_equal(judged_with(body, "dpop+jwt", &usual), FAULT_TYPE);
	assert_int_equal(judged_with(body, "JOSE+JSON", &usual), FAULT_TYPE);
	assert_int_equal(judged_with(body, "at+jwt", &strict), FAULT_NONE);
	assert_int_equal(judged_with(body, "JWT", &strict), FAULT_TYPE);
	assert_int_equal(judged_with(body, NULL, &strict), FAULT_TYPE);
}

static void a_subject_is_a_text(void **state)
{
	(void)state;
	assert_int_equal(judged("{" WHO ",\"exp\":1000100,\"sub\":7}"), FAULT_CLAIMS);
}

/* Learning -------------------------------------------------------------------- */

static struct learnt *learnt(const char *body)
{
	json_t *json = json_object_read(weir_str_from(body));
	struct learnt *l = learnt_from(json);

	assert_non_null(json);
	json_decref(json);
	return l;
}

static void claims_become_texts(void **state)
{
	struct learnt *l = learnt("{\"sub\":\"ann\",\"n\":7,\"ok\":true,\"none\":null,\"pi\":1.5,"
				  "\"groups\":[\"a\",\"b,c\",null,3],\"https://x/tier\":\"gold\","
				  "\"realm\":{\"roles\":[\"r\"],\"deep\":{\"er\":\"d\"}},\"realm.x\":\"own\","
				  "\"odd\":[{\"a\":1}]}");

	(void)state;
	assert_non_null(l);
	assert_str(learnt_at(l, WEIR_STR("sub"), 0), "ann");
	assert_str(learnt_at(l, WEIR_STR("n"), 0), "7");
	assert_str(learnt_at(l, WEIR_STR("ok"), 0), "true");
	assert_false(weir_str_present(learnt_at(l, WEIR_STR("none"), 0)));
	assert_str(learnt_at(l, WEIR_STR("pi"), 0), "1.5");
	assert_str(learnt_at(l, WEIR_STR("groups"), 1), "b,c");
	assert_str(learnt_at(l, WEIR_STR("groups"), 2), "3");
	assert_true(learnt_has(l, WEIR_STR("groups"), WEIR_STR("a")));
	assert_false(learnt_has(l, WEIR_STR("groups"), WEIR_STR("b")));
	assert_str(learnt_at(l, WEIR_STR("https://x/tier"), 0), "gold");
	assert_str(learnt_at(l, WEIR_STR("realm.roles"), 0), "r");
	assert_str(learnt_at(l, WEIR_STR("realm.deep.er"), 0), "d");
	assert_str(learnt_at(l, WEIR_STR("realm.x"), 0), "own");
	assert_str(learnt_at(l, WEIR_STR("odd"), 0), "{\"a\":1}");
	assert_false(l->at[0].more);
	free(l);
}

static void a_member_of_a_map_does_not_pass_for_a_claim_of_its_name(void **state)
{
	struct learnt *l = learnt("{\"user\":{\"role\":\"admin\"},\"user.role\":\"guest\"}");

	(void)state;
	assert_str(learnt_at(l, WEIR_STR("user.role"), 0), "guest");
	assert_false(weir_str_present(learnt_at(l, WEIR_STR("user.role"), 1)));
	free(l);
}

static void scopes_are_words_or_elements(void **state)
{
	struct learnt *l = learnt("{\"scope\":\"read  write:all\",\"scp\":[\"admin\"]}");

	(void)state;
	assert_true(learnt_grants(l, WEIR_STR("read")));
	assert_true(learnt_grants(l, WEIR_STR("write:all")));
	assert_true(learnt_grants(l, WEIR_STR("admin")));
	assert_false(learnt_grants(l, WEIR_STR("write")));
	assert_false(learnt_grants(l, WEIR_STR("rea")));
	assert_false(learnt_grants(l, WEIR_STR("")));
	free(l);
}

static void what_is_learnt_is_bounded(void **state)
{
	char body[4096] = "{\"g\":[";

	(void)state;
	for (int i = 0; i < LEARNT_MOST; i++)
		strcat(body, i > 0 ? ",1" : "1");
	strcat(body, "]}");
	free(learnt(body));
	body[strlen(body) - 2] = '\0';
	strcat(body, ",1]}");
	assert_null(learnt(body));
}

/* Remembering ----------------------------------------------------------------- */

static const unsigned char *hash(unsigned n)
{
	static unsigned char bytes[CACHE_HASH];

	memset(bytes, 0, sizeof(bytes));
	bytes[0] = (unsigned char)(n % 3);	/* few buckets: they collide */
	memcpy(bytes + 8, &n, sizeof(n));
	return bytes;
}

static void put(struct cache *c, unsigned n, int64_t until)
{
	cache_put(c, hash(n), &(struct cached){ .expires = until, .keys = n,
						 .learnt = calloc(1, sizeof(struct learnt)) });
}

static void the_cache_forgets_the_oldest_and_the_expired(void **state)
{
	struct cache *c = cache_new(4);

	(void)state;
	for (unsigned n = 0; n < 6; n++)
		put(c, n, 100 + (int64_t)n);
	assert_null(cache_find(c, hash(0), 50));
	assert_null(cache_find(c, hash(1), 50));
	for (unsigned n = 2; n < 6; n++)
		assert_int_equal(cache_find(c, hash(n), 50)->keys, n);

	assert_null(cache_find(c, hash(2), 102));	/* to the second */
	assert_null(cache_find(c, hash(2), 50));	/* and it is gone */
	assert_non_null(cache_find(c, hash(3), 102));
	cache_drop(c, hash(3));
	assert_null(cache_find(c, hash(3), 50));
	put(c, 4, 900);					/* once more */
	assert_int_equal(cache_find(c, hash(4), 800)->expires, 900);
	for (unsigned n = 10; n < 1000; n++)
		put(c, n, 5000);
	assert_int_equal(cache_find(c, hash(999), 50)->keys, 999);
	assert_null(cache_find(c, hash(990), 50));
	cache_free(c);
}

/* Asking again ---------------------------------------------------------------- */

static void answers_say_how_long_they_last(void **state)
{
	(void)state;
	assert_int_equal(lifetime_of(WEIR_ABSENT, WEIR_ABSENT, 600), 600);
	assert_int_equal(lifetime_of(WEIR_STR("public, Max-Age=3600"), WEIR_ABSENT, 600), 3600);
	assert_int_equal(lifetime_of(WEIR_STR("max-age=3600"), WEIR_STR("600"), 600), 3000);
	assert_int_equal(lifetime_of(WEIR_STR("max-age=60"), WEIR_STR("600"), 600), 0);
	assert_int_equal(lifetime_of(WEIR_STR("no-store"), WEIR_ABSENT, 600), 0);
	assert_int_equal(lifetime_of(WEIR_STR("max-age=60, no-cache"), WEIR_ABSENT, 600), 0);
	assert_int_equal(lifetime_of(WEIR_STR("max-age=x"), WEIR_ABSENT, 600), 600);
	assert_true(lifetime_of(WEIR_STR("max-age=99999999999999999999999"), WEIR_ABSENT, 600) <= 316224000);
}

static void pauses_grow_to_a_bound(void **state)
{
	(void)state;
	assert_true(lifetime_pause(1, 30, 0) == 1.0);
	assert_true(lifetime_pause(3, 30, 0) == 4.0);
	assert_true(lifetime_pause(9, 30, 0) == 30.0);
	assert_true(lifetime_pause(1000000, 30, 0) == 30.0);
	assert_true(lifetime_pause(9, 30, UINT64_MAX) >= 24.0);
	assert_true(lifetime_pause(9, 30, UINT64_MAX) < 24.1);
}

static void keys_of(const char *text, const char *issuer, const char *url, const char *why)
{
	struct weir_error error = { "" };
	char out[PROVIDER_URL];
	bool ok = provider_keys(weir_str_from(text), weir_str_from(issuer), out, &error);

	if (ok != (url != NULL))
		fail_msg("%s", error.text);
	if (ok)
		assert_string_equal(out, url);
	else if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void an_issuer_describes_itself_and_nobody_else(void **state)
{
	char url[PROVIDER_URL];

	(void)state;
	assert_true(provider_address(WEIR_STR("https://a.example/"), url));
	assert_string_equal(url, "https://a.example/.well-known/openid-configuration");
	assert_true(provider_address(WEIR_STR("http://a.example/realms/x"), url));
	assert_string_equal(url, "http://a.example/realms/x/.well-known/openid-configuration");
	assert_false(provider_address(WEIR_STR("a.example"), url));
	assert_false(provider_address(WEIR_STR("file:///etc/passwd"), url));
	assert_false(provider_address(WEIR_STR("https://a.example/?x"), url));
	assert_false(provider_address(WEIR_STR("https://a b/"), url));

	keys_of("{\"issuer\":\"https://a/\",\"jwks_uri\":\"https://a/keys\"}", "https://a/", "https://a/keys", NULL);
	keys_of("{\"issuer\":\"https://b/\",\"jwks_uri\":\"https://a/keys\"}", "https://a/", NULL, "https://b/");
	keys_of("{\"issuer\":\"https://a/\",\"jwks_uri\":\"http://a/keys\"}", "https://a/", NULL, "without TLS");
	keys_of("{\"issuer\":\"https://a/\",\"jwks_uri\":\"file:///x\"}", "https://a/", NULL, "jwks_uri");
	keys_of("{\"issuer\":\"https://a/\"}", "https://a/", NULL, "jwks_uri");
	keys_of("[]", "https://a/", NULL, "no JSON object");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_token_is_good_until_it_expires),
		cmocka_unit_test(a_token_must_say_when_it_expires_and_in_a_number),
		cmocka_unit_test(not_before_and_issued_at_are_looked_at),
		cmocka_unit_test(age_can_be_bounded_whatever_exp_says),
		cmocka_unit_test(the_issuer_is_exactly_that_one),
		cmocka_unit_test(the_audience_is_one_of_ours),
		cmocka_unit_test(a_token_of_another_type_is_refused),
		cmocka_unit_test(a_subject_is_a_text),
		cmocka_unit_test(claims_become_texts),
		cmocka_unit_test(a_member_of_a_map_does_not_pass_for_a_claim_of_its_name),
		cmocka_unit_test(scopes_are_words_or_elements),
		cmocka_unit_test(what_is_learnt_is_bounded),
		cmocka_unit_test(the_cache_forgets_the_oldest_and_the_expired),
		cmocka_unit_test(answers_say_how_long_they_last),
		cmocka_unit_test(pauses_grow_to_a_bound),
		cmocka_unit_test(an_issuer_describes_itself_and_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
