/* test_claims.c - what policies have learnt about a client. */
#include "tests/proxy/scene.h"

#include "core/proxy/claims.h"

static struct exchange *nobody(void **state)
{
	struct exchange *ex = *state;

	return ex;
}

static int begin(void **state)
{
	struct exchange *ex = test_calloc(1, sizeof(*ex));

	arena_init(&ex->arena, NULL, 1 << 20);
	*state = ex;
	return 0;
}

static int end(void **state)
{
	struct exchange *ex = *state;

	arena_reset(&ex->arena);
	test_free(ex);
	return 0;
}

static void several_values_are_joined_and_each_can_be_had(void **state)
{
	struct exchange *ex = nobody(state);

	assert_true(exchange_claim_add(ex, STR("role"), STR("a")));
	assert_true(exchange_claim_set(ex, STR("sub"), STR("me")));
	assert_true(exchange_claim_add(ex, STR("role"), STR("b")));

	assert_str(exchange_claim(ex, STR("role")), "a,b");
	assert_str(exchange_claim_at(ex, STR("role"), 0), "a");
	assert_str(exchange_claim_at(ex, STR("role"), 1), "b");
	assert_null(exchange_claim_at(ex, STR("role"), 2).data);
	assert_null(exchange_claim(ex, STR("Role")).data);
}

static void setting_replaces_all_values(void **state)
{
	struct exchange *ex = nobody(state);

	for (int i = 0; i < 5; i++)
		assert_true(exchange_claim_add(ex, STR("role"), STR("a")));
	assert_true(exchange_claim_set(ex, STR("role"), STR("only")));

	assert_str(exchange_claim(ex, STR("role")), "only");
	assert_null(exchange_claim_at(ex, STR("role"), 1).data);
}

static void there_is_an_end_to_them(void **state)
{
	struct exchange *ex = nobody(state);
	unsigned kept = 0;

	while (exchange_claim_add(ex, STR("role"), STR("x")))
		kept++;

	assert_int_equal(kept, 256);
	assert_int_equal(exchange_claim(ex, STR("role")).len, 511);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(several_values_are_joined_and_each_can_be_had),
		TEST(setting_replaces_all_values),
		TEST(there_is_an_end_to_them),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
