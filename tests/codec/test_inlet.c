/* test_inlet.c - bytes that came and are not yet used: where they lie, how long, and at what cost. */
#include "tests/codec/scene.h"

#include <stdlib.h>

#include "tests/alloc.h"

static void fills(struct scene *s)
{
	s->io = inlet_fill(&s->in);
}

static char *pattern(size_t len)
{
	char *bytes = test_malloc(len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + i * 7 % 26);
	return bytes;
}

static void peer_says_pattern(struct scene *s, size_t len)
{
	char *bytes = pattern(len);

	peer_says_bytes(s, bytes, len);
	test_free(bytes);
}

/* Until so many unused bytes are there. */
static void fill_to(struct scene *s, size_t len)
{
	while (inlet_len(&s->in) < len) {
		scene_does(s, fills);
		assert_int_equal(s->io, IO_OK);
	}
}

static void waiting_costs_no_buffer(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, fills);
	assert_false(s->over);
	assert_int_equal(buffers_lent(&s->worker), 0);
	peer_says(s, "hello");
	scene_ends(s);

	assert_int_equal(s->io, IO_OK);
	assert_str(inlet_str(&s->in), "hello");
	assert_int_equal(buffers_lent(&s->worker), 1);
	scene_free(s);
}

static void used_bytes_make_room_and_the_next_wait_gives_the_buffer_back(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "hello");
	scene_does(s, fills);
	inlet_drop(&s->in, 3);
	assert_str(inlet_str(&s->in), "lo");
	inlet_drop(&s->in, 2);
	assert_int_equal(inlet_len(&s->in), 0);
	scene_begins(s, fills);

	assert_int_equal(buffers_lent(&s->worker), 0);
	peer_says(s, "again");
	scene_ends(s);
	assert_str(inlet_str(&s->in), "again");
	scene_free(s);
}

static void filling_now_does_not_wait(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(inlet_fill_now(&s->in), IO_AGAIN);
	peer_says(s, "x");
	scene_goes_on(s);

	assert_int_equal(inlet_fill_now(&s->in), IO_OK);
	assert_int_equal(inlet_fill_now(&s->in), IO_AGAIN);
	assert_str(inlet_str(&s->in), "x");
	scene_free(s);
}

static void the_end_is_remembered(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "bye");
	peer_half_closes(s);
	scene_goes_on(s);
	scene_does(s, fills);
	assert_str(inlet_str(&s->in), "bye");
	scene_does(s, fills);
	assert_int_equal(s->io, IO_EOF);
	transport_close(&s->t);		/* it is not asked again */
	scene_does(s, fills);

	assert_int_equal(s->io, IO_EOF);
	scene_free(s);
}

static void a_cancelled_fill_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, fills);
	fiber_cancel(s->fiber);
	scene_ends(s);

	assert_int_equal(s->io, IO_CANCELLED);
	scene_free(s);
}

/* Pinning. */

static void pinned_bytes_stay_where_they_are(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head;

	(void)state;
	peer_says(s, "headbody");
	scene_does(s, fills);
	head = str_head(inlet_str(&s->in), 4);
	inlet_pin(&s->in, 4);
	assert_str(inlet_str(&s->in), "body");
	inlet_drop(&s->in, 4);
	for (int i = 0; i < 3; i++) {
		peer_says_pattern(s, 12000);
		fill_to(s, 12000);
		inlet_drop(&s->in, inlet_len(&s->in));
	}

	assert_str(head, "head");
	assert_int_equal(buffers_lent(&s->worker), 1);
	scene_free(s);
}

static void unpinned_bytes_that_are_unused_move_to_the_front(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "headnext");
	scene_does(s, fills);
	inlet_pin(&s->in, 4);
	inlet_unpin(&s->in);

	assert_str(inlet_str(&s->in), "next");
	assert_ptr_equal(inlet_str(&s->in).data, s->in.data);
	inlet_drop(&s->in, 4);
	inlet_unpin(&s->in);
	assert_int_equal(buffers_lent(&s->worker), 0);
	scene_free(s);
}

static void a_head_that_fills_most_of_its_buffer_does_not_make_crumbs_of_the_body(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head;
	char *want = pattern(15000);

	(void)state;
	peer_says_pattern(s, 15000);
	fill_to(s, 15000);
	head = inlet_str(&s->in);
	inlet_pin(&s->in, 15000);
	peer_says_pattern(s, 12000);
	scene_goes_on(s);
	scene_does(s, fills);

	assert_int_equal(inlet_len(&s->in), 12000);
	assert_memory_equal(head.data, want, 15000);
	assert_int_equal(buffers_lent(&s->worker), 2);
	test_free(want);
	scene_free(s);
}

static void what_was_pinned_can_be_released_alone(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "headbody");
	scene_does(s, fills);
	inlet_pin(&s->in, 4);
	inlet_release(&s->in);
	assert_str(inlet_str(&s->in), "body");
	inlet_drop(&s->in, 4);
	inlet_rest(&s->in);

	assert_int_equal(buffers_lent(&s->worker), 0);
	scene_free(s);
}

