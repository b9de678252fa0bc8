/* test_sink.c - lines on their way out. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/sink.h"

static char dir[64];
static char path[96];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/weir-sink-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/log", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char other[112];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s.1", path);
	(void)unlink(other);
	(void)unlink(path);
	return rmdir(dir);
}

static bool say(struct pen *p, const char *line)
{
	char *at = pen_begin(p, strlen(line));

	if (at == NULL)
		return false;
	memcpy(at, line, strlen(line));
	pen_end(p, strlen(line));
	return true;
}

static struct weir_str content(const char *of)
{
	static char text[1 << 20];
	FILE *f = fopen(of, "r");
	size_t n;

	if (f == NULL)
		return STR_ABSENT;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return str_of(text, n);
}

static struct sink *open_counted(const char *target, _Atomic(uint64_t) *lost)
{
	struct weir_error error = { "" };
	struct sink *s = sink_open(target, lost, &error);

	if (s == NULL)
		fail_msg("%s", error.text);
	return s;
}

static _Atomic(uint64_t) lost_here;

static struct sink *open_sink(const char *target)
{
	lost_here = 0;
	return open_counted(target, &lost_here);
}

static void flush(void)
{
	assert_true(sinks_flush(10 * NS_PER_S));
}

static void lines_arrive_in_the_file(void **state)
{
	struct sink *s = open_sink(path);
	struct pen *p = pen_open(s, 4096);

	(void)state;
	say(p, "one\n");
	say(p, "two\n");
	flush();

	assert_str(content(path), "one\ntwo\n");
	assert_int_equal(lost_here, 0);
	pen_close(p);
	sink_close(s);
}

static void closing_writes_what_is_left(void **state)
{
	struct sink *s = open_sink(path);
	struct pen *p = pen_open(s, 1 << 16);

	(void)state;
	for (int i = 0; i < 500; i++)
		say(p, "line\n");
	pen_close(p);
	sink_close(s);

	assert_int_equal(content(path).len, 2500);
}

static void a_file_is_appended_to_and_not_for_everybody(void **state)
{
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sink *s = open_sink(path);
		struct pen *p = pen_open(s, 4096);

		say(p, i == 0 ? "a\n" : "b\n");
		pen_close(p);
		sink_close(s);
	}
	assert_str(content(path), "a\nb\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07, 0);
}

static void a_rotated_file_is_left_for_a_new_one(void **state)
{
	struct sink *s = open_sink(path);
	struct pen *p = pen_open(s, 4096);
	char other[112];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s.1", path);
	say(p, "old\n");
	flush();
	assert_int_equal(rename(path, other), 0);
	say(p, "still old\n");
	flush();
	sinks_reopen();
	flush();
	say(p, "new\n");
	flush();

	assert_str(content(other), "old\nstill old\n");
	assert_str(content(path), "new\n");
	pen_close(p);
	sink_close(s);
}

static void a_target_that_cannot_be_opened_is_named(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_null(sink_open("/nonexistent/dir/log", &lost_here, &error));
	assert_non_null(strstr(error.text, "/nonexistent/dir/log"));
	error.text[0] = '\0';
	assert_null(sink_open("unix:/nonexistent/socket", &lost_here, &error));
	assert_non_null(strstr(error.text, "/nonexistent/socket"));
}

static void a_fifo_nobody_reads_does_not_hold_us_up(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(sink_open(path, &lost_here, &error));
	assert_true(error.text[0] != '\0');
}

/* The reader of a pipe stalls; another sink does not notice. */
static void a_stalled_output_loses_its_own_lines_only(void **state)
{
	static _Atomic(uint64_t) lost_slow;
	struct sink *slow, *quick;
	struct pen *ps, *pq;
	const struct timespec pause = { .tv_nsec = 20000000 };
	char fifo[112], line[1001];
	int reader;

	(void)state;
	(void)snprintf(fifo, sizeof(fifo), "%s.1", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK);
	slow = open_counted(fifo, &lost_slow);
	quick = open_sink(path);
	ps = pen_open(slow, 1 << 16);
	pq = pen_open(quick, 1 << 16);
	memset(line, 'x', 1000);
	line[999] = '\n';
	line[1000] = '\0';

	for (int i = 0; i < 2000; i++)
		(void)say(ps, line);
	assert_false(sinks_flush(NS_PER_S / 20));
	say(pq, "quick\n");
	for (int i = 0; i < 1000 && content(path).len < 6; i++)
		nanosleep(&pause, NULL);

	assert_str(content(path), "quick\n");
	assert_true(lost_slow > 100);
	assert_int_equal(lost_here, 0);
	pen_close(ps);
	pen_close(pq);
	close(reader);	/* what waits for it is lost, and nobody waits for that */
	sink_close(slow);
	sink_close(quick);
}

