/* test_cell.c - values that control replaces while workers read them. */
#include "core/plugin/cell.h"
#include "tests/plugin/crewed.h"

static struct crewed crewed;
static struct cells cells;
static struct weir_cell *cell;
static _Atomic int freed[8];

/* An exchange, as far as cells go. */
struct reader {
	struct hold_list holds;
	struct arena arena;
	int *value;
};

static int values[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };

static void note_freed(void *value)
{
	freed[*(int *)value]++;
}

static void make(void *arg)
{
	(void)arg;
	cell = cell_new(&cells, note_freed);
}

static void publish(void *arg)
{
	(void)cell_publish(cell, arg);
}

static void end(void *arg)
{
	(void)arg;
	cell_free(cell);
}

static void reader_reads(void *arg)
{
	struct reader *r = arg;

	r->value = cell_read(cell, &r->holds, &r->arena);
}

static void reader_ends(void *arg)
{
	struct reader *r = arg;

	holds_drop(&r->holds);
	arena_reset(&r->arena);
}

static void begin(struct reader *r)
{
	*r = (struct reader){ .value = NULL };
	arena_init(&r->arena, NULL, 1 << 16);
}

static int start(void **state)
{
	(void)state;
	memset(freed, 0, sizeof(freed));
	crewed_begin(&crewed);
	cells_init(&cells, &crewed.crew);
	crewed_do(&crewed.control, make, NULL);
	return cell == NULL;
}

static int stop(void **state)
{
	(void)state;
	crewed_end(&crewed);
	cells_fini(&cells);
	return 0;
}

static void an_empty_cell_reads_as_nothing(void **state)
{
	struct reader r;

	(void)state;
	begin(&r);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	assert_null(r.value);
	assert_null(r.holds.first);
	crewed_do(&crewed.workers[0], reader_ends, &r);
}

static void a_replaced_value_is_freed_when_nobody_reads_it(void **state)
{
	(void)state;
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_do(&crewed.control, publish, &values[2]);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 1);
	assert_int_equal(freed[2], 0);
}

static void a_value_stays_until_its_exchange_ends(void **state)
{
	struct reader r;

	(void)state;
	begin(&r);
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	assert_ptr_equal(r.value, &values[1]);
	crewed_do(&crewed.control, publish, &values[2]);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 0);

	crewed_do(&crewed.workers[0], reader_ends, &r);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 1);
}

/* A long exchange keeps alive what it has read, and nothing of what came after. */
static void a_long_exchange_keeps_only_what_it_read(void **state)
{
	struct reader r;

	(void)state;
	begin(&r);
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_do(&crewed.workers[1], reader_reads, &r);
	for (int i = 2; i < 6; i++)
		crewed_do(&crewed.control, publish, &values[i]);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 0);
	assert_int_equal(freed[2] + freed[3] + freed[4], 3);
	assert_int_equal(freed[5], 0);
	crewed_do(&crewed.workers[1], reader_ends, &r);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 1);
}

static void the_same_value_is_pinned_once_and_a_newer_one_too(void **state)
{
	struct reader r;

	(void)state;
	begin(&r);
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	assert_non_null(r.holds.first);
	assert_null(r.holds.first->next);

	crewed_do(&crewed.control, publish, &values[2]);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	assert_ptr_equal(r.value, &values[2]);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 0);
	crewed_do(&crewed.workers[0], reader_ends, &r);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 1);
	assert_int_equal(freed[2], 0);
}

static void a_cell_that_ends_frees_its_value(void **state)
{
	struct reader r;

	(void)state;
	begin(&r);
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_do(&crewed.workers[0], reader_reads, &r);
	crewed_do(&crewed.control, end, NULL);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 0);
	assert_false(cells_idle(&cells));
	crewed_do(&crewed.workers[0], reader_ends, &r);
	crewed_settle(&crewed);
	assert_int_equal(freed[1], 1);
	assert_true(cells_idle(&cells));
}

/* At the end of the program nobody answers any more. */
static void what_is_left_is_freed_at_the_end(void **state)
{
	(void)state;
	crewed_do(&crewed.control, publish, &values[1]);
	crewed_end(&crewed);
	cells_fini(&cells);
	assert_int_equal(freed[1], 1);
	assert_true(cells_idle(&cells));
}

static int start_only(void **state)
{
	return start(state);
}

static _Atomic bool reading_over;

static void read_often(void *arg)
{
	uint64_t *wrong = arg;

	while (!reading_over) {
		struct reader r;

		begin(&r);
		reader_reads(&r);
		if (r.value != NULL && (*r.value < 1 || *r.value > 7 || freed[*r.value] > 0))
			(*wrong)++;
		(void)wait_sleep(0);
		if (r.value != NULL && freed[*r.value] > 0)
			(*wrong)++;
		reader_ends(&r);
	}
}

static void publish_each_once(void *arg)
{
	(void)arg;
	for (int i = 1; i < 8; i++) {
		(void)cell_publish(cell, &values[i]);
		(void)wait_sleep(3 * NS_PER_MS);
	}
	reading_over = true;
}

static void *reading_thread(void *arg)
{
	crewed_do(&crewed.workers[0], read_often, arg);
	return NULL;
}

/* A value is never freed under a reader: this is for the sanitizers as well. */
static void readers_and_publishers_do_not_disturb_each_other(void **state)
{
	uint64_t wrong = 0;
	pthread_t thread;

	(void)state;
	reading_over = false;
	assert_int_equal(pthread_create(&thread, NULL, reading_thread, &wrong), 0);
	crewed_do(&crewed.control, publish_each_once, NULL);
	pthread_join(thread, NULL);
	crewed_settle(&crewed);
	assert_int_equal(wrong, 0);
	for (int i = 1; i < 7; i++)
		assert_int_equal(freed[i], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_cell_reads_as_nothing, start, stop),
		cmocka_unit_test_setup_teardown(a_replaced_value_is_freed_when_nobody_reads_it,
						start, stop),
		cmocka_unit_test_setup_teardown(a_value_stays_until_its_exchange_ends, start, stop),
		cmocka_unit_test_setup_teardown(a_long_exchange_keeps_only_what_it_read, start,
						stop),
		cmocka_unit_test_setup_teardown(
			the_same_value_is_pinned_once_and_a_newer_one_too, start, stop),
		cmocka_unit_test_setup_teardown(a_cell_that_ends_frees_its_value, start, stop),
		cmocka_unit_test_setup(what_is_left_is_freed_at_the_end, start_only),
		cmocka_unit_test_setup_teardown(readers_and_publishers_do_not_disturb_each_other,
						start, stop),
	};

	return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
