/* test_jwt_libjwt.c - the same tokens before libjwt: what both find good, and what only libjwt
 * does. */
#include <jwt.h>
#include <stdlib.h>

#include "plugins/jwt/keyset.h"
#include "plugins/jwt/token.h"
#include "plugins/jwt/verify.h"
#include "tests/plugins/mint.h"
#include "tests/test.h"

static const struct key_rules any_rules = { 0 };

/* As a program that trusts the token's own algorithm would ask. */
static bool libjwt_takes(const char *text, const void *key, int len)
{
	jwt_t *jwt = NULL;
	bool takes = jwt_decode(&jwt, text, key, len) == 0;

	jwt_free(jwt);
	return takes;
}

static bool we_take(const char *text, const struct key *key)
{
	struct token t;
	bool takes;

	if (token_open(&t, weir_str_from(text), MINT_ROOM) != FAULT_NONE)
		return false;
	takes = verify_signature(key, t.alg, t.signed_part, t.signature);
	token_end(&t);
	return takes;
}

static void key_of(const struct mint *m, struct key *key)
{
	struct weir_error error = { "" };
	bool ok = m->pkey != NULL
		? key_from_pem(key, weir_str_from(mint_pem(m)), &any_rules, &error)
		: key_from_secret(key, (struct weir_str){ (const char *)m->secret, 64 },
				  &(struct key_rules){ .algs = ALG_BIT(m->alg) }, &error);

	if (!ok)
		fail_msg("%s", error.text);
}

static void both_agree_on_tokens_as_they_should_be(void **state)
{
	static const enum alg algs[] = { ALG_HS256, ALG_HS512, ALG_RS256, ALG_ES256, ALG_ES384 };

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		const char *good, *pem;
		struct mint m, other;
		struct key key;

		mint_open(&m, algs[i]);
		mint_open(&other, algs[i]);
		other.secret[0] ^= 1;
		key_of(&m, &key);
		good = mint_plain(&m, NULL, mint_body(""));
		pem = m.pkey != NULL ? mint_pem(&m) : (const char *)m.secret;
		assert_true(we_take(good, &key));
		assert_true(libjwt_takes(good, pem, m.pkey != NULL ? (int)strlen(pem) : 64));
		good = mint_plain(&other, NULL, mint_body(""));
		assert_false(we_take(good, &key));
		assert_false(libjwt_takes(good, pem, m.pkey != NULL ? (int)strlen(pem) : 64));
		key_end(&key);
		mint_close(&m);
		mint_close(&other);
	}
}

/* Made by libjwt, taken by us. */
static void what_libjwt_signs_is_good(void **state)
{
	struct mint m;
	struct key key;
	jwt_t *jwt = NULL;
	char *text;

	(void)state;
	mint_open(&m, ALG_HS256);
	key_of(&m, &key);
	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grant(jwt, "sub", "ann"), 0);
	assert_int_equal(jwt_set_alg(jwt, JWT_ALG_HS256, m.secret, 64), 0);
	text = jwt_encode_str(jwt);
	assert_true(we_take(text, &key));
	free(text);
	jwt_free(jwt);
	key_end(&key);
	mint_close(&m);
}

/* Why it is not the one that verifies: the token says how the key is used. */
static void what_libjwt_lets_through_is_stopped(void **state)
{
	struct mint rsa, forger;
	const char *pem, *text;
	struct key key;

	(void)state;
	mint_open(&rsa, ALG_RS256);
	mint_open(&forger, ALG_HS256);
	key_of(&rsa, &key);
	pem = mint_pem(&rsa);
	text = mint_token_with_secret("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", mint_body(""), pem);
	assert_true(libjwt_takes(text, pem, (int)strlen(pem)));		/* the public key as a secret */
	assert_false(we_take(text, &key));

	text = mint_plain(&forger, NULL, mint_body(""));
	assert_true(libjwt_takes(text, NULL, 0));			/* no key: no question */
	assert_false(we_take(text, &key));
	key_end(&key);
	mint_close(&rsa);
	mint_close(&forger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_agree_on_tokens_as_they_should_be),
		cmocka_unit_test(what_libjwt_signs_is_good),
		cmocka_unit_test(what_libjwt_lets_through_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
