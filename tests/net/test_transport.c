/* test_transport.c - bytes come and go, and are waited for. */
#include "tests/net/acts.h"

enum { LOTS = 8 << 20 };	/* more than all buffers of the kernel */

/* Acts. */

static void reads_four(struct scene *s)
{
	s->result = transport_read(&s->t, s->data, 4, &s->len);
}

static void reads_until_then(struct scene *s)
{
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&s->loop), SHORT_TIME), REASON_BODY_SLOW);
	reads(s);
	s->reason = deadline_ended();
	deadline_leave(&d);
}

static char lots[LOTS];

static void make_lots(void)
{
	for (size_t i = 0; i < LOTS; i++)
		lots[i] = (char)(i * 2654435761u >> 13);
}

static void writes_lots(struct scene *s)
{
	struct iovec parts[3] = { { lots, 1 }, { lots + 1, 4095 }, { lots + 4096, LOTS - 4096 } };

	s->result = transport_write(&s->t, parts, 3);
}

static void writes_until_then(struct scene *s)
{
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&s->loop), SHORT_TIME), REASON_CLIENT_SLOW);
	writes_lots(s);
	s->reason = deadline_ended();
	deadline_leave(&d);
}

/* Reading. */

static void a_read_waits_for_bytes(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, reads);
	assert_false(s->over);
	peer_says(s, "hello");
	scene_ends(s);

	saw(s, "hello");
	scene_free(s);
}

static void a_short_read_means_that_nothing_is_left(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "hello");
	scene_does(s, reads);

	assert_false(transport_readable(&s->t));
	scene_free(s);
}

static void what_did_not_fit_is_read_without_another_event(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "hello you");
	scene_does(s, reads_four);
	saw(s, "hell");
	assert_true(transport_readable(&s->t));
	scene_does(s, reads);

	saw(s, "o you");
	scene_free(s);
}

static void a_latch_without_bytes_is_waited_for(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "four");
	scene_does(s, reads_four);
	assert_true(transport_readable(&s->t));	/* it was as long as the room: nobody knows */
	scene_begins(s, reads);
	assert_false(s->over);
	peer_says(s, "more");
	scene_ends(s);

	saw(s, "more");
	scene_free(s);
}

static void bytes_come_before_the_end_that_came_with_them(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "bye");
	peer_closes(s);
	scene_goes_on(s);
	scene_does(s, reads);
	saw(s, "bye");
	scene_does(s, reads);

	assert_int_equal(s->result, IO_EOF);
	assert_false(transport_gone(&s->t));
	scene_free(s);
}

static void a_reset_is_no_end(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, reads);
	peer_resets(s);
	scene_ends(s);
	assert_int_equal(s->result, IO_RESET);
	assert_true(transport_gone(&s->t));
	scene_does(s, reads);

	assert_int_equal(s->result, IO_RESET);
	scene_free(s);
}

static void reading_now_does_not_wait(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(transport_read_now(&s->t, s->data, 4, &s->len), IO_AGAIN);
	peer_says(s, "now");
	scene_goes_on(s);

	assert_int_equal(transport_read_now(&s->t, s->data, 4, &s->len), IO_OK);
	assert_int_equal(s->len, 3);
	scene_free(s);
}

static void a_read_ends_with_its_deadline_and_says_which(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_does(s, reads_until_then);

	assert_int_equal(s->result, IO_TIMEOUT);
	assert_int_equal(s->reason, REASON_BODY_SLOW);
	scene_free(s);
}

static void a_cancelled_read_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, reads);
	fiber_cancel(s->fiber);
	scene_ends(s);

	assert_int_equal(s->result, IO_CANCELLED);
	assert_null(s->t.reader);
	scene_free(s);
}

static void a_stray_wake_up_does_not_end_a_read(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, reads);
	fiber_wake(s->fiber);
	scene_goes_on(s);
	assert_false(s->over);
	peer_says(s, "x");
	scene_ends(s);

	saw(s, "x");
	scene_free(s);
}

/* Writing. */

static void peer_takes(struct scene *s, size_t bytes)
{
	size_t at = LOTS - bytes;
	char some[65536];
	ssize_t n;

	while (at < LOTS) {
		n = recv(s->peer, some, sizeof(some), MSG_DONTWAIT);
		if (n > 0) {
			assert_memory_equal(some, lots + at, (size_t)n);
			at += (size_t)n;
		} else {
			loop_turn(&s->loop, NS_PER_MS);
		}
	}
}

static void a_write_waits_until_all_was_taken(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, writes_lots);
	assert_false(s->over);
	peer_takes(s, LOTS);
	scene_ends(s);

	assert_int_equal(s->result, IO_OK);
	scene_free(s);
}

