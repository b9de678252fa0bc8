/* test_choices.c - the less busy of two drawn by lot. */
#include "tests/test.h"

#include "plugins/least_request/choices.h"
#include "tests/plugins/lots.h"

static uint32_t pick(struct lots *lots, uint32_t count, uint32_t choices)
{
	struct choices_ask ask = {
		.lot = { lots_usable, lots_weight, lots_dice, lots }, .busy = lots_busy,
		.count = count, .choices = choices,
		.heaviest = 1000,
	};
	uint32_t i;

	for (uint32_t k = 0; k < count; k++)
		if (lots->weights[k] > ask.heaviest)
			ask.heaviest = lots->weights[k];
	i = choices_pick(&ask);
	if (i != LOT_NONE)
		lots->got[i]++;
	return i;
}

static void of_two_the_less_busy_goes(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.busy[0] = 3;
	lots.busy[1] = 2;
	for (int i = 0; i < 1000; i++)
		(void)pick(&lots, 2, 2);
	assert_int_equal(lots.got[1], 1000);
}

static void the_busiest_of_many_gets_nothing(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.busy[5] = 100;
	for (int i = 0; i < 5000; i++)
		(void)pick(&lots, 8, 2);
	assert_in_range(lots.got[5], 0, 10);
}

static void idle_ones_are_taken_by_weight(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.weights[0] = 3000;
	for (int i = 0; i < 40000; i++)
		(void)pick(&lots, 2, 2);
	assert_in_range(lots.got[0], 29000, 31000);
}

/* 30 under way at weight 3 are as much as 10 at weight 1. */
static void requests_count_for_weight(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.weights[0] = 3000;
	lots.busy[0] = 29;
	lots.busy[1] = 10;
	for (int i = 0; i < 1000; i++)
		(void)pick(&lots, 2, 2);
	assert_in_range(lots.got[0], 900, 1000);
}

/* Requests that stay until 200 are under way end up where the weights say. */
static void load_settles_at_the_weights(void **state)
{
	struct lots lots;
	uint32_t under_way[200], next = 0;

	(void)state;
	lots_begin(&lots);
	lots.weights[2] = 2000;
	for (int i = 0; i < 20000; i++) {
		uint32_t at = pick(&lots, 3, 2);

		if (i >= 200)
			lots.busy[under_way[next]]--;
		under_way[next] = at;
		lots.busy[at]++;
		next = (next + 1) % 200;
	}
	assert_in_range(lots.busy[2], 90, 110);
	assert_in_range(lots.busy[0], 40, 60);
}

static void what_is_out_is_never_taken(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	for (uint32_t i = 0; i < LOTS_MOST; i++)
		lots.out[i] = i != 3;
	for (int i = 0; i < 100; i++)
		assert_int_equal(pick(&lots, LOTS_MOST, 2), 3);
	lots.out[3] = true;
	assert_int_equal(pick(&lots, LOTS_MOST, 2), LOT_NONE);
	assert_int_equal(pick(&lots, 0, 2), LOT_NONE);
}

static void a_very_heavy_one_does_not_hide_the_others(void **state)
{
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.weights[0] = 1000000;
	lots.busy[0] = 100000;
	for (int i = 0; i < 2000; i++)
		(void)pick(&lots, 8, 2);
	assert_true(lots.got[1] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_the_less_busy_goes),
		cmocka_unit_test(the_busiest_of_many_gets_nothing),
		cmocka_unit_test(idle_ones_are_taken_by_weight),
		cmocka_unit_test(requests_count_for_weight),
		cmocka_unit_test(load_settles_at_the_weights),
		cmocka_unit_test(what_is_out_is_never_taken),
		cmocka_unit_test(a_very_heavy_one_does_not_hide_the_others),
	};

	return cmocka_run_group_tests_name("choices", tests, NULL, NULL);
}
