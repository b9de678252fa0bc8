/* test_access_log.c - a line for each exchange, from several workers to one file. */
#include "tests/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/telemetry/access_log.h"
#include "tests/alloc.h"
#include "tests/telemetry/example.h"

static char path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/weir-access-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 || close(fd) < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static struct access_log *opened(void)
{
	const struct access_log_settings settings = { .path = path };
	struct weir_error error = { "" };
	struct access_log *log = access_log_open(&settings, &error);

	assert_non_null(log);
	return log;
}

enum { WORKERS = 3, EACH = 500 };

static void *work(void *arg)
{
	struct access_log *log = arg;
	struct pen *pen = access_log_pen(log);
	struct record r;

	example_record(&r);
	for (int i = 0; i < EACH; i++)
		access_log_write(log, pen, &r);
	pen_close(pen);
	return NULL;
}

static unsigned count_lines(void)
{
	char line[ACCESS_LINE];
	FILE *f = fopen(path, "r");
	unsigned n = 0;

	while (fgets(line, sizeof(line), f) != NULL) {
		struct weir_error error = { "" };
		json_t *got = json_read(str_trim(str_from(line)), sizeof(line), &error);

		assert_non_null(got);
		json_decref(got);
		n++;
	}
	fclose(f);
	return n;
}

static void every_line_of_every_worker_arrives_whole(void **state)
{
	struct access_log *log = opened();
	uint64_t lost = access_log_dropped();
	pthread_t threads[WORKERS];

	(void)state;
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, log);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	access_log_close(log);

	assert_int_equal(count_lines() + access_log_dropped() - lost, WORKERS * EACH);
}

static void writing_allocates_nothing(void **state)
{
	struct access_log *log = opened();
	struct pen *pen = access_log_pen(log);
	struct record r;

	(void)state;
	example_record(&r);
	alloc_fail_at(0);
	for (int i = 0; i < 100; i++)
		access_log_write(log, pen, &r);

	assert_int_equal(alloc_count(), 0);
	pen_close(pen);
	access_log_close(log);
	assert_int_equal(count_lines(), 100);
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
	const struct access_log_settings settings = { .path = "/nonexistent/access.log" };
	struct weir_error error = { "" };

	(void)state;
	assert_null(access_log_open(&settings, &error));
	assert_non_null(strstr(error.text, "/nonexistent/access.log"));
}

static void out_of_memory_is_said(void **state)
{
	const struct access_log_settings settings = { .path = path };

	(void)state;
	for (uint64_t n = 1;; n++) {
		struct weir_error error = { "" };
		struct access_log *log;

		alloc_fail_at(n);
		log = access_log_open(&settings, &error);
		alloc_fail_at(0);
		access_log_close(log);
		if (log != NULL)
			break;
		assert_true(error.text[0] != '\0');
	}
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(every_line_of_every_worker_arrives_whole),
		WITH_FILE(writing_allocates_nothing),
		WITH_FILE(a_file_that_cannot_be_opened_is_named),
		WITH_FILE(out_of_memory_is_said),
	};

	return cmocka_run_group_tests_name("access_log", tests, NULL, NULL);
}
