/* test_jwt_token.c - tokens taken apart: what is none is no token, whoever signed it. */
#include "plugins/common/base64.h"
#include "plugins/common/query.h"
#include "plugins/jwt/json.h"
#include "plugins/jwt/token.h"
#include "tests/plugins/mint.h"
#include "tests/test.h"

static enum fault opened(const char *text, size_t longest)
{
	struct token t;
	enum fault fault = token_open(&t, weir_str_from(text), longest);

	if (fault == FAULT_NONE)
		token_end(&t);
	return fault;
}

static enum fault with_head(const char *head)
{
	struct mint m;
	enum fault fault;

	mint_open(&m, ALG_HS256);
	fault = opened(mint_token(&m, head, "{\"sub\":\"ann\"}"), 8192);
	mint_close(&m);
	return fault;
}

static void a_token_is_taken_apart(void **state)
{
	struct mint m;
	struct token t;
	const char *text;

	(void)state;
	mint_open(&m, ALG_ES256);
	text = mint_token(&m, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
			  "{\"iss\":\"https://a.example/\",\"n\":1}");

	assert_int_equal(token_open(&t, weir_str_from(text), 8192), FAULT_NONE);

	assert_int_equal(t.alg, ALG_ES256);
	assert_str(t.kid, "k1");
	assert_str(t.typ, "at+jwt");
	assert_str(t.iss, "https://a.example/");
	assert_int_equal(t.signature.len, 64);
	assert_ptr_equal(t.signed_part.data, text);
	assert_int_equal(t.signed_part.len, strrchr(text, '.') - text);
	token_end(&t);
	mint_close(&m);
}

static void anything_else_than_three_parts_is_no_token(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "...", "a", "a.b", "e30.e30", "e30.e30.", ".e30.e30", "e30..e30",
		"e30.e30.AA.AA", "e30.e30.AA.", ".e30.e30.AA", "e30.e30.AA.AA.AA",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(opened(bad[i], 8192), FAULT_FORM);
}

static void parts_are_exactly_base64url_of_objects(void **state)
{
	(void)state;
	/* {"alg":"HS256"} . {} . one byte */
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.AA", 100), FAULT_NONE);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.AA==", 100), FAULT_FORM);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.AB", 100), FAULT_FORM);	/* bits left over */
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.A", 100), FAULT_FORM);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.A+", 100), FAULT_FORM);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9 .e30.AA", 100), FAULT_FORM);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9\n.e30.AA", 100), FAULT_FORM);
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.W10.AA", 100), FAULT_FORM);	/* [] */
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.bnVsbA.AA", 100), FAULT_FORM);	/* null */
	assert_int_equal(opened("eyJhbGciOiJIUzI1NiJ9.e30.AA", 10), FAULT_TOO_LONG);
}

static void the_algorithm_is_exactly_one_of_ours(void **state)
{
	static const char *const bad[] = {
		"{\"alg\":\"none\"}", "{\"alg\":\"None\"}", "{\"alg\":\"NONE\"}", "{\"alg\":\"\"}",
		"{\"alg\":\"hs256\"}", "{\"alg\":\"HS256 \"}", "{\"alg\":\"HS1\"}",
		"{\"alg\":\"ES256K\"}", "{\"alg\":\"RSA-OAEP\"}", "{\"alg\":\"dir\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(with_head(bad[i]), FAULT_ALGORITHM);
	assert_int_equal(with_head("{}"), FAULT_FORM);
	assert_int_equal(with_head("{\"alg\":[\"HS256\"]}"), FAULT_FORM);
	assert_int_equal(with_head("{\"alg\":null}"), FAULT_FORM);
}

static void an_algorithm_that_stands_there_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(with_head("{\"alg\":\"none\",\"alg\":\"HS256\"}"), FAULT_FORM);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"kid\":\"a\",\"kid\":\"b\"}"), FAULT_FORM);
}

static void what_must_be_understood_and_is_not_is_refused(void **state)
{
	(void)state;
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}"), FAULT_CRITICAL);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"crit\":[]}"), FAULT_CRITICAL);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"crit\":\"x\"}"), FAULT_CRITICAL);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}"), FAULT_CRITICAL);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"b64\":false}"), FAULT_CRITICAL);
}

static void names_in_the_head_are_texts(void **state)
{
	(void)state;
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"kid\":1}"), FAULT_FORM);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"typ\":{}}"), FAULT_FORM);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"kid\":\"../../etc/passwd\"}"), FAULT_NONE);
	assert_int_equal(with_head("{\"alg\":\"HS256\",\"kid\":\"a\\u0000b\"}"), FAULT_FORM);
}

/* A stranger does not choose how deep we recurse. */
static void depth_is_bounded_before_it_is_read(void **state)
{
	char text[4096] = "{\"a\":";

	(void)state;
	memset(text + 5, '[', 2000);
	memset(text + 2005, ']', 2000);
	strcpy(text + 4005, "}");
	assert_null(json_object_read(weir_str_from(text)));
	assert_null(json_object_read(weir_str_from("{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}")));
	json_decref(json_object_read(weir_str_from("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[\\\"[[\"}")));
	assert_null(json_object_read(weir_str_from("{}{}")));
	assert_null(json_object_read(WEIR_ABSENT));
}

static void base64_has_one_writing(void **state)
{
	unsigned char out[16];
	size_t len;

	(void)state;
	assert_true(base64_read(WEIR_STR("YW5uOmI="), out, &len));
	assert_int_equal(len, 5);
	assert_memory_equal(out, "ann:b", 5);
	assert_false(base64_read(WEIR_STR("YW5uOmI"), out, &len));
	assert_false(base64_read(WEIR_STR("YW5u=mI="), out, &len));
	assert_false(base64_read(WEIR_STR("YW5-OmI="), out, &len));
	assert_false(base64_read(WEIR_STR("A==="), out, &len));
	assert_true(base64url_read(WEIR_STR("-_8"), out, &len));
	assert_int_equal(len, 2);
	assert_false(base64url_read(WEIR_STR("+/8"), out, &len));
}

static void assert_without(const char *query, const char *name, const char *rest)
{
	char out[128];
	size_t len = query_without(weir_str_from(query), weir_str_from(name), out);

	assert_int_equal(len, strlen(rest));
	assert_memory_equal(out, rest, len);
}

static void a_parameter_is_taken_out_however_it_is_written(void **state)
{
	(void)state;
	assert_without("a=1&token=x&b=2", "token", "a=1&b=2");
	assert_without("token=x", "token", "");
	assert_without("%74oken=x&a", "token", "a");
	assert_without("token&token=1&TOKEN=2", "token", "TOKEN=2");
	assert_without("to%6", "to%6", "");
	assert_without("", "token", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_taken_apart),
		cmocka_unit_test(anything_else_than_three_parts_is_no_token),
		cmocka_unit_test(parts_are_exactly_base64url_of_objects),
		cmocka_unit_test(the_algorithm_is_exactly_one_of_ours),
		cmocka_unit_test(an_algorithm_that_stands_there_twice_is_refused),
		cmocka_unit_test(what_must_be_understood_and_is_not_is_refused),
		cmocka_unit_test(names_in_the_head_are_texts),
		cmocka_unit_test(depth_is_bounded_before_it_is_read),
		cmocka_unit_test(base64_has_one_writing),
		cmocka_unit_test(a_parameter_is_taken_out_however_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
