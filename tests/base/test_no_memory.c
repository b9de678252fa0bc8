/* test_no_memory.c - each allocation fails once, in turn: what is there stays whole, and nothing
 * leaks. */
#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/json.h"
#include "core/base/map.h"
#include "core/base/shared.h"
#include "core/base/sink.h"
#include "core/base/slab.h"
#include "core/base/slots.h"
#include "core/base/tally.h"
#include "tests/alloc.h"

/* Runs `story` with each of its allocations failing, until it needs no more. It gives true when all
 * went well, and cleans up either way. */
static void fail_each(bool (*story)(void))
{
	uint64_t n = 0;
	bool ok;

	do {
		alloc_fail_at(++n);
		ok = story();
		assert_true(ok || alloc_count() >= n);	/* a failure had its cause */
	} while (alloc_count() >= n);
	alloc_fail_at(0);
	assert_true(ok);
	assert_true(n > 1);
}

static bool arena_story(void)
{
	struct slab chunks;
	struct arena a;
	bool ok;

	slab_init(&chunks, ARENA_CHUNK, 2);
	arena_init(&a, &chunks, 1 << 20);
	arena_take(&a, 100);
	arena_take(&a, 3 * ARENA_CHUNK);
	arena_zero(&a, ARENA_CHUNK / 2);
	arena_copy(&a, STR("text"));
	arena_print(&a, "%d", ARENA_CHUNK);
	ok = !a.overflowed;
	arena_reset(&a);
	slab_fini(&chunks);
	return ok;
}

static bool buffer_story(void)
{
	struct buffer b;
	bool ok = true;

	buffer_init(&b, 1 << 20);
	for (int i = 0; i < 100; i++) {
		size_t before = buffer_len(&b);
		bool added = buffer_print(&b, "%050d", i);

		assert_int_equal(buffer_len(&b), before + (added ? 50 : 0));
		ok = ok && added;
	}
	buffer_fini(&b);
	return ok;
}

static bool map_story(void)
{
	struct map m;
	bool ok = true;
	char key[16];

	map_init(&m);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		if (!map_set(&m, str_from(key), &m)) {
			assert_null(map_get(&m, str_from(key)));
			ok = false;
		} else {
			assert_ptr_equal(map_get(&m, str_from(key)), &m);
		}
	}
	map_fini(&m);
	return ok;
}

static bool slots_story(void)
{
	struct slots s;
	bool ok = true;
	char name[16];
	uint32_t number;

	slots_init(&s);
	for (int i = 0; i < 200; i++) {
		struct weir_error error = { "" };

		(void)snprintf(name, sizeof(name), "%d", i);
		if (!slots_take(&s, str_from(name), &number, &error)) {
			assert_true(error.text[0] != '\0');
			ok = false;
		} else if (i % 3 == 0) {
			slots_give(&s, number);
		}
	}
	slots_fini(&s);
	return ok;
}

static bool slot_array_story(void)
{
	struct slot_array a;
	bool ok;

	slot_array_init(&a, 100);
	ok = slot_array_at(&a, 5) != NULL;
	ok = slot_array_at(&a, 1000) != NULL && ok;
	(void)slot_array_peek(&a, 1000);
	slot_array_fini(&a);
	return ok;
}

static bool sink_story(void)
{
	static _Atomic(uint64_t) lost;
	struct weir_error error = { "" };
	struct sink *s = sink_open("/dev/null", &lost, &error);
	struct pen *p = s != NULL ? pen_open(s, 4096) : NULL;
	bool ok = p != NULL;

	assert_true(s != NULL || error.text[0] != '\0');
	if (p != NULL && pen_begin(p, 10) != NULL)
		pen_end(p, 0);
	pen_close(p);
	sink_close(s);
	return ok;
}

/* What was there stays, and what could not be kept is not half there. */
static bool shared_story(void)
{
	struct shared *s = shared_open(STR("store"), SHARED_LEAST);
	char room[8], long_value[200] = "";
	int64_t sum = 0;
	size_t len;
	bool ok = s != NULL, set;

	if (s == NULL)
		return false;
	ok = shared_set(s, STR("k"), STR("one"), 1, 100);
	set = shared_set(s, STR("k"), str_of(long_value, sizeof(long_value)), 1, 100);
	assert_int_equal(shared_get(s, STR("k"), 1, room, sizeof(room), &len), ok || set);
	assert_true(!ok || len == (set ? sizeof(long_value) : 3));
	ok = shared_add(s, STR("n"), 5, 1, 100, &sum) && set && ok;
	ok = shared_swap(s, STR("new"), STR_ABSENT, STR("v"), 1, 100) && ok;
	shared_close(shared_open(STR("store"), 4 * SHARED_LEAST), 4 * SHARED_LEAST);
	assert_int_equal(shared_delete(s, STR("k"), 1), len > 0);
	shared_close(s, SHARED_LEAST);
	return ok;
}

static bool tally_story(void)
{
	const struct board_name name = { STR("p"), STR("u"), STR("place") };
	struct board *b = board_open(&name, 2);
	struct tally *t;
	bool ok;

	if (b == NULL)
		return false;
	t = board_tally(b, STR("event"));
	tally_add(t, 1);
	ok = t != NULL && tally_read(t) == 1;
	board_close(b);
	return ok;
}

static void an_arena_says_that_it_overflowed(void **state)
{
	(void)state;
	fail_each(arena_story);
}

static void a_buffer_keeps_what_it_has(void **state)
{
	(void)state;
	fail_each(buffer_story);
}

static void a_map_keeps_what_it_has(void **state)
{
	(void)state;
	fail_each(map_story);
}

static void slots_are_refused_in_words(void **state)
{
	(void)state;
	fail_each(slots_story);
}

static void an_item_without_memory_is_not_there(void **state)
{
	(void)state;
	fail_each(slot_array_story);
}

static void a_sink_is_refused_in_words(void **state)
{
	(void)state;
	fail_each(sink_story);
}

static void a_store_keeps_what_it_has(void **state)
{
	(void)state;
	fail_each(shared_story);
}

static void a_counter_without_memory_is_not_there(void **state)
{
	(void)state;
	fail_each(tally_story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_says_that_it_overflowed),
		cmocka_unit_test(a_buffer_keeps_what_it_has),
		cmocka_unit_test(a_map_keeps_what_it_has),
		cmocka_unit_test(slots_are_refused_in_words),
		cmocka_unit_test(an_item_without_memory_is_not_there),
		cmocka_unit_test(a_sink_is_refused_in_words),
		cmocka_unit_test(a_store_keeps_what_it_has),
		cmocka_unit_test(a_counter_without_memory_is_not_there),
	};

	return cmocka_run_group_tests_name("no_memory", tests, NULL, NULL);
}
