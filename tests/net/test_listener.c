/* test_listener.c - a listener takes who comes, waits when it cannot, and leaves without a reset. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/listener.h"

enum { CLIENTS = 200 };

static struct fixture {
	struct loop loop;
	struct listener listener;
	struct address address;
	int fd;
	int accepted[CLIENTS];
	uint32_t count, limit, most_in_a_turn, in_this_turn;
	uint16_t last_family;
	bool finished, close_on_first;
} f;

static void on_accepted(struct listener *l, int fd, const struct peer *peer)
{
	assert_ptr_equal(l->owner, &f);
	f.accepted[f.count++] = fd;
	f.in_this_turn++;
	f.last_family = peer->family;
	if (f.close_on_first)
		listener_close(l);
}

static bool may_accept(struct listener *l)
{
	(void)l;
	return f.count < f.limit;
}

static void on_finished(struct listener *l)
{
	assert_int_equal(l->state, LISTENER_CLOSED);
	f.finished = true;
}

static const struct listener_calls calls = { may_accept, on_accepted, on_finished };

static void begin_on(const char *address)
{
	const struct listen_options options = { .reuse_port = true };
	struct weir_error error = { "" };

	f = (struct fixture){ .limit = CLIENTS };
	assert_true(loop_init(&f.loop, NULL, &error));
	assert_true(address_parse(&f.address, str_from(address), &error));
	f.fd = socket_listen(&f.address, &options, &error);
	assert_true(f.fd >= 0);
	assert_true(socket_local(f.fd, &f.address));
	f.listener.owner = &f;
	assert_true(listener_open(&f.listener, &f.loop, f.fd, &f.address, false, &calls, &error));
}

static int begin(void **state)
{
	(void)state;
	begin_on("127.0.0.1:0");
	return 0;
}

static int end(void **state)
{
	(void)state;
	listener_close(&f.listener);
	close(f.fd);
	for (uint32_t i = 0; i < f.count; i++)
		close(f.accepted[i]);
	loop_fini(&f.loop);
	return 0;
}

static int dial(void)
{
	struct pollfd p = { .events = POLLOUT };
	int number = socket_dial(&f.address, NULL, &p.fd);

	if (number == EINPROGRESS && poll(&p, 1, 5000) == 1)
		number = socket_error(p.fd);
	assert_int_equal(number, 0);
	return p.fd;
}

static void turn(uint64_t wait_ns)
{
	f.in_this_turn = 0;
	loop_turn(&f.loop, wait_ns);
	if (f.in_this_turn > f.most_in_a_turn)
		f.most_in_a_turn = f.in_this_turn;
}

/* Turns until `count` have been accepted, at most 10 s. */
static void turn_until(uint32_t count)
{
	uint64_t until = clock_now() + 10 * NS_PER_S;

	while (f.count < count && clock_now() < until)
		turn(20 * NS_PER_MS);
	assert_int_equal(f.count, count);
}

