/* test_jwt_keys.c - keys and signatures: each algorithm with its own key, and every way to mix them
 * up. */
#include "plugins/jwt/keyset.h"
#include "plugins/jwt/token.h"
#include "plugins/jwt/verify.h"
#include "tests/plugins/mint.h"
#include "tests/test.h"

static const struct key_rules any_rules = { 0 };
static struct weir_error error, passed;

static struct keyset *read_set(const char *text, struct key_rules rules)
{
	struct keyset *set = keyset_new();

	error.text[0] = '\0';
	if (keyset_add_jwks(set, weir_str_from(text), &rules, &passed, &error))
		return set;
	keyset_free(set);
	return NULL;
}

static bool verifies(const struct key *key, const char *text, enum alg alg)
{
	struct token t;
	bool ok;

	assert_int_equal(token_open(&t, weir_str_from(text), MINT_ROOM), FAULT_NONE);
	ok = verify_signature(key, alg, t.signed_part, t.signature);
	token_end(&t);
	return ok;
}

static void every_algorithm_verifies_with_its_own_key_and_no_other(void **state)
{
	struct mint mints[ALG_COUNT];
	const char *texts[ALG_COUNT];

	(void)state;
	for (unsigned a = 0; a < ALG_COUNT; a++) {
		mint_open(&mints[a], (enum alg)a);
		texts[a] = mint_plain(&mints[a], NULL, "{\"a\":1}");
	}
	for (unsigned a = 0; a < ALG_COUNT; a++) {
		char said[32];
		struct keyset *set;

		snprintf(said, sizeof(said), "\"alg\":\"%s\"", alg_row((enum alg)a)->name);
		set = read_set(mint_set(mint_jwk(&mints[a], said), NULL), (struct key_rules){ 0, true });
		if (set == NULL)
			fail_msg("%s: %s", said, error.text);
		assert_int_equal(set->at[0].algs, ALG_BIT(a));
		for (unsigned b = 0; b < ALG_COUNT; b++)
			assert_int_equal(verifies(&set->at[0], texts[a], (enum alg)b), a == b);
		keyset_free(set);
	}
	for (unsigned a = 0; a < ALG_COUNT; a++)
		mint_close(&mints[a]);
}

/* The oldest forgery of all: the public key, which everybody has, taken for a shared secret. */
static void a_public_key_is_never_a_secret(void **state)
{
	struct mint rsa, forger;
	const char *pem, *text;
	struct key key;

	(void)state;
	mint_open(&rsa, ALG_RS256);
	pem = mint_pem(&rsa);
	assert_true(key_from_pem(&key, weir_str_from(pem), &any_rules, &error));
	mint_open(&forger, ALG_HS256);
	memcpy(forger.secret, pem, sizeof(forger.secret));
	text = mint_plain(&forger, NULL, "{\"sub\":\"root\"}");

	for (unsigned a = 0; a < ALG_COUNT; a++)
		assert_false(verifies(&key, text, (enum alg)a));
	assert_int_equal(key.algs, ALG_BIT(ALG_RS256));
	key_end(&key);
	mint_close(&rsa);
	mint_close(&forger);
}

static void a_changed_bit_is_a_wrong_signature(void **state)
{
	static const enum alg algs[] = { ALG_HS256, ALG_RS256, ALG_PS256, ALG_ES256, ALG_EDDSA };

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		char sig[600], data[] = "head.body";
		struct keyset *set;
		struct mint m;
		struct token t;
		const char *text;

		mint_open(&m, algs[i]);
		text = mint_plain(&m, NULL, "{}");
		set = read_set(mint_set(mint_jwk(&m, ""), NULL), (struct key_rules){ ALG_BIT(algs[i]), true });
		assert_non_null(set);
		assert_int_equal(token_open(&t, weir_str_from(text), MINT_ROOM), FAULT_NONE);
		assert_true(t.signature.len <= sizeof(sig));
		memcpy(sig, t.signature.data, t.signature.len);
		sig[t.signature.len / 2] ^= 1;
		assert_false(verify_signature(&set->at[0], algs[i], t.signed_part,
					      (struct weir_str){ sig, t.signature.len }));
		assert_false(verify_signature(&set->at[0], algs[i], WEIR_STR("head.body"), t.signature));
		assert_false(verify_signature(&set->at[0], algs[i], t.signed_part,
					      (struct weir_str){ sig, t.signature.len - 1 }));
		assert_false(verify_signature(&set->at[0], algs[i], t.signed_part, (struct weir_str){ data, 0 }));
		token_end(&t);
		keyset_free(set);
		mint_close(&m);
	}
}

