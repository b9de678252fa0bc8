/* test_dial.c - a connection is made, refused, given up, or cancelled, and every way has its reason. */
#include "core/net/dial.h"
#include "tests/net/scene.h"

/* Where to, how long, and what came of it. */
static struct {
	struct loop loop;
	struct address to;
	uint64_t span;
	struct transport t;
	enum reason why;
	struct fiber *fiber;
	bool over;
} d;

static void dials(void *arg)
{
	struct deadline until;

	(void)arg;
	deadline_enter(&until, clock_after(loop_now(&d.loop), d.span), REASON_CONNECT_TIMEOUT);
	d.why = dial(&d.t, &d.loop, &d.to, NULL);
	deadline_leave(&until);
	d.over = true;
}

static void begins(uint64_t span)
{
	d.span = span;
	d.over = false;
	d.fiber = fiber_start(&d.loop, dials, NULL);
	loop_turn(&d.loop, 0);
}

static void ends(void)
{
	for (int i = 0; i < 10000 && !d.over; i++)
		loop_turn(&d.loop, 10 * NS_PER_MS);
	assert_true(d.over);
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	memset(&d, 0, sizeof(d));
	return loop_init(&d.loop, NULL, &error) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	transport_close(&d.t);
	loop_fini(&d.loop);
	return 0;
}

/* A listening socket; its address is where we dial. */
static int listens(int backlog)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	assert_true(address_from_sockaddr(&d.to, (struct sockaddr *)&at, len));
	return fd;
}

static void who_listens_is_reached(void **state)
{
	int fd = listens(8);
	char byte;
	int accepted;
	size_t put;

	(void)state;
	begins(LONG_TIME);
	ends();
	assert_int_equal(d.why, REASON_NONE);
	accepted = accept(fd, NULL, NULL);
	assert_int_equal(transport_write_now(&d.t, &(struct iovec){ (char *)(uintptr_t)"x", 1 }, 1,
					     &put), IO_OK);

	assert_int_equal(recv(accepted, &byte, 1, 0), 1);
	close(accepted);
	close(fd);
}

static void nobody_listens_is_a_refusal(void **state)
{
	(void)state;
	close(listens(1));
	begins(LONG_TIME);
	ends();

	assert_int_equal(d.why, REASON_CONNECT_REFUSED);
	assert_false(d.t.is_open);
}

static void a_path_that_is_not_there_is_a_refusal(void **state)
{
	(void)state;
	assert_true(address_parse(&d.to, STR("unix:/nonexistent/socket"), NULL));
	begins(LONG_TIME);
	ends();

	assert_int_equal(d.why, REASON_CONNECT_REFUSED);
	assert_false(d.t.is_open);
}

/* With a full queue the kernel answers no further SYN. */
static int nobody_answers(int fillers[], int count)
{
	int fd = listens(0);

	for (int i = 0; i < count; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fillers[i], &d.to.any, d.to.len);
	}
	usleep(20000);
	return fd;
}

enum { FILLERS = 8 };

static void close_all(int fd, const int fillers[])
{
	close(fd);
	for (int i = 0; i < FILLERS; i++)
		close(fillers[i]);
}

static void who_does_not_answer_is_given_up_in_time(void **state)
{
	int fillers[FILLERS], fd = nobody_answers(fillers, FILLERS);

	(void)state;
	begins(SHORT_TIME);
	ends();

	assert_int_equal(d.why, REASON_CONNECT_TIMEOUT);
	assert_false(d.t.is_open);
	close_all(fd, fillers);
}

static void a_cancelled_dial_ends(void **state)
{
	int fillers[FILLERS], fd = nobody_answers(fillers, FILLERS);

	(void)state;
	begins(LONG_TIME);
	assert_false(d.over);
	fiber_cancel(d.fiber);
	ends();

	assert_int_equal(d.why, REASON_CLIENT_GONE);
	assert_false(d.t.is_open);
	close_all(fd, fillers);
}

static void a_stray_wake_up_is_no_connection(void **state)
{
	int fillers[FILLERS], fd = nobody_answers(fillers, FILLERS);

	(void)state;
	begins(LONG_TIME);
	fiber_wake(d.fiber);
	loop_turn(&d.loop, 0);
	loop_turn(&d.loop, 0);
	assert_false(d.over);
	fiber_cancel(d.fiber);
	ends();
	close_all(fd, fillers);
}

static void no_descriptor_is_our_own_trouble(void **state)
{
	int fd = listens(8), taken[1024], count = 0;

	(void)state;
	while (count < 1024 && (taken[count] = dup(fd)) >= 0)
		count++;
	if (count == 1024) {		/* there are more than we can use up */
		while (count > 0)
			close(taken[--count]);
		close(fd);
		skip();
	}
	begins(LONG_TIME);
	ends();

	while (count > 0)
		close(taken[--count]);
	assert_int_equal(d.why, REASON_OVERLOADED);
	assert_false(d.t.is_open);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_listens_is_reached, begin, end),
		cmocka_unit_test_setup_teardown(nobody_listens_is_a_refusal, begin, end),
		cmocka_unit_test_setup_teardown(a_path_that_is_not_there_is_a_refusal, begin, end),
		cmocka_unit_test_setup_teardown(who_does_not_answer_is_given_up_in_time, begin, end),
		cmocka_unit_test_setup_teardown(a_cancelled_dial_ends, begin, end),
		cmocka_unit_test_setup_teardown(a_stray_wake_up_is_no_connection, begin, end),
		cmocka_unit_test_setup_teardown(no_descriptor_is_our_own_trouble, begin, end),
	};
	struct rlimit few = { 256, 256 };

	(void)setrlimit(RLIMIT_NOFILE, &few);
	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