/* Growing. */

static void a_full_buffer_says_so_and_grows(void **state)
{
	struct scene *s = scene_new();
	char *want = pattern(BUFFER_LARGE_BYTES);

	(void)state;
	peer_says_pattern(s, 100000);
	fill_to(s, WORKER_BUFFER);
	assert_true(inlet_full(&s->in));
	scene_does(s, fills);
	assert_int_equal(inlet_len(&s->in), WORKER_BUFFER);
	assert_true(inlet_grow(&s->in));
	assert_false(inlet_full(&s->in));
	fill_to(s, BUFFER_MIDDLE_BYTES);
	assert_true(inlet_grow(&s->in));
	fill_to(s, 100000);

	assert_memory_equal(inlet_str(&s->in).data, want, 100000);
	assert_false(inlet_grow(&s->in));
	assert_false(s->in.starved);
	assert_int_equal(buffers_lent(&s->worker), 1);
	test_free(want);
	scene_free(s);
}

static void growing_leaves_what_is_pinned_where_it_is(void **state)
{
	struct scene *s = scene_new();
	struct weir_str head;

	(void)state;
	peer_says(s, "head");
	scene_does(s, fills);
	head = inlet_str(&s->in);
	inlet_pin(&s->in, 4);
	peer_says_pattern(s, 20000);
	fill_to(s, WORKER_BUFFER - 4);
	assert_true(inlet_full(&s->in));
	assert_true(inlet_grow(&s->in));
	fill_to(s, 20000);

	assert_str(head, "head");
	assert_int_equal(buffers_lent(&s->worker), 2);
	inlet_unpin(&s->in);
	assert_int_equal(buffers_lent(&s->worker), 1);
	scene_free(s);
}

/* Pace and shelter. */

static void a_read_brings_no_more_than_the_pace_allows(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says_pattern(s, 200000);
	scene_goes_on(s);
	inlet_pace(&s->in, 100000);
	scene_does(s, fills);
	assert_int_equal(inlet_len(&s->in), 100000);
	assert_int_equal(s->in.size, BUFFER_LARGE);
	inlet_drop(&s->in, 100000);
	inlet_pace(&s->in, 20000);
	scene_does(s, fills);
	assert_int_equal(inlet_len(&s->in), 20000);
	assert_int_equal(s->in.size, BUFFER_MIDDLE);
	inlet_drop(&s->in, 20000);
	inlet_pace(&s->in, 0);
	scene_does(s, fills);

	assert_int_equal(inlet_len(&s->in), WORKER_BUFFER);
	assert_int_equal(s->in.size, BUFFER_SMALL);
	scene_free(s);
}

static void the_rest_of_a_large_read_finds_shelter_in_a_small_buffer(void **state)
{
	struct scene *s = scene_new();
	struct weir_str lent;
	char *want = pattern(60000);

	(void)state;
	peer_says_pattern(s, 60000);
	scene_goes_on(s);
	inlet_pace(&s->in, SIZE_MAX);
	fill_to(s, 60000);
	lent = str_of(inlet_str(&s->in).data + 47000, 9000);
	inlet_drop(&s->in, 56000);
	inlet_shelter(&s->in, &lent);

	assert_int_equal(s->in.size, BUFFER_SMALL);
	assert_int_equal(buffers_lent(&s->worker), 1);
	assert_memory_equal(lent.data, want + 47000, 9000);
	assert_int_equal(inlet_len(&s->in), 4000);
	assert_memory_equal(inlet_str(&s->in).data, want + 56000, 4000);
	test_free(want);
	scene_free(s);
}

static void after_the_shelter_reading_goes_on(void **state)
{
	struct scene *s = scene_new();
	struct weir_str lent;

	(void)state;
	peer_says_pattern(s, 40000);
	scene_goes_on(s);
	inlet_pace(&s->in, SIZE_MAX);
	fill_to(s, 40000);
	lent = str_of(inlet_str(&s->in).data + 30000, 9990);
	inlet_drop(&s->in, 39990);
	inlet_pace(&s->in, 0);
	inlet_shelter(&s->in, &lent);
	peer_says(s, "0123456789");
	fill_to(s, 20);

	assert_str(str_skip(inlet_str(&s->in), 10), "0123456789");
	scene_free(s);
}

static void nothing_moves_that_does_not_fit_or_is_pinned(void **state)
{
	struct scene *s = scene_new();
	struct weir_str lent;

	(void)state;
	peer_says_pattern(s, 90000);
	scene_goes_on(s);
	inlet_pace(&s->in, SIZE_MAX);
	fill_to(s, 90000);
	lent = inlet_str(&s->in);
	inlet_drop(&s->in, 90000);
	inlet_shelter(&s->in, &lent);
	assert_int_equal(s->in.size, BUFFER_LARGE);
	inlet_pin(&s->in, 10);
	lent.len = 10;
	inlet_shelter(&s->in, &lent);

	assert_int_equal(s->in.size, BUFFER_LARGE);
	scene_free(s);
}

