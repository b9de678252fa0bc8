/* test_log.c - lines for the operator. Stderr is a file while a test runs. */
#include "tests/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/log.h"

static char path[64];
static int real_stderr;

static int catch_stderr(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/weir-log-XXXXXX");
	fd = mkostemp(path, O_APPEND);
	real_stderr = dup(STDERR_FILENO);
	log_set_level(LOG_LEVEL_INFO);
	log_set_format(LOG_FORMAT_TEXT);
	return fd < 0 || dup2(fd, STDERR_FILENO) < 0 || close(fd) < 0;
}

static int free_stderr(void **state)
{
	(void)state;
	log_close();
	return dup2(real_stderr, STDERR_FILENO) < 0 || close(real_stderr) < 0 || unlink(path) < 0;
}

static struct weir_str said(void)
{
	static char text[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text));

	close(fd);
	return str_of(text, n > 0 ? (size_t)n : 0);
}

static void opened(void)
{
	struct weir_error error = { "" };

	assert_true(log_open(&error));
}

static void flush(void)
{
	assert_true(log_flush(10 * NS_PER_S));
}

static void a_line_has_time_level_thread_and_message(void **state)
{
	struct weir_str line;

	(void)state;
	opened();
	log_name_thread("w0");
	log_warn("endpoint %s was ejected", "10.0.0.7:9000");
	flush();

	line = said();
	assert_int_equal(line.data[CLOCK_UTC_LEN - 1], 'Z');
	assert_str(str_skip(line, CLOCK_UTC_LEN),
		   " warn w0 endpoint 10.0.0.7:9000 was ejected\n");
	log_name_thread("");
}

static void json_lines_are_json(void **state)
{
	struct weir_error error = { "" };
	json_t *line;

	(void)state;
	opened();
	log_set_format(LOG_FORMAT_JSON);
	log_name_thread("w3");
	log_error("bad \"name\" in\n%s", "line two \xff");
	flush();

	line = json_read(str_trim(said()), 10000, &error);
	assert_str(json_str(json_object_get(line, "level")), "error");
	assert_str(json_str(json_object_get(line, "thread")), "w3");
	assert_str(json_str(json_object_get(line, "message")),
		   "bad \"name\" in\nline two \xef\xbf\xbd");
	assert_int_equal(json_string_length(json_object_get(line, "time")), CLOCK_UTC_LEN);
	json_decref(line);
	log_name_thread("");
}

static void before_and_after_lines_are_written_directly(void **state)
{
	(void)state;
	log_info("before");
	assert_true(str_ends(said(), STR(" before\n")));
	opened();
	log_info("between");
	log_close();
	log_info("after");
	assert_true(str_find_str(said(), STR("between\n")) < said().len);
	assert_true(str_ends(said(), STR(" after\n")));
}

static void lines_below_the_level_are_not_said(void **state)
{
	(void)state;
	opened();
	log_set_level(LOG_LEVEL_WARN);
	log_info("quiet");
	log_debug("quieter");
	log_warn("loud");
	flush();
	assert_int_equal(str_find_str(said(), STR("quiet")), said().len);
	assert_true(str_ends(said(), STR(" loud\n")));
}

static void a_stranger_cannot_write_a_line_of_his_own(void **state)
{
	(void)state;
	opened();
	log_warn("host %s", "x\n2026-11-23T14:46:41.123Z error w0 all is lost\x1b[2J");
	flush();
	assert_int_equal(str_find(said(), '\n'), said().len - 1);
	assert_int_equal(str_find(said(), '\x1b'), said().len);
}

static void a_long_message_is_cut(void **state)
{
	static char longer[10000];

	(void)state;
	opened();
	memset(longer, 'x', sizeof(longer) - 1);
	log_info("%s", longer);
	memset(longer, '\x01', sizeof(longer) - 1);
	log_info("%s", longer);
	log_set_format(LOG_FORMAT_JSON);
	log_info("%s", longer);
	flush();

	assert_true(str_find_str(said(), STR("xxx...\n")) < said().len);
	assert_true(said().len > 2000 && said().len < 20000);
	assert_str(str_skip(said(), said().len - 3), "\"}\n");
}

static void *talk(void *arg)
{
	log_name_thread(arg);
	for (int i = 0; i < 100; i++)
		log_info("hello");
	return NULL;
}

static void threads_come_and_go(void **state)
{
	static char names[8][16];
	struct weir_str rest, line;
	pthread_t threads[8];
	int lines = 0, first = 0;

	(void)state;
	opened();
	for (int i = 0; i < 8; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "t%d", i);
		pthread_create(&threads[i], NULL, talk, names[i]);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	flush();

	rest = str_trim(said());
	while (str_next(&rest, '\n', &line) && line.len > 0) {
		lines++;
		first += str_find_str(line, STR(" info t0 hello")) < line.len;
	}
	assert_int_equal(lines + (int)log_dropped(), 800);
	assert_in_range(first, 1, 100);
}

static void it_can_be_opened_again_and_again(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		opened();
		log_info("round %d", i);
		log_close();
	}
	for (int i = 0; i < 20; i++) {
		char want[32];

		(void)snprintf(want, sizeof(want), "round %d\n", i);
		assert_true(str_find_str(said(), str_from(want)) < said().len);
	}
}

static void levels_have_words(void **state)
{
	enum log_level level;

	(void)state;
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		assert_true(log_level_parse(log_level_word((enum log_level)i), &level));
		assert_int_equal(level, i);
	}
	assert_false(log_level_parse("verbose", &level));
	assert_false(log_level_parse("", &level));
}

#define CAUGHT(test) cmocka_unit_test_setup_teardown(test, catch_stderr, free_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAUGHT(a_line_has_time_level_thread_and_message),
		CAUGHT(json_lines_are_json),
		CAUGHT(before_and_after_lines_are_written_directly),
		CAUGHT(lines_below_the_level_are_not_said),
		CAUGHT(a_stranger_cannot_write_a_line_of_his_own),
		CAUGHT(a_long_message_is_cut),
		CAUGHT(threads_come_and_go),
		CAUGHT(it_can_be_opened_again_and_again),
		cmocka_unit_test(levels_have_words),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
