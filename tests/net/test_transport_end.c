/* test_transport_end.c - who is told when the peer does something, and every way a connection ends. */
#include "tests/net/acts.h"

/* Owners and the idle. */

static void waits_for_ever(struct scene *s)
{
	s->t.owner = fiber_self();
	s->result = fiber_park() == WAKE_CANCEL ? IO_CANCELLED : IO_OK;
	s->t.owner = NULL;
}

static void the_owner_is_cancelled_when_the_peer_is_gone(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, waits_for_ever);
	peer_resets(s);
	scene_ends(s);

	assert_int_equal(s->result, IO_CANCELLED);
	scene_free(s);
}

static void a_half_close_cancels_nobody(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, waits_for_ever);
	shutdown(s->peer, SHUT_WR);
	scene_goes_on(s);
	assert_false(s->over);
	assert_true((s->t.latched & SOURCE_RDHUP) != 0);
	fiber_cancel(s->fiber);
	scene_free(s);
}

static unsigned stirred;

static void stirs(struct transport *t)
{
	stirred++;
	transport_close(t);
}

static void the_idle_are_told_of_bytes_and_may_close(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	stirred = 0;
	s->t.idle = stirs;
	scene_goes_on(s);
	assert_int_equal(stirred, 0);	/* that it can be written to is no news */
	peer_says(s, "x");
	scene_goes_on(s);

	assert_int_equal(stirred, 1);
	assert_false(s->t.is_open);
	scene_free(s);
}

/* The end. */

static void after_the_close_nothing_waits(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	transport_close(&s->t);
	scene_does(s, reads);
	assert_int_equal(s->result, IO_RESET);
	scene_does(s, writes_a_word);

	assert_int_equal(s->result, IO_RESET);
	transport_close(&s->t);
	scene_free(s);
}

static void a_close_ends_in_order_and_an_abort_does_not(void **state)
{
	struct scene *s = scene_new(), *other = scene_new();
	char byte;

	(void)state;
	transport_close(&s->t);
	transport_abort(&other->t);

	assert_int_equal(recv(s->peer, &byte, 1, 0), 0);
	assert_int_equal(recv(other->peer, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	scene_free(s);
	scene_free(other);
}

static void after_a_shutdown_the_peer_may_still_answer(void **state)
{
	struct scene *s = scene_new();
	char byte;

	(void)state;
	transport_shutdown(&s->t);
	assert_int_equal(recv(s->peer, &byte, 1, 0), 0);
	peer_says(s, "answer");
	scene_does(s, reads);

	saw(s, "answer");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_owner_is_cancelled_when_the_peer_is_gone),
		cmocka_unit_test(a_half_close_cancels_nobody),
		cmocka_unit_test(the_idle_are_told_of_bytes_and_may_close),
		cmocka_unit_test(after_the_close_nothing_waits),
		cmocka_unit_test(a_close_ends_in_order_and_an_abort_does_not),
		cmocka_unit_test(after_a_shutdown_the_peer_may_still_answer),
	};

	return cmocka_run_group_tests_name("transport_end", tests, NULL, NULL);
}