static void lines_go_as_datagrams_and_the_listener_may_come_back(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char target[112], got[64];
	struct sink *s;
	struct pen *p;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)state;
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)snprintf(target, sizeof(target), "unix:%s", path);
	s = open_sink(target);
	p = pen_open(s, 4096);

	say(p, "one\n");
	say(p, "two\n");
	flush();
	assert_int_equal(recv(fd, got, sizeof(got), 0), 4);
	assert_memory_equal(got, "one\n", 4);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 4);

	close(fd);
	unlink(path);
	say(p, "lost\n");
	flush();
	assert_int_equal(lost_here, 1);

	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	sinks_reopen();
	flush();
	say(p, "again\n");
	flush();
	assert_int_equal(recv(fd, got, sizeof(got), MSG_DONTWAIT), 6);
	close(fd);
	pen_close(p);
	sink_close(s);
}

static void a_pen_may_outlive_its_sink(void **state)
{
	struct sink *s = open_sink(path);
	struct pen *p = pen_open(s, 1024);

	(void)state;
	say(p, "before\n");
	sink_close(s);

	for (int i = 0; i < 1000; i++)
		(void)say(p, "after\n");
	pen_close(p);
	assert_str(content(path), "before\n");
}

static void an_idle_log_thread_is_woken_by_one_line(void **state)
{
	struct sink *s = open_sink(path);
	struct pen *p = pen_open(s, 4096);
	const struct timespec pause = { .tv_nsec = 120000000 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		nanosleep(&pause, NULL);	/* it dozes off */
		say(p, "x\n");
	}
	for (int i = 0; i < 500 && content(path).len < 6; i++)
		nanosleep(&pause, NULL);

	assert_str(content(path), "x\nx\nx\n");
	pen_close(p);
	sink_close(s);
}

enum { WRITERS = 4, EACH = 20000 };

static void *write_many(void *arg)
{
	struct pen *p = pen_open(arg, 1 << 16);
	uintptr_t lost = 0;

	for (int i = 0; i < EACH; i++)
		lost += !say(p, "a line of a usual length, say fifty bytes or so.\n");
	pen_close(p);
	return (void *)lost;
}

static void many_writers_lose_nothing_but_what_is_counted(void **state)
{
	struct sink *s = open_sink(path);
	pthread_t threads[WRITERS];
	uint64_t lost = 0;
	struct stat st;

	(void)state;
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&threads[i], NULL, write_many, s);
	for (int i = 0; i < WRITERS; i++) {
		void *one;

		pthread_join(threads[i], &one);
		lost += (uintptr_t)one;
	}
	flush();

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal((uint64_t)st.st_size / 49 + lost, WRITERS * EACH);
	assert_int_equal(st.st_size % 49, 0);
	assert_int_equal(lost_here, lost);
	sink_close(s);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(lines_arrive_in_the_file),
		WITH_DIR(closing_writes_what_is_left),
		WITH_DIR(a_file_is_appended_to_and_not_for_everybody),
		WITH_DIR(a_rotated_file_is_left_for_a_new_one),
		WITH_DIR(a_target_that_cannot_be_opened_is_named),
		WITH_DIR(a_fifo_nobody_reads_does_not_hold_us_up),
		WITH_DIR(a_stalled_output_loses_its_own_lines_only),
		WITH_DIR(lines_go_as_datagrams_and_the_listener_may_come_back),
		WITH_DIR(a_pen_may_outlive_its_sink),
		WITH_DIR(an_idle_log_thread_is_woken_by_one_line),
		WITH_DIR(many_writers_lose_nothing_but_what_is_counted),
	};

	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
