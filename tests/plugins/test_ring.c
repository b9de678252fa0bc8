/* test_ring.c - the same key finds the same member, and few keys move. */
#include "tests/test.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "plugins/ring_hash/ring.h"

enum { KEYS = 20000, MOST = 12 };

static const char *const names[MOST] = {
	"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80", "10.0.0.5:80", "10.0.0.6:80",
	"10.0.0.7:80", "10.0.0.8:80", "10.0.0.9:80", "10.0.0.10:80", "10.0.0.11:80",
	"10.0.0.12:80",
};

struct world {
	bool out[MOST];
	uint32_t got[MOST], asked;
};

static bool usable(const void *arg, uint32_t i)
{
	((struct world *)(uintptr_t)arg)->asked++;
	return !((const struct world *)arg)->out[i];
}

/* A ring of members `from` .. `to`-1, all of weight 1. */
static struct ring *ring_of(uint32_t from, uint32_t to, uint32_t points, uint32_t most)
{
	struct ring_member members[MOST];
	struct ring *r;

	for (uint32_t i = from; i < to; i++)
		members[i - from] = (struct ring_member){ names[i], strlen(names[i]), 1 };
	r = ring_new(members, to - from, points, most);
	assert_non_null(r);
	return r;
}

static uint64_t key(uint32_t n)
{
	char text[16];

	return hash64(0, str_of(text, (size_t)snprintf(text, sizeof(text), "user-%u", n)));
}

static uint32_t find(struct world *w, const struct ring *r, uint32_t n)
{
	struct ring_ask ask = { usable, w };

	return ring_find(r, key(n), &ask);
}

static void the_same_key_finds_the_same_member(void **state)
{
	struct ring *a = ring_of(0, 8, 160, 262144), *b = ring_of(0, 8, 160, 262144);
	struct world w = { .asked = 0 };

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++)
		assert_int_equal(find(&w, a, n), find(&w, b, n));
	ring_free(a);
	ring_free(b);
}

static void keys_are_shared_out(void **state)
{
	struct ring *r = ring_of(0, 8, 160, 262144);
	struct world w = { .asked = 0 };

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++)
		w.got[find(&w, r, n)]++;
	for (int i = 0; i < 8; i++)
		assert_in_range(w.got[i], KEYS / 8 * 7 / 10, KEYS / 8 * 13 / 10);
	ring_free(r);
}

static void keys_are_shared_out_by_weight(void **state)
{
	struct ring_member members[3] = {
		{ names[0], 11, 1 }, { names[1], 11, 2 }, { names[2], 11, 5 },
	};
	struct ring *r = ring_new(members, 3, 400, 262144);
	struct world w = { .asked = 0 };

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++)
		w.got[find(&w, r, n)]++;
	assert_in_range(w.got[2], KEYS * 5 / 8 * 9 / 10, KEYS * 5 / 8 * 11 / 10);
	assert_in_range(w.got[0], KEYS / 8 * 8 / 10, KEYS / 8 * 12 / 10);
	ring_free(r);
}

/* With one more, only the keys that it gets move. */
static void a_newcomer_moves_only_its_own_keys(void **state)
{
	struct ring *before = ring_of(0, 8, 160, 262144), *after = ring_of(0, 9, 160, 262144);
	struct world w = { .asked = 0 };
	uint32_t moved = 0;

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++) {
		uint32_t was = find(&w, before, n), is = find(&w, after, n);

		if (was == is)
			continue;
		assert_int_equal(is, 8);
		moved++;
	}
	assert_in_range(moved, KEYS / 9 * 7 / 10, KEYS / 9 * 13 / 10);
	ring_free(before);
	ring_free(after);
}

/* The first of eight leaves: every other keeps all of its keys. */
static void a_leaver_moves_only_its_own_keys(void **state)
{
	struct ring *before = ring_of(0, 8, 160, 262144), *after = ring_of(1, 8, 160, 262144);
	struct world w = { .asked = 0 };

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++) {
		uint32_t was = find(&w, before, n), is = find(&w, after, n) + 1;

		if (was != 0)
			assert_int_equal(is, was);
	}
	ring_free(before);
	ring_free(after);
}

/* While it is out, its keys go where they would go if it had left, and come back with it. */
static void keys_of_one_that_is_out_go_along_the_ring(void **state)
{
	struct ring *all = ring_of(0, 8, 160, 262144), *fewer = ring_of(1, 8, 160, 262144);
	struct world w = { .out = { true } };

	(void)state;
	for (uint32_t n = 0; n < KEYS; n++)
		assert_int_equal(find(&w, all, n), find(&(struct world){ .asked = 0 }, fewer, n) + 1);
	ring_free(all);
	ring_free(fewer);
}

static void each_member_is_asked_once_when_none_may_be_used(void **state)
{
	struct ring *r = ring_of(0, MOST, 1000, 262144);
	struct world w = { .asked = 0 };

	(void)state;
	memset(w.out, true, sizeof(w.out));
	assert_int_equal(find(&w, r, 1), RING_NONE);
	assert_in_range(w.asked, MOST, MOST + 1);
	ring_free(r);
}

static void the_size_is_bounded(void **state)
{
	struct ring *r = ring_of(0, 10, 4096, 1024);
	struct world w = { .asked = 0 };

	(void)state;
	assert_in_range(r->count, 1000, 1034);
	for (uint32_t n = 0; n < KEYS; n++)
		w.got[find(&w, r, n)]++;
	for (int i = 0; i < 10; i++)
		assert_in_range(w.got[i], KEYS / 10 / 2, KEYS / 10 * 2);
	ring_free(r);
}

static void an_empty_ring_finds_nobody(void **state)
{
	struct ring *r = ring_new(NULL, 0, 160, 1024);
	struct world w = { .asked = 0 };

	(void)state;
	assert_non_null(r);
	assert_int_equal(find(&w, r, 1), RING_NONE);
	ring_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_key_finds_the_same_member),
		cmocka_unit_test(keys_are_shared_out),
		cmocka_unit_test(keys_are_shared_out_by_weight),
		cmocka_unit_test(a_newcomer_moves_only_its_own_keys),
		cmocka_unit_test(a_leaver_moves_only_its_own_keys),
		cmocka_unit_test(keys_of_one_that_is_out_go_along_the_ring),
		cmocka_unit_test(each_member_is_asked_once_when_none_may_be_used),
		cmocka_unit_test(the_size_is_bounded),
		cmocka_unit_test(an_empty_ring_finds_nobody),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
