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

/* Why it is not the one that decodes either ------------------------------------------ */

/* NULL: libjwt cannot take it apart. All claims, as it prints them; free() it. */
static char *libjwt_reads(const char *text)
{
	jwt_t *jwt = NULL;
	char *claims = jwt_decode(&jwt, text, NULL, 0) == 0 ? jwt_get_grants_json(jwt, NULL) : NULL;

	jwt_free(jwt);
	return claims;
}

static enum fault we_read(const char *text)
{
	struct token t;
	enum fault fault = token_open(&t, weir_str_from(text), MINT_ROOM);

	if (fault == FAULT_NONE)
		token_end(&t);
	return fault;
}

static void it_knows_too_few_algorithms_to_decode_all_tokens(void **state)
{
	static const enum alg algs[] = { ALG_PS256, ALG_PS384, ALG_PS512, ALG_EDDSA };

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct mint m;
		const char *text;

		mint_open(&m, algs[i]);
		text = mint_plain(&m, NULL, mint_body(""));
		assert_null(libjwt_reads(text));
		assert_int_equal(we_read(text), FAULT_NONE);
		mint_close(&m);
	}
}

/* A token has one writing here; it skips what is no base64url, and stops at a NUL. */
static void it_reads_several_writings_of_one_token(void **state)
{
	struct mint m;
	const char *text, *dot;
	char other[3][MINT_ROOM], *once, *again;

	(void)state;
	mint_open(&m, ALG_HS256);
	text = mint_plain(&m, NULL, mint_body(""));
	dot = strchr(text, '.');
	once = libjwt_reads(text);
	(void)snprintf(other[0], MINT_ROOM, "%.*s!%s", (int)(dot - text), text, dot);
	(void)snprintf(other[1], MINT_ROOM, "%.*s.%.4s * %s", (int)(dot - text), text, dot + 1, dot + 5);
	(void)snprintf(other[2], MINT_ROOM, "%.*s.%s.AA", (int)(dot - text), text,
		       mint_base64("{\"sub\":\"ann\"}\0,root", 20));
	for (int i = 0; i < 3; i++) {
		again = libjwt_reads(other[i]);
		assert_non_null(again);
		if (i < 2)
			assert_string_equal(once, again);
		free(again);
		assert_int_equal(we_read(other[i]), FAULT_FORM);
	}
	free(once);
	mint_close(&m);
}

/* Two readers of one token must not see two persons. */
static void of_a_member_that_stands_twice_it_takes_the_last(void **state)
{
	struct mint m;
	const char *text;
	char *claims;

	(void)state;
	mint_open(&m, ALG_HS256);
	text = mint_plain(&m, NULL, "{\"sub\":\"ann\",\"sub\":\"root\"}");
	claims = libjwt_reads(text);
	assert_string_equal(claims, "{\"sub\":\"root\"}");
	free(claims);
	assert_int_equal(we_read(text), FAULT_FORM);
	mint_close(&m);
}

static void it_gives_neither_lists_nor_fractions_as_values(void **state)
{
	struct mint m;
	jwt_t *jwt;

	(void)state;
	mint_open(&m, ALG_HS256);
	assert_int_equal(jwt_decode(&jwt, mint_plain(&m, NULL, "{\"aud\":[\"orders\"],\"exp\":9999999999.5}"), NULL,
				    0), 0);
	assert_null(jwt_get_grant(jwt, "aud"));
	assert_int_equal(jwt_get_grant_int(jwt, "exp"), 0);
	jwt_free(jwt);
	mint_close(&m);
}

/* It reads by recursion, as deep as a stranger likes: too deep for the stack of a fiber. */
static void it_has_no_bound_on_how_deep_a_token_is(void **state)
{
	enum { DEEP = 1000 };
	char body[2 * DEEP + 16] = "{\"a\":", *at = body + strlen(body), *claims;
	struct mint m;
	const char *text;

	(void)state;
	memset(at, '[', DEEP);
	memset(at + DEEP, ']', DEEP);
	strcpy(at + 2 * DEEP, "}");
	mint_open(&m, ALG_HS256);
	text = mint_plain(&m, NULL, body);
	claims = libjwt_reads(text);
	assert_non_null(claims);
	free(claims);
	assert_int_equal(we_read(text), FAULT_FORM);
	mint_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_agree_on_tokens_as_they_should_be),
		cmocka_unit_test(what_libjwt_signs_is_good),
		cmocka_unit_test(what_libjwt_lets_through_is_stopped),
		cmocka_unit_test(it_knows_too_few_algorithms_to_decode_all_tokens),
		cmocka_unit_test(it_reads_several_writings_of_one_token),
		cmocka_unit_test(of_a_member_that_stands_twice_it_takes_the_last),
		cmocka_unit_test(it_gives_neither_lists_nor_fractions_as_values),
		cmocka_unit_test(it_has_no_bound_on_how_deep_a_token_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