/* "Psychic signatures": r = s = 0 once verified everything in a well-known runtime. */
static void a_signature_of_zeros_is_wrong(void **state)
{
	static const char zeros[132];
	struct keyset *set;
	struct mint m;

	(void)state;
	mint_open(&m, ALG_ES256);
	set = read_set(mint_set(mint_jwk(&m, ""), NULL), any_rules);
	assert_false(verify_signature(&set->at[0], ALG_ES256, WEIR_STR("a.b"), (struct weir_str){ zeros, 64 }));
	keyset_free(set);
	mint_close(&m);
}

static void a_key_is_for_one_algorithm_when_it_says_so_or_by_its_kind(void **state)
{
	struct mint rsa, ec;
	struct keyset *set;

	(void)state;
	mint_open(&rsa, ALG_RS256);
	mint_open(&ec, ALG_ES384);

	set = read_set(mint_set(mint_jwk(&rsa, ""), mint_jwk(&ec, "")), any_rules);
	assert_int_equal(set->count, 2);
	assert_int_equal(set->at[0].algs, ALG_BIT(ALG_RS256));
	assert_int_equal(set->at[1].algs, ALG_BIT(ALG_ES384));
	keyset_free(set);

	set = read_set(mint_set(mint_jwk(&rsa, "\"alg\":\"PS512\""), NULL), any_rules);
	assert_int_equal(set->at[0].algs, ALG_BIT(ALG_PS512));
	keyset_free(set);

	set = read_set(mint_set(mint_jwk(&rsa, ""), NULL),
		       (struct key_rules){ .algs = ALG_BIT(ALG_PS256) | ALG_BIT(ALG_RS512) });
	assert_int_equal(set->at[0].algs, ALG_BIT(ALG_PS256) | ALG_BIT(ALG_RS512));
	keyset_free(set);

	assert_null(read_set(mint_set(mint_jwk(&ec, "\"alg\":\"RS256\""), NULL), any_rules));
	assert_null(read_set(mint_set(mint_jwk(&rsa, "\"alg\":\"HS256\""), NULL), any_rules));
	assert_null(read_set(mint_set(mint_jwk(&rsa, ""), NULL),
			     (struct key_rules){ .algs = ALG_BIT(ALG_ES256) }));
	mint_close(&rsa);
	mint_close(&ec);
}

