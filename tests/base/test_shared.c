/* test_shared.c - what all workers share: values that expire, bounded memory, many threads. */
#include "tests/test.h"

#include <pthread.h>

#include "core/base/clock.h"
#include "core/base/shared.h"

enum { MIB = 1024 * 1024 };

static size_t opened_with;

static struct shared *open_store(void **state, size_t bytes)
{
	struct shared *s = shared_open(STR("test"), bytes);

	assert_non_null(s);
	*state = s;
	opened_with = bytes;
	return s;
}

static int close_store(void **state)
{
	shared_close(*state, opened_with);
	*state = NULL;
	return 0;
}

static struct shared_seen seen_of(struct shared *s)
{
	struct shared_seen seen;

	shared_see(s, &seen);
	return seen;
}

static struct weir_str numbered(char room[32], const char *word, unsigned n)
{
	return str_of(room, (size_t)snprintf(room, 32, "%s%u", word, n));
}

#define assert_value(s, key, now, want) \
	do { \
		char room_[64]; \
		size_t len_; \
		assert_true(shared_get(s, STR(key), now, room_, sizeof(room_), &len_)); \
		assert_str(str_of(room_, len_), want); \
	} while (0)

static bool there(struct shared *s, struct weir_str key, uint64_t now)
{
	size_t len;

	return shared_get(s, key, now, NULL, 0, &len);
}

static void what_was_set_is_there_until_it_expires(void **state)
{
	struct shared *s = open_store(state, MIB);

	assert_true(shared_set(s, STR("a"), STR("one"), 1000, 500));
	assert_true(shared_set(s, STR("b"), STR(""), 1000, SHARED_FOR_EVER));

	assert_value(s, "a", 1499, "one");
	assert_false(there(s, STR("a"), 1500));
	assert_value(s, "b", UINT64_MAX - 1, "");
	assert_int_equal(seen_of(s).expired, 1);
	assert_int_equal(seen_of(s).entries, 1);
}

static void a_value_may_become_longer_and_shorter(void **state)
{
	struct shared *s = open_store(state, MIB);
	char large[3000];
	size_t len;

	memset(large, 'x', sizeof(large));
	assert_true(shared_set(s, STR("k"), STR("short"), 0, 10));
	assert_true(shared_set(s, STR("k"), str_of(large, sizeof(large)), 0, 10));
	assert_true(shared_get(s, STR("k"), 0, NULL, 0, &len));
	assert_int_equal(len, sizeof(large));
	assert_true(shared_set(s, STR("k"), STR("again"), 0, 10));

	assert_value(s, "k", 0, "again");
	assert_int_equal(seen_of(s).entries, 1);
	assert_true(seen_of(s).bytes < 100 + MIB / 256 * 8 + 300);
}

static void what_does_not_fit_the_readers_room_is_cut_but_its_length_is_told(void **state)
{
	struct shared *s = open_store(state, MIB);
	char room[4] = "....";
	size_t len;

	assert_true(shared_set(s, STR("k"), STR("abcdef"), 0, 10));
	assert_true(shared_get(s, STR("k"), 0, room, 3, &len));

	assert_int_equal(len, 6);
	assert_memory_equal(room, "abc.", 4);
}

static void what_was_deleted_is_gone(void **state)
{
	struct shared *s = open_store(state, MIB);

	assert_true(shared_set(s, STR("k"), STR("v"), 0, 10));

	assert_true(shared_delete(s, STR("k"), 0));
	assert_false(shared_delete(s, STR("k"), 0));
	assert_false(there(s, STR("k"), 0));
	assert_int_equal(seen_of(s).entries, 0);
}

static void a_number_begins_at_nothing_and_keeps_its_end(void **state)
{
	struct shared *s = open_store(state, MIB);
	int64_t sum;

	assert_true(shared_add(s, STR("n"), 5, 100, 50, &sum));
	assert_int_equal(sum, 5);
	assert_true(shared_add(s, STR("n"), -7, 149, 50, &sum));
	assert_int_equal(sum, -2);
	assert_true(shared_add(s, STR("n"), 1, 150, 50, &sum));	/* the first one's time is over */
	assert_int_equal(sum, 1);
}

static void text_is_no_number_and_numbers_do_not_wrap_around(void **state)
{
	struct shared *s = open_store(state, MIB);
	int64_t sum = 77;

	assert_true(shared_set(s, STR("t"), STR("text"), 0, 10));
	assert_false(shared_add(s, STR("t"), 1, 0, 10, &sum));
	assert_value(s, "t", 0, "text");
	assert_true(shared_add(s, STR("n"), INT64_MAX, 0, 10, NULL));
	assert_false(shared_add(s, STR("n"), 1, 0, 10, &sum));
	assert_int_equal(sum, 77);
}

