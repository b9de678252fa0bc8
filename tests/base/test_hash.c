/* test_hash.c - a fast hash with a seed. */
#include "tests/test.h"

#include <stdlib.h>

#include "core/base/hash.h"

static void the_same_everywhere_for_the_same_seed(void **state)
{
	(void)state;
	/* Written down: consistent hashing must agree between machines and versions. */
	assert_true(hash64(0, STR("")) == hash64(0, STR_ABSENT));
	assert_int_equal(hash64(1, STR("weir")), 778797960865426900ull);
	assert_int_equal(hash64(1, STR("a longer text than one word")), 13341115852110862818ull);
}

static void the_seed_and_every_byte_and_the_length_matter(void **state)
{
	char text[40];
	uint64_t h;

	(void)state;
	memset(text, 0, sizeof(text));
	h = hash64(7, str_of(text, 33));
	assert_true(h != hash64(8, str_of(text, 33)));
	assert_true(h != hash64(7, str_of(text, 32)));
	assert_true(h != hash64(7, str_of(text, 34)));
	for (int i = 0; i < 33; i++) {
		text[i] = 1;
		assert_true(h != hash64(7, str_of(text, 33)));
		text[i] = 0;
	}
}

/* No word may stand in a text that makes what came before it forgotten. */
static void nobody_can_make_two_texts_equal_by_a_chosen_word(void **state)
{
	const uint64_t words[] = { 0, UINT64_MAX, 0x9e3779b97f4a7c15ull, 0xd1b54a32d192ed03ull,
				   0xd1b54a32d192ed02ull, 1ull << 63 };
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint64_t one, two;

		memcpy(text, "prefix 1", 8);
		memcpy(text + 8, &words[i], 8);
		one = hash64(hash_seed(), str_of(text, 16));
		memcpy(text, "prefix 2", 8);
		two = hash64(hash_seed(), str_of(text, 16));
		assert_true(one != two);
	}
}

static void low_bits_spread_well(void **state)
{
	enum { KEYS = 64 * 1024, SLOTS = 1024 };
	unsigned *hits = calloc(SLOTS, sizeof(*hits)), most = 0, least = KEYS;
	char key[32];

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		int n = snprintf(key, sizeof(key), "10.0.%d.%d:9000", i >> 8, i & 255);

		hits[hash64(3, str_of(key, (size_t)n)) % SLOTS]++;
	}
	for (int i = 0; i < SLOTS; i++) {
		most = hits[i] > most ? hits[i] : most;
		least = hits[i] < least ? hits[i] : least;
	}

	/* 64 expected, deviation 8: 6 of them. */
	assert_in_range(most, 64, 64 + 48);
	assert_in_range(least, 64 - 48, 64);
	free(hits);
}

static void one_bit_changes_about_half(void **state)
{
	uint64_t changed = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		for (int bit = 0; bit < 64; bit++) {
			uint64_t a = i * 0x1234567, b = a ^ 1ull << bit;
			uint64_t x = hash64(9, str_of((char *)&a, 8));
			uint64_t y = hash64(9, str_of((char *)&b, 8));

			changed += (uint64_t)__builtin_popcountll(x ^ y);
		}
	assert_in_range(changed / 64000, 31, 33);
}

static void the_process_has_one_seed(void **state)
{
	(void)state;
	assert_true(hash_seed() == hash_seed());
	assert_true(hash_seed() != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_everywhere_for_the_same_seed),
		cmocka_unit_test(the_seed_and_every_byte_and_the_length_matter),
		cmocka_unit_test(nobody_can_make_two_texts_equal_by_a_chosen_word),
		cmocka_unit_test(low_bits_spread_well),
		cmocka_unit_test(one_bit_changes_about_half),
		cmocka_unit_test(the_process_has_one_seed),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
