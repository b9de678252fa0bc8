/* test_beat.c - a stuck worker shows in the beats, and the parent, whom the test plays, is heard. */
#include "core/weir/beat.h"

#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "tests/test.h"

static struct control control;
static struct loop loop;
static struct beat beat;
static int parents_end;
static unsigned reopens, drains;

static void on_other(void *owner)
{
	(void)owner;
}

static void on_drain(void *owner)
{
	(void)owner;
	drains++;
}

static void on_reopen(void *owner)
{
	(void)owner;
	reopens++;
}

static const struct control_calls calls = {
	.reload = on_other, .drain = on_drain, .reopen = on_reopen, .yield = on_other,
};

static int begin(void **state)
{
	struct weir_error error = { "" };
	struct message m;
	char text[16];
	int ends[2];

	(void)state;
	reopens = drains = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	parents_end = ends[0];
	message_init(&m, MESSAGE_WELCOME);
	(void)snprintf(text, sizeof(text), "%d", ends[1]);
	if (message_send(parents_end, &m) != MESSAGE_OK || setenv("WEIR_CONTROL", text, 1) != 0 ||
	    !control_open(&control, &error) || !loop_init(&loop, NULL, &error))
		return -1;
	control_set_calls(&control, &calls, &control);
	(void)message_receive(parents_end, &m);		/* hello */
	return 0;
}

static int end(void **state)
{
	(void)state;
	beat_stop(&beat);
	loop_fini(&loop);
	control_close(&control);
	socket_close(parents_end);
	return 0;
}

/* The next beat, and what it says; how long it takes decides nothing. */
static struct message next_beat(void)
{
	uint64_t until = clock_now() + 20 * NS_PER_S;
	struct message m = { .head = { .type = 0 } };

	while (message_receive(parents_end, &m) != MESSAGE_OK && clock_now() < until)
		loop_turn(&loop, 100 * NS_PER_MS);
	assert_int_equal(m.head.type, MESSAGE_BEAT);
	return m;
}

static void say(enum message_type type)
{
	struct message m;

	message_init(&m, type);
	assert_int_equal(message_send(parents_end, &m), MESSAGE_OK);
}

/* Two workers, of which the second may be stopped in its tracks. */
static struct worker workers[2];
static struct worker *list[] = { &workers[0], &workers[1] };
static sem_t stuck, gate;

static void block(struct letter *l)
{
	(void)l;
	sem_post(&stuck);
	while (sem_wait(&gate) != 0)
		;
}

static void start_workers(void)
{
	struct weir_error error = { "" };

	for (uint32_t i = 0; i < 2; i++) {
		assert_true(worker_init(&workers[i], i, NULL, &error));
		assert_true(worker_start(&workers[i], &error));
	}
}

static void stop_workers(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		loop_stop(&workers[i].loop);
		worker_join(&workers[i]);
		worker_fini(&workers[i]);
	}
}

/* One that sleeps in the poller has nothing to do. Later beats may show a pause of the machine. */
static void of_idle_workers_the_first_beat_says_that_they_are_well(void **state)
{
	struct weir_error error = { "" };
	struct message m;

	(void)state;
	start_workers();
	while (!atomic_load(&workers[0].loop.asleep) || !atomic_load(&workers[1].loop.asleep))
		(void)usleep(100);
	assert_true(beat_start(&beat, &control, &loop, list, 2, &error));

	m = next_beat();

	assert_int_equal(m.beat.workers, 2);
	assert_int_equal(m.beat.stuck_ms[0], 0);
	assert_int_equal(m.beat.stuck_ms[1], 0);
	stop_workers();
}

static void one_that_does_not_turn_is_told_of_until_it_turns_again(void **state)
{
	struct letter letter = { .open = block };
	struct weir_error error = { "" };
	struct message m;
	uint32_t first;

	(void)state;
	sem_init(&stuck, 0, 0);
	sem_init(&gate, 0, 0);
	start_workers();
	loop_post(&workers[1].loop, &letter);
	while (sem_wait(&stuck) != 0)
		;
	assert_true(beat_start(&beat, &control, &loop, list, 2, &error));

	do
		m = next_beat();
	while (m.beat.stuck_ms[1] == 0);
	first = m.beat.stuck_ms[1];
	assert_int_equal(beat_stuck_ms(&beat, 1), first);
	assert_int_equal(beat_stuck_ms(&beat, 2), 0);
	assert_true(next_beat().beat.stuck_ms[1] > first);

	sem_post(&gate);
	while (next_beat().beat.stuck_ms[1] != 0)
		continue;
	assert_int_equal(beat_stuck_ms(&beat, 1), 0);
	stop_workers();
	sem_destroy(&gate);
	sem_destroy(&stuck);
}

/* When control itself stood still for long (a debugger, a paused machine), so did they. */
static void a_pause_of_the_whole_process_counts_for_two_seconds_at_most(void **state)
{
	struct letter letter = { .open = block };
	struct weir_error error = { "" };

	(void)state;
	sem_init(&stuck, 0, 0);
	sem_init(&gate, 0, 0);
	start_workers();
	assert_true(beat_start(&beat, &control, &loop, list, 2, &error));
	(void)next_beat();
	loop_post(&workers[1].loop, &letter);
	while (sem_wait(&stuck) != 0)
		;
	(void)next_beat();		/* it has turned up to here */

	beat.looked -= 3600 * NS_PER_S;
	assert_true(next_beat().beat.stuck_ms[1] <= 4000);

	sem_post(&gate);
	stop_workers();
	sem_destroy(&gate);
	sem_destroy(&stuck);
}

static void the_parent_is_heard_and_its_end_means_drain(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_true(beat_start(&beat, &control, &loop, NULL, 0, &error));

	say(MESSAGE_REOPEN);
	for (uint64_t until = clock_now() + 20 * NS_PER_S; reopens == 0 && clock_now() < until;)
		loop_turn(&loop, 100 * NS_PER_MS);
	assert_int_equal(reopens, 1);

	close(parents_end);
	parents_end = -1;
	for (uint64_t until = clock_now() + 20 * NS_PER_S; drains == 0 && clock_now() < until;)
		loop_turn(&loop, 100 * NS_PER_MS);
	assert_int_equal(drains, 1);
	assert_false(beat.watching);
}

static void more_workers_than_a_beat_can_tell_of_are_refused(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_false(beat_start(&beat, &control, &loop, list, MESSAGE_WORKERS + 1, &error));

	assert_string_equal(error.text, "257 workers are too many; the most is 256");
}

int main(void)
{
#define beaten(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		beaten(of_idle_workers_the_first_beat_says_that_they_are_well),
		beaten(one_that_does_not_turn_is_told_of_until_it_turns_again),
		beaten(a_pause_of_the_whole_process_counts_for_two_seconds_at_most),
		beaten(the_parent_is_heard_and_its_end_means_drain),
		beaten(more_workers_than_a_beat_can_tell_of_are_refused),
	};

	return cmocka_run_group_tests_name("beat", tests, NULL, NULL);
}