static void who_comes_is_handed_on_with_its_address(void **state)
{
	int client = dial();

	(void)state;
	turn_until(1);

	assert_int_equal(f.last_family, AF_INET);
	assert_true(fcntl(f.accepted[0], F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(f.accepted[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(f.listener.accepted, 1);
	close(client);
}

static void a_crowd_is_taken_in_portions(void **state)
{
	int clients[80];

	(void)state;
	for (int i = 0; i < 80; i++)
		clients[i] = dial();

	turn_until(80);

	assert_int_equal(f.most_in_a_turn, 32);
	for (int i = 0; i < 80; i++)
		close(clients[i]);
}

static void a_paused_listener_keeps_them_waiting(void **state)
{
	int client;

	(void)state;
	listener_pause(&f.listener);
	client = dial();
	for (int i = 0; i < 5; i++)
		turn(10 * NS_PER_MS);
	assert_int_equal(f.count, 0);

	listener_resume(&f.listener);
	turn_until(1);

	close(client);
}

static void over_the_limit_they_wait_without_a_spin(void **state)
{
	int clients[3];
	uint64_t turns;

	(void)state;
	f.limit = 2;
	for (int i = 0; i < 3; i++)
		clients[i] = dial();
	turn_until(2);

	turns = f.loop.turns;
	for (uint64_t until = clock_now() + 300 * NS_PER_MS; clock_now() < until;)
		turn(100 * NS_PER_MS);
	assert_int_equal(f.count, 2);
	assert_true(f.loop.turns - turns < 20);

	f.limit = 3;
	listener_resume(&f.listener);
	turn_until(3);
	for (int i = 0; i < 3; i++)
		close(clients[i]);
}

static void over_the_limit_it_asks_again_by_itself(void **state)
{
	int client = dial();

	(void)state;
	f.limit = 0;
	turn(NS_PER_S);
	assert_int_equal(f.listener.state, LISTENER_HELD);

	f.limit = 1;
	turn_until(1);
	close(client);
}

static void out_of_descriptors_it_waits_and_goes_on(void **state)
{
	struct rlimit old, tight;
	int client = dial(), highest = dup(client);
	uint64_t turns;

	(void)state;
	close(highest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)highest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);

	turn(NS_PER_S);
	assert_int_equal(f.listener.state, LISTENER_HELD);
	turns = f.loop.turns;
	for (uint64_t until = clock_now() + 300 * NS_PER_MS; clock_now() < until;)
		turn(100 * NS_PER_MS);
	assert_int_equal(f.count, 0);
	assert_true(f.loop.turns - turns < 20);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	turn_until(1);
	assert_int_equal(f.listener.state, LISTENER_OPEN);
	close(client);
}

static void it_may_be_closed_while_it_hands_one_on(void **state)
{
	int one = dial(), two = dial();

	(void)state;
	f.close_on_first = true;
	turn_until(1);
	for (int i = 0; i < 3; i++)
		turn(10 * NS_PER_MS);

	assert_int_equal(f.count, 1);
	close(one);
	close(two);
}

static void finishing_takes_the_queue_and_then_ends(void **state)
{
	int clients[3], late;

	(void)state;
	for (int i = 0; i < 3; i++)
		clients[i] = dial();
	listener_finish(&f.listener);
	assert_int_equal(socket_dial(&f.address, NULL, &late), EINPROGRESS);

	for (uint64_t until = clock_now() + 10 * NS_PER_S; !f.finished && clock_now() < until;)
		turn(50 * NS_PER_MS);

	assert_true(f.finished);
	assert_int_equal(f.count, 3);
	for (int i = 0; i < 3; i++)
		close(clients[i]);
	close(late);
}

static void finishing_while_held_still_ends(void **state)
{
	int client = dial();

	(void)state;
	f.limit = 0;
	turn(NS_PER_S);
	assert_int_equal(f.listener.state, LISTENER_HELD);

	listener_finish(&f.listener);
	for (uint64_t until = clock_now() + 10 * NS_PER_S; !f.finished && clock_now() < until;)
		turn(50 * NS_PER_MS);

	assert_true(f.finished);
	close(client);
}

static void finishing_a_unix_socket_removes_its_file(void **state)
{
	int client;

	(void)state;
	end(NULL);
	begin_on("unix:/tmp/weir-test-listener.sock");
	client = dial();

	listener_finish(&f.listener);

	assert_int_equal(access(f.address.un.sun_path, F_OK), -1);
	turn_until(1);
	assert_int_equal(f.last_family, AF_UNIX);
	close(client);
}

static void two_loops_share_one_descriptor(void **state)
{
	struct loop other_loop;
	struct listener other = { .owner = &f };
	struct weir_error error = { "" };
	int client;

	(void)state;
	listener_close(&f.listener);
	assert_true(loop_init(&other_loop, NULL, &error));
	assert_true(listener_open(&f.listener, &f.loop, f.fd, &f.address, true, &calls, &error));
	assert_true(listener_open(&other, &other_loop, f.fd, &f.address, true, &calls, &error));

	client = dial();
	loop_turn(&other_loop, NS_PER_S);
	turn(10 * NS_PER_MS);

	assert_int_equal(f.count, 1);
	listener_close(&other);
	loop_fini(&other_loop);
	close(client);
}

int main(void)
{
#define in_a_loop(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		in_a_loop(who_comes_is_handed_on_with_its_address),
		in_a_loop(a_crowd_is_taken_in_portions),
		in_a_loop(a_paused_listener_keeps_them_waiting),
		in_a_loop(over_the_limit_they_wait_without_a_spin),
		in_a_loop(over_the_limit_it_asks_again_by_itself),
		in_a_loop(out_of_descriptors_it_waits_and_goes_on),
		in_a_loop(it_may_be_closed_while_it_hands_one_on),
		in_a_loop(finishing_takes_the_queue_and_then_ends),
		in_a_loop(finishing_while_held_still_ends),
		in_a_loop(finishing_a_unix_socket_removes_its_file),
		in_a_loop(two_loops_share_one_descriptor),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
