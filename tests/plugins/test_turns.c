/* test_turns.c - turns in proportion to weight, evenly spread. */
#include "tests/test.h"

#include <stdlib.h>

#include "plugins/round_robin/turns.h"

enum { MOST = 8 };

struct world {
	struct turns *turns;
	uint32_t weights[MOST];
	bool out[MOST];
	uint32_t got[MOST];
	uint32_t asked;
};

static bool usable(const void *arg, uint32_t i)
{
	((struct world *)(uintptr_t)arg)->asked++;
	return !((const struct world *)arg)->out[i];
}

static uint32_t weight(const void *arg, uint32_t i)
{
	return ((const struct world *)arg)->weights[i];
}

static void begin(struct world *w, const uint32_t *weights, uint32_t count, uint64_t dice)
{
	*w = (struct world){ .turns = malloc(turns_size(count)) };
	assert_non_null(w->turns);
	memcpy(w->weights, weights, count * sizeof(*weights));
	turns_init(w->turns, weights, count, dice);
}

static uint32_t pick(struct world *w)
{
	struct turns_ask ask = { usable, weight, w };
	uint32_t i = turns_pick(w->turns, &ask);

	if (i != TURNS_NONE)
		w->got[i]++;
	return i;
}

static void end(struct world *w)
{
	free(w->turns);
}

static void equals_take_turns(void **state)
{
	static const uint32_t weights[] = { 1000, 1000, 1000 };
	struct world w;
	uint32_t first[3];

	(void)state;
	begin(&w, weights, 3, 7);
	for (int i = 0; i < 3; i++)
		first[i] = pick(&w);

	for (int i = 0; i < 300; i++)
		assert_int_equal(pick(&w), first[i % 3]);
	assert_int_equal(w.got[0] + w.got[1] + w.got[2], 303);
	assert_int_equal(w.got[0], w.got[1]);
	end(&w);
}

static void shares_are_exact_in_every_round(void **state)
{
	static const uint32_t weights[] = { 5000, 2000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 3, 99);
	for (int round = 0; round < 50; round++) {
		memset(w.got, 0, sizeof(w.got));
		for (int i = 0; i < 8; i++)
			(void)pick(&w);
		assert_int_equal(w.got[0], 5);
		assert_int_equal(w.got[1], 2);
		assert_int_equal(w.got[2], 1);
	}
	end(&w);
}

/* Five of seven: at most twice in a row once, never five times. */
static void the_heavy_one_does_not_come_in_a_burst(void **state)
{
	static const uint32_t weights[] = { 5000, 1000, 1000 };
	struct world w;
	int row = 0, longest = 0;

	(void)state;
	begin(&w, weights, 3, 3);
	for (int i = 0; i < 700; i++) {
		row = pick(&w) == 0 ? row + 1 : 0;
		longest = row > longest ? row : longest;
	}
	assert_in_range(longest, 2, 5);
	assert_int_equal(w.got[0], 500);
	end(&w);
}

/* Plain rotation would give the neighbour of a missing one twice as much. */
static void the_share_of_one_that_is_out_goes_to_all(void **state)
{
	static const uint32_t weights[] = { 1000, 1000, 1000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 4, 5);
	w.out[1] = true;
	for (int i = 0; i < 300; i++)
		assert_int_not_equal(pick(&w), 1);
	assert_int_equal(w.got[0], 100);
	assert_int_equal(w.got[2], 100);
	assert_int_equal(w.got[3], 100);
	end(&w);
}

static void one_that_comes_back_does_not_catch_up(void **state)
{
	static const uint32_t weights[] = { 1000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 2, 5);
	w.out[1] = true;
	for (int i = 0; i < 1000; i++)
		(void)pick(&w);
	w.out[1] = false;
	memset(w.got, 0, sizeof(w.got));
	for (int i = 0; i < 100; i++)
		(void)pick(&w);
	assert_in_range(w.got[1], 49, 51);
	end(&w);
}

static void none_is_said_and_changes_nothing(void **state)
{
	static const uint32_t weights[] = { 1000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 2, 5);
	w.out[0] = w.out[1] = true;
	assert_int_equal(pick(&w), TURNS_NONE);
	w.out[0] = w.out[1] = false;
	for (int i = 0; i < 10; i++)
		(void)pick(&w);
	assert_int_equal(w.got[0], 5);
	end(&w);

	begin(&w, weights, 0, 5);
	assert_int_equal(pick(&w), TURNS_NONE);
	end(&w);
}

/* However heavy the one that is out, it is asked about once per pick. */
static void a_missing_heavy_one_costs_one_question(void **state)
{
	static const uint32_t weights[] = { 65535000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 2, 5);
	w.out[0] = true;
	for (int i = 0; i < 100; i++)
		assert_int_equal(pick(&w), 1);
	assert_in_range(w.asked, 100, 200);
	end(&w);
}

static void a_lighter_weight_counts_from_the_next_turn(void **state)
{
	static const uint32_t weights[] = { 1000, 1000 };
	struct world w;

	(void)state;
	begin(&w, weights, 2, 11);
	w.weights[1] = 250;	/* slow start */
	for (int i = 0; i < 500; i++)
		(void)pick(&w);
	assert_in_range(w.got[1], 98, 102);
	end(&w);
}

static void the_dice_say_who_begins(void **state)
{
	static const uint32_t weights[] = { 1000, 1000, 1000, 1000 };
	struct world w;
	bool first[4] = { false };

	(void)state;
	for (uint64_t dice = 0; dice < 64; dice++) {
		begin(&w, weights, 4, dice * 0x9e3779b97f4a7c15ull);
		first[pick(&w)] = true;
		end(&w);
	}
	assert_true(first[0] && first[1] && first[2] && first[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_take_turns),
		cmocka_unit_test(shares_are_exact_in_every_round),
		cmocka_unit_test(the_heavy_one_does_not_come_in_a_burst),
		cmocka_unit_test(the_share_of_one_that_is_out_goes_to_all),
		cmocka_unit_test(one_that_comes_back_does_not_catch_up),
		cmocka_unit_test(none_is_said_and_changes_nothing),
		cmocka_unit_test(a_missing_heavy_one_costs_one_question),
		cmocka_unit_test(a_lighter_weight_counts_from_the_next_turn),
		cmocka_unit_test(the_dice_say_who_begins),
	};

	return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