static void refused_because(const char *text, struct key_rules rules, const char *why)
{
	assert_null(read_set(text, rules));
	if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void a_poisoned_key_set_gives_no_key(void **state)
{
	struct mint hs, rsa, ec;

	(void)state;
	mint_open(&hs, ALG_HS256);
	mint_open(&rsa, ALG_RS256);
	mint_open(&ec, ALG_ES256);
	refused_because(mint_set(mint_jwk(&hs, "\"alg\":\"HS256\""), NULL), any_rules, "shared secret");
	refused_because(mint_set(mint_jwk(&rsa, "\"use\":\"enc\""), NULL), any_rules, "not meant");
	refused_because(mint_set(mint_jwk(&rsa, "\"key_ops\":[\"encrypt\"]"), NULL), any_rules, "not meant");
	refused_because(mint_set(mint_jwk(&rsa, "\"d\":\"AAAA\""), NULL), any_rules, "private key");
	refused_because(mint_set(mint_jwk(&ec, "\"alg\":\"ES256K\""), NULL), any_rules, "no algorithm");
	refused_because("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}]}", any_rules, "2048");
	refused_because("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}", any_rules, "missing");
	refused_because("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}", any_rules,
			"not whole");
	refused_because("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
			"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
			"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}", any_rules, "");
	refused_because("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}]}", any_rules, "Ed25519");
	refused_because("{\"keys\":[7, null, {}]}", any_rules, "none of its keys");
	refused_because("{\"keys\":[]}", any_rules, "none of its keys");
	refused_because("{\"keys\":{}}", any_rules, "no key set");
	refused_because("<html>", any_rules, "no key set");
	refused_because("", any_rules, "no key set");
	mint_close(&hs);
	mint_close(&rsa);
	mint_close(&ec);
}

/* A large exponent makes each check a thousand times as slow. */
static void a_huge_exponent_is_refused(void **state)
{
	struct mint rsa;
	char text[4096];
	char *e;

	(void)state;
	mint_open(&rsa, ALG_RS256);
	snprintf(text, sizeof(text), "%s", mint_set(mint_jwk(&rsa, ""), NULL));
	e = strstr(text, "\"e\":");
	assert_non_null(e);
	strcpy(e, "\"e\":\"AQAAAAAAAAAAAAAAAAAAAQ\"}]}");
	refused_because(text, any_rules, "`n` or `e`");
	mint_close(&rsa);
}

static void one_bad_key_does_not_spoil_the_others(void **state)
{
	struct keyset *set;
	struct mint m;

	(void)state;
	mint_open(&m, ALG_ES256);
	set = read_set(mint_set("{\"kty\":\"RSA\"}", mint_jwk(&m, "\"kid\":\"b\"")), any_rules);
	assert_non_null(set);
	assert_int_equal(set->count, 1);
	assert_string_equal(set->at[0].kid, "b");
	assert_true(passed.text[0] == '\0');
	keyset_free(set);
	mint_close(&m);
}

static void a_kid_leads_to_keys_of_that_name_and_those_without(void **state)
{
	struct keyset *set, *copy;
	struct mint a, b;
	uint32_t at = 0;

	(void)state;
	mint_open(&a, ALG_ES256);
	mint_open(&b, ALG_ES256);
	set = read_set(mint_set(mint_jwk(&a, "\"kid\":\"one\""), mint_jwk(&b, "")), any_rules);
	assert_ptr_equal(keyset_next(set, WEIR_STR("one"), &at), &set->at[0]);
	assert_ptr_equal(keyset_next(set, WEIR_STR("one"), &at), &set->at[1]);
	assert_null(keyset_next(set, WEIR_STR("one"), &at));
	at = 0;
	assert_ptr_equal(keyset_next(set, WEIR_STR("two"), &at), &set->at[1]);
	assert_null(keyset_next(set, WEIR_STR("two"), &at));
	at = 0;
	assert_ptr_equal(keyset_next(set, WEIR_ABSENT, &at), &set->at[0]);

	copy = keyset_copy(set);
	assert_true(keyset_same(set, copy));
	free(copy->at[0].kid);
	copy->at[0].kid = NULL;
	assert_false(keyset_same(set, copy));
	assert_false(keyset_same(NULL, copy));
	keyset_free(copy);
	keyset_free(set);
	mint_close(&a);
	mint_close(&b);
}

static void a_short_secret_is_refused(void **state)
{
	static const char secret[65] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct key key;

	(void)state;
	error.text[0] = '\0';
	assert_false(key_from_secret(&key, (struct weir_str){ secret, 31 }, &any_rules, &error));
	assert_non_null(strstr(error.text, "31 bytes"));
	key_end(&key);
	assert_true(key_from_secret(&key, (struct weir_str){ secret, 32 }, &any_rules, &error));
	assert_int_equal(key.algs, ALG_BIT(ALG_HS256));
	key_end(&key);
	assert_true(key_from_secret(&key, (struct weir_str){ secret, 50 },
				    &(struct key_rules){ .algs = ALGS_HMAC }, &error));
	assert_int_equal(key.algs, ALG_BIT(ALG_HS256) | ALG_BIT(ALG_HS384));
	key_end(&key);
}

static void pem_may_be_any_kind_of_public_key(void **state)
{
	static const enum alg algs[] = { ALG_RS256, ALG_ES256, ALG_ES512, ALG_EDDSA };
	struct key key;

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct mint m;

		mint_open(&m, algs[i]);
		assert_true(key_from_pem(&key, weir_str_from(mint_pem(&m)), &any_rules, &error));
		assert_true(verifies(&key, mint_plain(&m, "any", "{}"), algs[i]));
		key_end(&key);
		mint_close(&m);
	}
	assert_false(key_from_pem(&key, WEIR_STR("-----BEGIN PUBLIC KEY-----\nAAAA\n"), &any_rules, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm_verifies_with_its_own_key_and_no_other),
		cmocka_unit_test(a_public_key_is_never_a_secret),
		cmocka_unit_test(a_changed_bit_is_a_wrong_signature),
		cmocka_unit_test(a_signature_of_zeros_is_wrong),
		cmocka_unit_test(a_key_is_for_one_algorithm_when_it_says_so_or_by_its_kind),
		cmocka_unit_test(a_poisoned_key_set_gives_no_key),
		cmocka_unit_test(a_huge_exponent_is_refused),
		cmocka_unit_test(one_bad_key_does_not_spoil_the_others),
		cmocka_unit_test(a_kid_leads_to_keys_of_that_name_and_those_without),
		cmocka_unit_test(a_short_secret_is_refused),
		cmocka_unit_test(pem_may_be_any_kind_of_public_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
