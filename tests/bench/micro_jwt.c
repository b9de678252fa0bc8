/* micro_jwt.c - microseconds for a token that comes for the first time, by algorithm, and again.
 * Not a test: run it by hand on a quiet machine, `micro_jwt [ROUNDS]`. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

#include "plugins/jwt/cache.h"
#include "plugins/jwt/claims.h"
#include "plugins/jwt/keyset.h"
#include "plugins/jwt/token.h"
#include "plugins/jwt/verify.h"
#include "tests/plugins/mint.h"
#include "tests/test.h"

static const struct weir_str audience = { "orders", 6 };
static const struct claims_rules rules = { .issuer = { "https://a.example/", 18 }, .audiences = &audience,
					   .audience_count = 1, .leeway = 30 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* All that happens to a token that nobody has seen before. */
static struct learnt *first_time(const struct keyset *set, struct weir_str text)
{
	struct learnt *l;
	struct token t;
	int64_t expires;

	assert_int_equal(token_open(&t, text, 8192), FAULT_NONE);
	assert_true(verify_signature(&set->at[0], t.alg, t.signed_part, t.signature));
	assert_int_equal(claims_check(&t, &rules, time(NULL), &expires), FAULT_NONE);
	l = learnt_from(t.body);
	token_end(&t);
	return l;
}

static void again(const struct keyset *set, struct weir_str text, unsigned rounds)
{
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct cache *cache = cache_new(2000);
	unsigned char hash[CACHE_HASH];
	double start;

	EVP_Digest(text.data, text.len, hash, NULL, sha256, NULL);
	cache_put(cache, hash, &(struct cached){ .expires = INT64_MAX, .learnt = first_time(set, text) });
	start = now();
	for (unsigned i = 0; i < rounds; i++) {
		EVP_DigestInit_ex2(ctx, sha256, NULL);
		EVP_DigestUpdate(ctx, text.data, text.len);
		EVP_DigestFinal_ex(ctx, hash, NULL);
		assert_non_null(cache_find(cache, hash, 1));
	}
	printf("again (%zu bytes): %.2f us\n", text.len, (now() - start) / rounds);
	cache_free(cache);
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(sha256);
}

static void measure(enum alg alg, unsigned rounds)
{
	struct keyset *set = keyset_new();
	struct weir_error passed = { "" }, error = { "" };
	const struct key_rules any = { .algs = ALG_BIT(alg), .secrets = true };
	struct weir_str text;
	struct mint m;
	double start;

	mint_open(&m, alg);
	assert_true(keyset_add_jwks(set, weir_str_from(mint_set(mint_jwk(&m, "\"kid\":\"a\""), NULL)), &any,
				    &passed, &error));
	text = weir_str_from(mint_plain(&m, "a", mint_body("\"scope\":\"read write\",\"groups\":[\"a\",\"b\","
		"\"c\"],\"email\":\"ann@example.com\",\"name\":\"Ann Example\",\"iat\":1,\"jti\":\"7f3c\"")));
	free(first_time(set, text));
	start = now();
	for (unsigned i = 0; i < rounds; i++)
		free(first_time(set, text));
	printf("%-6s first time: %.1f us\n", alg_row(alg)->name, (now() - start) / rounds);
	if (alg == ALG_RS256)
		again(set, text, rounds * 100);
	keyset_free(set);
	mint_close(&m);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 5000;

	measure(ALG_HS256, rounds);
	measure(ALG_RS256, rounds);
	measure(ALG_PS256, rounds);
	measure(ALG_ES256, rounds);
	measure(ALG_EDDSA, rounds);
	return 0;
}
