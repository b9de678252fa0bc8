/* micro_libjwt.c - microseconds to take one token apart, by us and by libjwt: docs/adr/0025 has the figures.
 * Not a test: run it by hand on a quiet machine, `micro_libjwt [ROUNDS]`. */
#include <jansson.h>
#include <jwt.h>
#include <stdlib.h>
#include <time.h>

#include "plugins/jwt/learnt.h"
#include "plugins/jwt/token.h"
#include "tests/plugins/mint.h"
#include "tests/test.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void by_us(const char *text)
{
	struct token t;

	assert_int_equal(token_open(&t, weir_str_from(text), MINT_ROOM), FAULT_NONE);
	free(learnt_from(t.body));
	token_end(&t);
}

/* Of claims it lends texts and whole numbers by name; all of them, lists and maps too, it gives as JSON
 * alone. */
static void by_libjwt(const char *text)
{
	char *head, *body;
	json_t *claims;
	jwt_t *jwt;

	assert_int_equal(jwt_decode(&jwt, text, NULL, 0), 0);
	head = jwt_get_headers_json(jwt, NULL);
	body = jwt_get_grants_json(jwt, NULL);
	claims = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	free(learnt_from(claims));
	json_decref(claims);
	free(head);
	free(body);
	jwt_free(jwt);
}

static void measure(const char *who, void (*open)(const char *text), const char *text, unsigned rounds)
{
	double start;

	open(text);
	start = now();
	for (unsigned i = 0; i < rounds; i++)
		open(text);
	printf("%-10s %.1f us\n", who, (now() - start) / rounds);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 20000;
	const char *text;
	struct mint m;

	mint_open(&m, ALG_RS256);
	text = mint_plain(&m, "a", mint_body("\"scope\":\"read write\",\"groups\":[\"a\",\"b\",\"c\"],"
		"\"email\":\"ann@example.com\",\"name\":\"Ann Example\",\"iat\":1,\"jti\":\"7f3c\""));
	printf("%zu bytes\n", strlen(text));
	measure("by us", by_us, text, rounds);
	measure("by libjwt", by_libjwt, text, rounds);
	mint_close(&m);
	return 0;
}
