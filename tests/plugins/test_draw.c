/* test_draw.c - lots in proportion to weights. */
#include "tests/test.h"

#include <stdlib.h>

#include "plugins/random/draw.h"
#include "tests/plugins/lots.h"

static struct draw *draw_of(const uint32_t *weights, uint32_t count)
{
	struct draw *d = malloc(draw_size(count));

	assert_non_null(d);
	draw_init(d, weights, count);
	return d;
}

static uint32_t pick(struct lots *lots, const struct draw *d)
{
	struct lot_ask ask = { lots_usable, lots_weight, lots_dice, lots };
	uint32_t i = draw_usable(d, &ask);

	if (i != LOT_NONE)
		lots->got[i]++;
	return i;
}

static void the_ends_of_the_dice_are_the_first_and_the_last(void **state)
{
	static const uint32_t weights[] = { 1, 2, 3 };
	struct draw *d = draw_of(weights, 3);

	(void)state;
	assert_int_equal(draw_at(d, 0), 0);
	assert_int_equal(draw_at(d, UINT64_MAX), 2);
	assert_int_equal(draw_at(d, UINT64_MAX / 6 + 2), 1);
	free(d);
}

static void lots_fall_in_proportion(void **state)
{
	static const uint32_t weights[] = { 1, 3 };
	struct draw *d = draw_of(weights, 2);
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.weights[1] = 3000;
	for (int i = 0; i < 40000; i++)
		(void)pick(&lots, d);
	assert_in_range(lots.got[0], 9500, 10500);
	free(d);
}

static void one_that_starts_slowly_gets_its_part(void **state)
{
	static const uint32_t weights[] = { 1, 1 };
	struct draw *d = draw_of(weights, 2);
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	lots.weights[1] = 250;
	for (int i = 0; i < 50000; i++)
		(void)pick(&lots, d);
	assert_in_range(lots.got[1], 9500, 10500);
	free(d);
}

static void the_last_usable_one_is_found(void **state)
{
	uint32_t weights[LOTS_MOST];
	struct draw *d;
	struct lots lots;

	(void)state;
	for (uint32_t i = 0; i < LOTS_MOST; i++)
		weights[i] = 1;
	d = draw_of(weights, LOTS_MOST);
	lots_begin(&lots);
	memset(lots.out, true, sizeof(lots.out));
	assert_int_equal(pick(&lots, d), LOT_NONE);
	lots.out[11] = false;
	for (int i = 0; i < 100; i++)
		assert_int_equal(pick(&lots, d), 11);
	free(d);
}

static void nothing_is_drawn_from_nothing(void **state)
{
	struct draw *d = draw_of(NULL, 0);
	struct lots lots;

	(void)state;
	lots_begin(&lots);
	assert_int_equal(pick(&lots, d), LOT_NONE);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ends_of_the_dice_are_the_first_and_the_last),
		cmocka_unit_test(lots_fall_in_proportion),
		cmocka_unit_test(one_that_starts_slowly_gets_its_part),
		cmocka_unit_test(the_last_usable_one_is_found),
		cmocka_unit_test(nothing_is_drawn_from_nothing),
	};

	return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