static void a_swap_wants_what_it_expects(void **state)
{
	struct shared *s = open_store(state, MIB);

	assert_false(shared_swap(s, STR("k"), STR("old"), STR("new"), 0, 10));
	assert_true(shared_swap(s, STR("k"), STR_ABSENT, STR("one"), 0, 10));
	assert_false(shared_swap(s, STR("k"), STR_ABSENT, STR("two"), 0, 10));
	assert_false(shared_swap(s, STR("k"), STR("two"), STR("three"), 0, 10));
	assert_true(shared_swap(s, STR("k"), STR("one"), STR("two"), 0, 10));

	assert_value(s, "k", 0, "two");
	assert_true(shared_swap(s, STR("k"), STR_ABSENT, STR("late"), 10, 10));	/* expired: absent */
	assert_value(s, "k", 10, "late");
}

struct steps {
	uint64_t before, after, ttl;	/* what it saw last, what it leaves, for how long */
	unsigned runs;
};

static uint64_t steps_on(void *arg, void *value)
{
	struct steps *steps = arg;

	memcpy(&steps->before, value, sizeof(steps->before));
	memcpy(value, &steps->after, sizeof(steps->after));
	steps->runs++;
	return steps->ttl;
}

static void a_step_works_out_the_new_value_from_the_old(void **state)
{
	struct shared *s = open_store(state, MIB);
	struct steps steps = { .before = 1, .after = 5, .ttl = 10 };
	uint64_t value = 99;

	assert_true(shared_update(s, STR("k"), 0, &value, sizeof(value), steps_on, &steps));
	assert_int_equal(steps.before, 0);	/* there was none */
	steps.after = 6;
	assert_true(shared_update(s, STR("k"), 1, &value, sizeof(value), steps_on, &steps));
	assert_int_equal(steps.before, 5);
	assert_int_equal(value, 6);
	assert_true(shared_update(s, STR("k"), 11, &value, sizeof(value), steps_on, &steps));
	assert_int_equal(steps.before, 0);	/* its time was over */
}

static void a_step_that_gives_no_time_changes_nothing(void **state)
{
	struct shared *s = open_store(state, MIB);
	struct steps steps = { .after = 5 };
	uint64_t value;
	size_t len;

	assert_true(shared_update(s, STR("k"), 0, &value, sizeof(value), steps_on, &steps));
	assert_int_equal(steps.runs, 1);
	assert_false(shared_get(s, STR("k"), 0, &value, sizeof(value), &len));
	assert_true(shared_set(s, STR("k"), STR("as it is"), 0, 10));
	assert_true(shared_update(s, STR("k"), 0, &value, sizeof(value), steps_on, &steps));
	assert_value(s, "k", 0, "as it is");
}

static void a_step_sees_a_value_of_another_length_cut_or_filled(void **state)
{
	struct shared *s = open_store(state, MIB);
	struct steps steps = { .ttl = 10 };
	uint64_t two[2] = { 1, 1 };

	assert_true(shared_set(s, STR("k"), STR("\1"), 0, 10));
	assert_true(shared_update(s, STR("k"), 0, two, sizeof(two), steps_on, &steps));
	assert_int_equal(steps.before & 0xff, 1);
	assert_int_equal(two[1], 0);
	assert_true(shared_set(s, STR("k"), STR("12345678 and more"), 0, 10));
	assert_true(shared_update(s, STR("k"), 0, two, sizeof(*two), steps_on, &steps));
	assert_memory_equal(&steps.before, "12345678", 8);
}

static void keys_with_any_bytes_are_told_apart(void **state)
{
	struct shared *s = open_store(state, MIB);

	assert_true(shared_set(s, str_of("a\0b", 3), STR("1"), 0, 10));
	assert_true(shared_set(s, str_of("a\0c", 3), STR("2"), 0, 10));
	assert_true(shared_set(s, STR(""), STR("3"), 0, 10));

	assert_value(s, "a\0b", 0, "1");
	assert_value(s, "a\0c", 0, "2");
	assert_value(s, "", 0, "3");
}

static void what_is_too_large_for_a_store_is_refused(void **state)
{
	struct shared *s = open_store(state, SHARED_LEAST);
	static char large[SHARED_LEAST / 8];

	assert_false(shared_set(s, STR("k"), str_of(large, sizeof(large)), 0, 10));
	assert_false(shared_set(s, str_of(large, SHARED_KEY_MOST + 1), STR("v"), 0, 10));
	assert_true(shared_set(s, STR("k"), str_of(large, sizeof(large) / 2), 0, 10));
	assert_int_equal(seen_of(s).refused, 2);
}