static void writing_now_takes_what_fits(void **state)
{
	struct scene *s = scene_new();
	struct iovec part = { lots, LOTS };
	size_t put;

	(void)state;
	assert_int_equal(transport_write_now(&s->t, &part, 1, &put), IO_OK);
	assert_in_range(put, 1, LOTS - 1);
	assert_int_equal(transport_write_now(&s->t, &part, 1, &put), IO_AGAIN);
	assert_int_equal(put, 0);
	scene_free(s);
}

static void a_write_ends_with_its_deadline(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_does(s, writes_until_then);

	assert_int_equal(s->result, IO_TIMEOUT);
	assert_int_equal(s->reason, REASON_CLIENT_SLOW);
	scene_free(s);
}

static void a_cancelled_write_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, writes_lots);
	fiber_cancel(s->fiber);
	scene_ends(s);

	assert_int_equal(s->result, IO_CANCELLED);
	assert_null(s->t.writer);
	scene_free(s);
}

static void a_write_to_one_who_resets_fails(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, writes_lots);
	peer_resets(s);
	scene_ends(s);

	assert_int_equal(s->result, IO_RESET);
	scene_free(s);
}

/* An endpoint that refuses an upload answers and closes: our next write fails, its answer is there. */
static void what_came_before_a_failed_write_is_still_read(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_does(s, writes_a_word);
	scene_goes_on(s);
	peer_says(s, "too large");
	shutdown(s->peer, SHUT_RD);
	peer_closes(s);			/* the word was not read: this resets */
	usleep(1000);
	writes_a_word(s);
	assert_int_equal(s->result, IO_RESET);
	assert_true(transport_gone(&s->t));
	scene_does(s, reads);

	saw(s, "too large");
	scene_free(s);
}

static void one_fiber_reads_while_another_writes(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, writes_lots);
	assert_ptr_equal(s->t.writer, s->fiber);
	peer_says(s, "meanwhile");
	scene_goes_on(s);
	assert_int_equal(transport_read_now(&s->t, s->data, 64, &s->len), IO_OK);
	assert_str(str_of(s->data, s->len), "meanwhile");
	peer_takes(s, LOTS);
	scene_ends(s);

	assert_int_equal(s->result, IO_OK);
	scene_free(s);
}

static void the_send_queue_tells_what_the_peer_has_not_taken(void **state)
{
	struct scene *s = scene_new();
	struct send_queue before = transport_queue(&s->t), after;

	(void)state;
	scene_begins(s, writes_lots);
	after = transport_queue(&s->t);

	assert_int_equal(before.queued, 0);
	assert_true(before.room > 0);
	assert_true(after.queued > before.room / 2);
	fiber_cancel(s->fiber);
	scene_free(s);
}

/* Parts. */

static void steps_go_over_parts_and_into_them(void **state)
{
	char text[] = "abcdef";
	struct iovec all[3] = { { text, 2 }, { text + 2, 0 }, { text + 2, 4 } }, *parts = all;
	int count = 3;

	(void)state;
	assert_false(iovec_advance(&parts, &count, 0));
	assert_int_equal(count, 3);
	assert_false(iovec_advance(&parts, &count, 1));
	assert_int_equal(parts->iov_len, 1);
	assert_false(iovec_advance(&parts, &count, 2));
	assert_int_equal(count, 1);
	assert_ptr_equal(parts->iov_base, text + 3);
	assert_true(iovec_advance(&parts, &count, 3));
	assert_int_equal(count, 0);
	assert_true(iovec_advance(&parts, &count, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_waits_for_bytes),
		cmocka_unit_test(a_short_read_means_that_nothing_is_left),
		cmocka_unit_test(what_did_not_fit_is_read_without_another_event),
		cmocka_unit_test(a_latch_without_bytes_is_waited_for),
		cmocka_unit_test(bytes_come_before_the_end_that_came_with_them),
		cmocka_unit_test(a_reset_is_no_end),
		cmocka_unit_test(reading_now_does_not_wait),
		cmocka_unit_test(a_read_ends_with_its_deadline_and_says_which),
		cmocka_unit_test(a_cancelled_read_ends),
		cmocka_unit_test(a_stray_wake_up_does_not_end_a_read),
		cmocka_unit_test(a_write_waits_until_all_was_taken),
		cmocka_unit_test(writing_now_takes_what_fits),
		cmocka_unit_test(a_write_ends_with_its_deadline),
		cmocka_unit_test(a_cancelled_write_ends),
		cmocka_unit_test(a_write_to_one_who_resets_fails),
		cmocka_unit_test(what_came_before_a_failed_write_is_still_read),
		cmocka_unit_test(one_fiber_reads_while_another_writes),
		cmocka_unit_test(the_send_queue_tells_what_the_peer_has_not_taken),
		cmocka_unit_test(steps_go_over_parts_and_into_them),
	};

	make_lots();
	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
