/* test_snapshot.c - who reads a world, and that it is told once when nobody does any more. */
#include "core/proxy/snapshot.h"

#include <pthread.h>

#include "tests/test.h"

enum { WORKERS = 3 };

static struct {
	struct loop control;
	struct snapshot snapshot;
	struct snapshot_reader readers[WORKERS];
	unsigned told;
} w;

static void unread(struct snapshot *s)
{
	assert_ptr_equal(s, &w.snapshot);
	w.told++;
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	memset(&w, 0, sizeof(w));
	w.snapshot.readers = w.readers;
	w.snapshot.control = &w.control;
	w.snapshot.unread = unread;
	atomic_init(&w.snapshot.unread_left, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		w.readers[i].snapshot = &w.snapshot;
	return loop_init(&w.control, NULL, &error) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	loop_fini(&w.control);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 3; i++)
		loop_turn(&w.control, 0);
}

static void it_is_told_when_all_have_left(void **state)
{
	(void)state;
	for (int i = 0; i < WORKERS; i++) {
		turn();
		assert_int_equal(w.told, 0);
		snapshot_leave(&w.readers[i]);
	}
	turn();

	assert_int_equal(w.told, 1);
}

static void a_pin_keeps_it_after_its_worker_has_left(void **state)
{
	(void)state;
	assert_ptr_equal(snapshot_pin(&w.readers[0]), &w.readers[0]);
	(void)snapshot_pin(&w.readers[0]);
	for (int i = 0; i < WORKERS; i++)
		snapshot_leave(&w.readers[i]);
	snapshot_unpin(&w.readers[0]);
	turn();
	assert_int_equal(w.told, 0);
	snapshot_unpin(&w.readers[0]);
	turn();

	assert_int_equal(w.told, 1);
}

static void a_world_in_use_may_have_no_pin(void **state)
{
	(void)state;
	(void)snapshot_pin(&w.readers[0]);
	snapshot_unpin(&w.readers[0]);
	turn();

	assert_int_equal(w.told, 0);
}

static void *leaves(void *arg)
{
	struct snapshot_reader *r = arg;

	for (int i = 0; i < 1000; i++)
		snapshot_unpin(snapshot_pin(r));
	snapshot_leave(r);
	return NULL;
}

static void workers_leave_at_the_same_time(void **state)
{
	pthread_t threads[WORKERS];

	(void)state;
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, leaves, &w.readers[i]), 0);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	turn();

	assert_int_equal(w.told, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_told_when_all_have_left),
		TEST(a_pin_keeps_it_after_its_worker_has_left),
		TEST(a_world_in_use_may_have_no_pin),
		TEST(workers_leave_at_the_same_time),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
