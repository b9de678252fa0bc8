/* test_query.c - one parameter of a query, one cookie. */
#include "tests/http/http.h"

static struct weir_str get(void **state, const char *query, const char *name)
{
	struct parsed *p = *state;

	return query_get(&p->arena, str_from(query), str_from(name));
}

static void the_first_of_a_name_is_given_decoded(void **state)
{
	assert_str(get(state, "a=1&b=2&a=3", "a"), "1");
	assert_str(get(state, "a=1&b=x+y%20%7E%zz&c", "b"), "x y ~%zz");
	assert_str(get(state, "a=b=c", "a"), "b=c");
}

static void a_name_is_known_through_its_escapes(void **state)
{
	assert_str(get(state, "%62eta=1", "beta"), "1");
	assert_str(get(state, "a+b=1", "a b"), "1");
	assert_true(get(state, "betaa=1&bet=2", "beta").data == NULL);
}

static void empty_is_not_absent(void **state)
{
	struct parsed *p = *state;

	assert_true(get(state, "a&b=", "a").data != NULL);
	assert_true(get(state, "a&b=", "b").data != NULL);
	assert_true(get(state, "a&b=", "c").data == NULL);
	assert_true(get(state, "&&", "").data == NULL);
	assert_true(query_get(&p->arena, STR_ABSENT, STR("a")).data == NULL);
}

static void pairs_come_one_after_the_other(void **state)
{
	struct weir_str rest = STR("&a=1&&b&=2&"), name, value;

	(void)state;
	assert_true(query_next(&rest, &name, &value));
	assert_str(name, "a");
	assert_str(value, "1");
	assert_true(query_next(&rest, &name, &value));
	assert_str(name, "b");
	assert_str(value, "");
	assert_true(query_next(&rest, &name, &value));
	assert_str(name, "");
	assert_str(value, "2");
	assert_false(query_next(&rest, &name, &value));
}

static void cookies_are_found_by_their_exact_name(void **state)
{
	(void)state;
	assert_str(cookie_get(STR("a=1; B=2;c = 3 ;a=4"), STR("a")), "1");
	assert_str(cookie_get(STR("a=1; B=2;c = 3 ;a=4"), STR("B")), "2");
	assert_str(cookie_get(STR("a=1; B=2;c = 3 ;a=4"), STR("c")), "3");
	assert_str(cookie_get(STR("t=x=y==; u=\"q\""), STR("t")), "x=y==");
	assert_str(cookie_get(STR("t=x=y==; u=\"q\""), STR("u")), "\"q\"");
	assert_true(cookie_get(STR("a=1; B=2"), STR("b")).data == NULL);
	assert_true(cookie_get(STR("a"), STR("a")).data == NULL);
	assert_true(cookie_get(STR_ABSENT, STR("a")).data == NULL);
}

static void a_query_has_no_blanks_controls_or_fragment(void **state)
{
	(void)state;
	assert_true(query_valid(STR_ABSENT));
	assert_true(query_valid(STR("a=1&b=%20?/:@")));
	assert_false(query_valid(STR("a b")));
	assert_false(query_valid(STR("a\tb")));
	assert_false(query_valid(STR("a\r\n")));
	assert_false(query_valid(STR("a\x7f")));
	assert_false(query_valid(STR("a#b")));
}

static void encoding_leaves_only_unreserved_bytes(void **state)
{
	struct parsed *p = *state;

	assert_str(percent_encode(&p->arena, STR("a-Z_0.~")), "a-Z_0.~");
	assert_str(percent_encode(&p->arena, STR("a/b?c d\0\xff")), "a%2Fb%3Fc%20d%00%FF");
	assert_str(percent_encode(&p->arena, STR("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(the_first_of_a_name_is_given_decoded),
		http_test(a_name_is_known_through_its_escapes),
		http_test(empty_is_not_absent),
		http_test(pairs_come_one_after_the_other),
		http_test(cookies_are_found_by_their_exact_name),
		http_test(a_query_has_no_blanks_controls_or_fragment),
		http_test(encoding_leaves_only_unreserved_bytes),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