static void when_all_is_gone_the_shelter_is_none(void **state)
{
	struct scene *s = scene_new();
	struct weir_str lent = STR("");

	(void)state;
	peer_says(s, "all");
	scene_does(s, fills);
	inlet_drop(&s->in, 3);
	inlet_shelter(&s->in, &lent);

	assert_int_equal(buffers_lent(&s->worker), 0);
	scene_free(s);
}

/* No memory. */

static void no_memory_for_a_buffer_is_told_from_a_reset(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "x");
	scene_goes_on(s);
	alloc_fail_at(1);
	s->io = inlet_fill_now(&s->in);
	alloc_fail_at(0);
	assert_int_equal(s->io, IO_RESET);
	assert_true(s->in.starved);
	scene_does(s, fills);

	assert_int_equal(s->io, IO_OK);
	assert_false(s->in.starved);
	scene_free(s);
}

static void no_memory_to_grow_leaves_all_as_it_was(void **state)
{
	struct scene *s = scene_new();
	bool grown;

	(void)state;
	peer_says_pattern(s, WORKER_BUFFER);
	fill_to(s, WORKER_BUFFER);
	alloc_fail_at(1);
	grown = inlet_grow(&s->in);
	alloc_fail_at(0);

	assert_false(grown);
	assert_true(s->in.starved);
	assert_int_equal(inlet_len(&s->in), WORKER_BUFFER);
	scene_free(s);
}

/* Buffers. */

static void buffers_come_in_three_sizes_and_are_counted(void **state)
{
	struct scene *s = scene_new();
	char *lent[BUFFER_CLASSES];

	(void)state;
	for (enum buffer_class size = BUFFER_SMALL; size < BUFFER_CLASSES; size++) {
		lent[size] = buffer_lend(&s->worker, size);
		memset(lent[size], 'x', buffer_bytes(size));
		assert_int_equal(buffers_lent(&s->worker), size + 1);
	}
	for (enum buffer_class size = BUFFER_SMALL; size < BUFFER_CLASSES; size++)
		buffer_give(&s->worker, size, lent[size]);
	buffer_give(&s->worker, BUFFER_LARGE, NULL);

	assert_int_equal(buffers_lent(&s->worker), 0);
	assert_true(buffer_bytes(BUFFER_SMALL) < buffer_bytes(BUFFER_MIDDLE));
	assert_true(buffer_bytes(BUFFER_MIDDLE) < buffer_bytes(BUFFER_LARGE));
	scene_free(s);
}

static void a_crowd_gets_smaller_buffers(void **state)
{
	struct scene *s = scene_new();
	char *lent[64];
	unsigned count = 0;

	(void)state;
	assert_int_equal(buffer_affordable(&s->worker, BUFFER_LARGE), BUFFER_LARGE);
	while (count < 64 && buffer_affordable(&s->worker, BUFFER_LARGE) == BUFFER_LARGE)
		lent[count++] = buffer_lend(&s->worker, BUFFER_LARGE);

	assert_in_range(count, 1, 63);
	assert_int_equal(buffer_affordable(&s->worker, BUFFER_LARGE), BUFFER_MIDDLE);
	assert_int_equal(buffer_affordable(&s->worker, BUFFER_SMALL), BUFFER_SMALL);
	while (count > 0)
		buffer_give(&s->worker, BUFFER_LARGE, lent[--count]);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_costs_no_buffer),
		cmocka_unit_test(
			used_bytes_make_room_and_the_next_wait_gives_the_buffer_back),
		cmocka_unit_test(filling_now_does_not_wait),
		cmocka_unit_test(the_end_is_remembered),
		cmocka_unit_test(a_cancelled_fill_ends),
		cmocka_unit_test(pinned_bytes_stay_where_they_are),
		cmocka_unit_test(unpinned_bytes_that_are_unused_move_to_the_front),
		cmocka_unit_test(
			a_head_that_fills_most_of_its_buffer_does_not_make_crumbs_of_the_body),
		cmocka_unit_test(what_was_pinned_can_be_released_alone),
		cmocka_unit_test(a_full_buffer_says_so_and_grows),
		cmocka_unit_test(growing_leaves_what_is_pinned_where_it_is),
		cmocka_unit_test(a_read_brings_no_more_than_the_pace_allows),
		cmocka_unit_test(the_rest_of_a_large_read_finds_shelter_in_a_small_buffer),
		cmocka_unit_test(after_the_shelter_reading_goes_on),
		cmocka_unit_test(nothing_moves_that_does_not_fit_or_is_pinned),
		cmocka_unit_test(when_all_is_gone_the_shelter_is_none),
		cmocka_unit_test(no_memory_for_a_buffer_is_told_from_a_reset),
		cmocka_unit_test(no_memory_to_grow_leaves_all_as_it_was),
		cmocka_unit_test(buffers_come_in_three_sizes_and_are_counted),
		cmocka_unit_test(a_crowd_gets_smaller_buffers),
	};

	return cmocka_run_group_tests_name("inlet", tests, NULL, NULL);
}