static void memory_stays_within_its_bound(void **state)
{
	struct shared *s = open_store(state, MIB);
	char room[32];

	for (unsigned i = 0; i < 100000; i++)
		assert_true(shared_set(s, numbered(room, "client-", i), STR("12345678"), i, 1 << 30));

	assert_true(seen_of(s).bytes <= MIB);
	assert_true(seen_of(s).entries > 5000);	/* and it is used */
	assert_int_equal(seen_of(s).evicted + seen_of(s).entries, 100000);
}

static void what_is_in_use_stays_however_many_come_once(void **state)
{
	struct shared *s = open_store(state, MIB);
	char room[32];

	for (unsigned i = 0; i < 20; i++)
		assert_true(shared_set(s, numbered(room, "hot-", i), STR("1"), 0, 1 << 30));
	for (unsigned i = 0; i < 300000; i++) {
		assert_true(shared_set(s, numbered(room, "cold-", i), STR("12345678"), i, 1 << 30));
		if (i % 50 == 0)	/* each of the twenty once in a thousand */
			assert_true(there(s, numbered(room, "hot-", i / 50 % 20), i));
	}

	for (unsigned i = 0; i < 20; i++)
		assert_true(there(s, numbered(room, "hot-", i), 300000));
}

static void what_is_expired_goes_before_anything_else(void **state)
{
	struct shared *s = open_store(state, MIB);
	char room[32];

	for (unsigned i = 0; i < 3000; i++)
		assert_true(shared_set(s, numbered(room, "lasting-", i), STR("1"), 0, 1 << 30));
	for (unsigned i = 0; i < 200000; i++)
		assert_true(shared_set(s, numbered(room, "brief-", i), STR("1"), i, 500));

	assert_int_equal(seen_of(s).evicted, 0);
	for (unsigned i = 0; i < 3000; i++)
		assert_true(there(s, numbered(room, "lasting-", i), 200000));
}

static void the_same_name_is_the_same_store_while_anybody_has_it_open(void **state)
{
	struct shared *s = open_store(state, MIB), *again, *other;

	assert_true(shared_set(s, STR("k"), STR("v"), 0, 10));
	again = shared_open(STR("test"), MIB);
	other = shared_open(STR("other"), MIB);
	assert_ptr_equal(again, s);
	assert_false(there(other, STR("k"), 0));
	shared_close(s, MIB);
	assert_value(again, "k", 0, "v");

	shared_close(other, MIB);
	shared_close(again, MIB);
	s = open_store(state, MIB);
	assert_false(there(s, STR("k"), 0));
}

static void who_asks_for_most_rules_and_what_fits_stays(void **state)
{
	struct shared *s = open_store(state, MIB);
	char room[32];

	for (unsigned i = 0; i < 4000; i++)
		assert_true(shared_set(s, numbered(room, "k", i), STR("1"), 0, 1 << 30));
	assert_int_equal(seen_of(s).entries, 4000);

	assert_ptr_equal(shared_open(STR("test"), 8 * MIB), s);
	assert_ptr_equal(shared_open(STR("test"), SHARED_LEAST), s);
	assert_int_equal(seen_of(s).most, 8 * MIB);
	assert_int_equal(seen_of(s).entries, 4000);
	for (unsigned i = 0; i < 4000; i++)
		assert_true(there(s, numbered(room, "k", i), 0));

	shared_close(s, 8 * MIB);
	assert_int_equal(seen_of(s).most, MIB);
	assert_int_equal(seen_of(s).entries, 4000);
	shared_close(s, MIB);
	assert_int_equal(seen_of(s).most, SHARED_LEAST);
	assert_true(seen_of(s).bytes <= SHARED_LEAST);
	assert_true(seen_of(s).entries > 100);
	opened_with = SHARED_LEAST;
}

static void sum_names(void *arg, const struct shared_seen *seen)
{
	*(size_t *)arg += seen->name.len;
}

static void all_stores_can_be_looked_at(void **state)
{
	struct shared *other = shared_open(STR("other"), MIB);
	size_t names = 0;

	open_store(state, MIB);
	shared_visit(sum_names, &names);

	assert_int_equal(names, strlen("test") + strlen("other"));
	shared_close(other, MIB);
	shared_close(NULL, 0);
}

/* Many threads --------------------------------------------------------------- */

enum { THREADS = 8, ROUNDS = 20000 };

struct crowd {
	struct shared *store;
	unsigned number;
	uint64_t done;
};

