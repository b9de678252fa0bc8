/* test_ring.c - lines from one thread to another without a lock. */
#include "tests/test.h"

#include <pthread.h>
#include <sched.h>

#include "core/base/ring.h"
#include "core/base/rng.h"

static bool put(struct ring *r, struct weir_str line)
{
	char *at = ring_begin(r, line.len);

	if (at == NULL)
		return false;
	memcpy(at, line.data, line.len);
	ring_end(r, line.len);
	return true;
}

static void lines_come_out_as_they_went_in(void **state)
{
	struct weir_str line;
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, 256));
	assert_true(ring_empty(&r));
	put(&r, STR("one"));
	put(&r, STR("two lines"));

	assert_true(ring_peek(&r, &line));
	assert_str(line, "one");
	ring_drop(&r);
	assert_true(ring_peek(&r, &line));
	assert_str(line, "two lines");
	ring_drop(&r);
	assert_false(ring_peek(&r, &line));
	assert_true(ring_empty(&r));
	ring_fini(&r);
}

static void a_line_may_turn_out_shorter_or_not_at_all(void **state)
{
	struct weir_str line;
	struct ring r;

	(void)state;
	ring_init(&r, 256);
	memcpy(ring_begin(&r, 100), "short", 5);
	ring_end(&r, 5);
	assert_non_null(ring_begin(&r, 100));
	ring_end(&r, 0);

	assert_true(ring_peek(&r, &line));
	assert_str(line, "short");
	ring_drop(&r);
	assert_false(ring_peek(&r, &line));
	assert_int_equal(ring_dropped(&r), 0);
	ring_fini(&r);
}

static void a_full_ring_refuses_and_counts(void **state)
{
	struct weir_str line;
	struct ring r;
	int lines = 0;

	(void)state;
	ring_init(&r, 256);
	while (put(&r, STR("12345678")))
		lines++;
	assert_int_equal(lines, 256 / 16);
	assert_int_equal(ring_dropped(&r), 1);
	assert_int_equal(ring_held(&r), 256);

	assert_true(ring_peek(&r, &line));
	ring_drop(&r);
	assert_true(put(&r, STR("12345678")));
	assert_false(put(&r, STR("12345678")));
	assert_int_equal(ring_dropped(&r), 2);
	ring_fini(&r);
}

static void a_line_larger_than_the_ring_is_refused(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, 256);
	assert_null(ring_begin(&r, 256));
	assert_null(ring_begin(&r, SIZE_MAX / 2));
	assert_non_null(ring_begin(&r, 248));
	ring_fini(&r);
}

static void lines_of_all_sizes_go_round_and_round(void **state)
{
	struct weir_str line;
	struct ring r;
	struct rng dice;
	char text[120];

	(void)state;
	ring_init(&r, 512);
	rng_init_seed(&dice, 3);
	for (int i = 0; i < 100000; i++) {
		size_t len = 1 + rng_below(&dice, sizeof(text));

		memset(text, 'a' + i % 26, len);
		assert_true(put(&r, str_of(text, len)));
		assert_true(ring_peek(&r, &line));
		assert_true(str_eq(line, str_of(text, len)));
		ring_drop(&r);
	}
	assert_int_equal(ring_dropped(&r), 0);
	ring_fini(&r);
}

enum { LINES = 200000 };

/* A line is its number, several times. */
static void *write_numbers(void *arg)
{
	struct ring *r = arg;
	struct rng dice;

	rng_init_seed(&dice, 8);
	for (uint32_t i = 1; i <= LINES; i++) {
		uint32_t words = 1 + rng_below(&dice, 20);
		char *at = ring_begin(r, words * 4);

		if (at == NULL) {
			sched_yield();
			continue;	/* lost, and counted */
		}
		for (uint32_t w = 0; w < words; w++)
			memcpy(at + w * 4, &i, 4);
		ring_end(r, words * 4);
	}
	return NULL;
}

static uint32_t check_line(struct weir_str line, uint32_t last)
{
	uint32_t first, word;

	memcpy(&first, line.data, 4);
	assert_true(first > last);
	for (size_t w = 0; w < line.len; w += 4) {
		memcpy(&word, line.data + w, 4);
		assert_int_equal(word, first);
	}
	return first;
}

static void two_threads_lose_nothing_but_what_is_counted(void **state)
{
	uint32_t last = 0, seen = 0;
	struct weir_str line;
	pthread_t writer;
	struct ring r;
	bool ended = false;

	(void)state;
	ring_init(&r, 4096);
	pthread_create(&writer, NULL, write_numbers, &r);
	while (!ended || !ring_empty(&r)) {
		if (ring_peek(&r, &line)) {
			last = check_line(line, last);
			ring_drop(&r);
			seen++;
		} else if (!ended) {
			ended = pthread_tryjoin_np(writer, NULL) == 0;
			sched_yield();
		}
	}

	assert_int_equal(seen + ring_dropped(&r), LINES);
	ring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_as_they_went_in),
		cmocka_unit_test(a_line_may_turn_out_shorter_or_not_at_all),
		cmocka_unit_test(a_full_ring_refuses_and_counts),
		cmocka_unit_test(a_line_larger_than_the_ring_is_refused),
		cmocka_unit_test(lines_of_all_sizes_go_round_and_round),
		cmocka_unit_test(two_threads_lose_nothing_but_what_is_counted),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