static void *count_together(void *arg)
{
	struct crowd *c = arg;
	char room[32];

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (shared_add(c->store, numbered(room, "n", i % 7), 1, i, SHARED_FOR_EVER, NULL))
			c->done++;
		(void)shared_set(c->store, numbered(room, "s", i * THREADS + c->number),
				 STR("some value"), i, 100);
		(void)there(c->store, numbered(room, "s", i), i);
		(void)shared_delete(c->store, numbered(room, "s", i / 2), i);
	}
	return NULL;
}

/* A counter by compare and swap: each success is one more. */
static void *swap_together(void *arg)
{
	struct crowd *c = arg;

	while (c->done < ROUNDS / 4) {
		uint64_t n = 0, next;
		size_t len;
		bool found = shared_get(c->store, STR("turn"), 0, &n, sizeof(n), &len);

		next = n + 1;
		if (shared_swap(c->store, STR("turn"),
				found ? str_of((const char *)&n, sizeof(n)) : STR_ABSENT,
				str_of((const char *)&next, sizeof(next)), 0, 10))
			c->done++;
	}
	return NULL;
}

static uint64_t one_more(void *arg, void *value)
{
	(void)arg;
	++*(uint64_t *)value;
	return SHARED_FOR_EVER;
}

static void *step_together(void *arg)
{
	struct crowd *c = arg;
	uint64_t n;

	for (unsigned i = 0; i < ROUNDS; i++)
		if (shared_update(c->store, STR("steps"), 0, &n, sizeof(n), one_more, NULL))
			c->done++;
	return NULL;
}

static void crowd_does(struct shared *s, void *(*what)(void *))
{
	struct crowd crowd[THREADS];
	pthread_t threads[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		crowd[i] = (struct crowd){ .store = s, .number = i };
		assert_int_equal(pthread_create(&threads[i], NULL, what, &crowd[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void no_count_is_lost_among_many_threads(void **state)
{
	struct shared *s = open_store(state, 256 * 1024);
	int64_t all = 0, sum;
	char room[32];

	crowd_does(s, count_together);

	for (unsigned i = 0; i < 7; i++) {
		assert_true(shared_add(s, numbered(room, "n", i), 0, ROUNDS, 10, &sum));
		all += sum;
	}
	assert_int_equal(all, THREADS * ROUNDS);
	assert_true(seen_of(s).bytes <= 256 * 1024);
}

static void no_swap_is_lost_among_many_threads(void **state)
{
	struct shared *s = open_store(state, MIB);
	uint64_t n = 0;
	size_t len;

	crowd_does(s, swap_together);

	assert_true(shared_get(s, STR("turn"), 0, &n, sizeof(n), &len));
	assert_int_equal(n, THREADS * (ROUNDS / 4));
}

static void no_step_is_lost_among_many_threads(void **state)
{
	struct shared *s = open_store(state, MIB);
	uint64_t n = 0;
	size_t len;

	crowd_does(s, step_together);

	assert_true(shared_get(s, STR("steps"), 0, &n, sizeof(n), &len));
	assert_int_equal(n, THREADS * ROUNDS);
}

#define shared_test(name) cmocka_unit_test_teardown(name, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		shared_test(what_was_set_is_there_until_it_expires),
		shared_test(a_value_may_become_longer_and_shorter),
		shared_test(what_does_not_fit_the_readers_room_is_cut_but_its_length_is_told),
		shared_test(what_was_deleted_is_gone),
		shared_test(a_number_begins_at_nothing_and_keeps_its_end),
		shared_test(text_is_no_number_and_numbers_do_not_wrap_around),
		shared_test(a_swap_wants_what_it_expects),
		shared_test(a_step_works_out_the_new_value_from_the_old),
		shared_test(a_step_that_gives_no_time_changes_nothing),
		shared_test(a_step_sees_a_value_of_another_length_cut_or_filled),
		shared_test(keys_with_any_bytes_are_told_apart),
		shared_test(what_is_too_large_for_a_store_is_refused),
		shared_test(memory_stays_within_its_bound),
		shared_test(what_is_in_use_stays_however_many_come_once),
		shared_test(what_is_expired_goes_before_anything_else),
		shared_test(the_same_name_is_the_same_store_while_anybody_has_it_open),
		shared_test(who_asks_for_most_rules_and_what_fits_stays),
		shared_test(all_stores_can_be_looked_at),
		shared_test(no_count_is_lost_among_many_threads),
		shared_test(no_swap_is_lost_among_many_threads),
		shared_test(no_step_is_lost_among_many_threads),
	};

	return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
