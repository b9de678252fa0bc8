/* test_socket.c - listening, dialling, and giving an address up without hurting those on their way. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/net/socket.h"

static struct address at(const char *text)
{
	struct address a;

	assert_true(address_parse(&a, str_from(text), NULL));
	return a;
}

static int listen_on(struct address *a, const struct listen_options *options)
{
	struct weir_error error = { "" };
	int fd = socket_listen(a, options, &error);

	if (fd < 0)
		fail_msg("%s", error.text);
	assert_true(socket_local(fd, a));
	return fd;
}

static int number_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static int dial(const struct address *a)
{
	struct pollfd p = { .events = POLLOUT };
	int number = socket_dial(a, NULL, &p.fd);

	if (number == EINPROGRESS) {
		assert_int_equal(poll(&p, 1, 10000), 1);
		number = socket_error(p.fd);
	}
	assert_int_equal(number, 0);
	return p.fd;
}

static void a_listening_socket_is_ready_for_a_loop(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	struct address a = at("127.0.0.1:0");
	int fd = listen_on(&a, &options);

	(void)state;
	assert_true(a.port != 0);
	assert_true(socket_listens(fd));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_false(socket_listens(0));
}

static void what_is_accepted_inherits_nodelay_and_keepalive(void **state)
{
	const struct listen_options options = { .keepalive = { 71, 13, 3 } };
	struct address a = at("127.0.0.1:0");
	int fd = listen_on(&a, &options), client = dial(&a), got = accept(fd, NULL, NULL);

	(void)state;
	assert_true(got >= 0);
	assert_int_equal(number_of(got, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(number_of(got, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(number_of(got, IPPROTO_TCP, TCP_KEEPIDLE), 71);
	assert_int_equal(number_of(got, IPPROTO_TCP, TCP_KEEPCNT), 3);
	assert_int_equal(number_of(client, IPPROTO_TCP, TCP_NODELAY), 1);
	close(got);
	close(client);
	close(fd);
}

static bool shares_its_port(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, &len) == 0 && on != 0;
}

static void ours_join_on_one_address(void **state)
{
	struct listen_options options = { .reuse_port = true };
	struct address a = at("127.0.0.1:0");
	int first = listen_on(&a, &options), second;

	(void)state;
	options.joins = true;
	second = listen_on(&a, &options);

	assert_true(shares_its_port(first));
	assert_true(shares_its_port(second));
	close(first);
	close(second);
}

static void a_stranger_does_not_join(void **state)
{
	const struct listen_options options = { .reuse_port = true };
	struct weir_error error = { "" };
	struct address a = at("127.0.0.1:0");
	int first = listen_on(&a, &options);

	(void)state;
	assert_int_equal(socket_listen(&a, &options, &error), -1);
	assert_non_null(strstr(error.text, a.text));
	assert_non_null(strstr(error.text, "another program listens there"));
	close(first);
}

static void all_of_ip6_takes_ip4_clients(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	struct address a = at("[::]:0"), four = at("127.0.0.1:0");
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	int fd = socket_listen(&a, &options, NULL), client, got;

	(void)state;
	if (fd < 0)
		skip();		/* no IPv6 here */
	assert_true(socket_local(fd, &a));
	address_set_port(&four, a.port);
	client = dial(&four);
	got = accept(fd, (struct sockaddr *)&sa, &len);

	assert_int_equal(peer_from_sockaddr((struct sockaddr *)&sa, len).family, AF_INET);
	close(got);
	close(client);
	close(fd);
}

static void a_name_cannot_be_listened_on_or_dialled(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	struct weir_error error = { "" };
	struct address a = at("localhost:80");
	int fd;

	(void)state;
	assert_int_equal(socket_listen(&a, &options, &error), -1);
	assert_non_null(strstr(error.text, "write an IP address"));
	assert_int_equal(socket_dial(&a, NULL, &fd), EDESTADDRREQ);
	assert_int_equal(fd, -1);
}

static void a_refused_dial_says_so_and_leaks_nothing(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	struct address a = at("127.0.0.1:0"), none = at("unix:/nonexistent/x");
	struct pollfd p = { .events = POLLOUT };
	int number;

	(void)state;
	close(listen_on(&a, &options));

	number = socket_dial(&a, NULL, &p.fd);
	if (number == EINPROGRESS) {
		assert_int_equal(poll(&p, 1, 10000), 1);
		number = socket_error(p.fd);
		close(p.fd);
	}
	assert_int_equal(number, ECONNREFUSED);
	assert_int_equal(socket_dial(&none, NULL, &p.fd), ENOENT);
	assert_int_equal(p.fd, -1);
}

static struct address unix_path(char *folder, const char *name)
{
	char text[128];

	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "unix:%s/%s", folder, name);
	return at(text);
}

static void a_stale_unix_socket_is_replaced(void **state)
{
	const struct listen_options options = { .mode = 0640 };
	char folder[] = "/tmp/weir-socket-XXXXXX";
	struct address a = unix_path(folder, "s");
	struct stat about;
	int fd;

	(void)state;
	close(listen_on(&a, &options));		/* leaves its file, as a crash would */

	fd = listen_on(&a, &options);

	close(dial(&a));
	assert_int_equal(stat(a.un.sun_path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0640);
	close(fd);
	unlink(a.un.sun_path);
	rmdir(folder);
}

static void a_unix_socket_in_use_is_left_alone(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	char folder[] = "/tmp/weir-socket-XXXXXX";
	struct address a = unix_path(folder, "s");
	int fd = listen_on(&a, &options);

	(void)state;
	assert_int_equal(socket_listen(&a, &options, NULL), -1);

	close(dial(&a));
	close(fd);
	unlink(a.un.sun_path);
	rmdir(folder);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	char folder[] = "/tmp/weir-socket-XXXXXX";
	struct address a = unix_path(folder, "precious");
	struct weir_error error = { "" };
	int file = open(a.un.sun_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(write(file, "x", 1), 1);
	close(file);

	assert_int_equal(socket_listen(&a, &options, &error), -1);

	assert_non_null(strstr(error.text, "is no socket; remove it"));
	assert_int_equal(access(a.un.sun_path, F_OK), 0);
	unlink(a.un.sun_path);
	rmdir(folder);
}

static void a_path_that_cannot_be_used_says_what_to_do(void **state)
{
	const struct listen_options options = { .backlog = 8 };
	struct weir_error error = { "" };
	struct address a = at("unix:/nonexistent/weir");

	(void)state;
	assert_int_equal(socket_listen(&a, &options, &error), -1);
	assert_string_equal(error.text, "cannot listen on unix:/nonexistent/weir: its folder is "
			    "not there; make it first");
}

/* Closing a listening socket resets whoever waits in its queue. Refusing newcomers first and
 * accepting the queue resets nobody. */
static void giving_up_serves_the_queue_and_lets_nobody_in(void **state)
{
	const struct listen_options options = { .reuse_port = true };
	struct address a = at("127.0.0.1:0");
	int fd = listen_on(&a, &options), early = dial(&a), late, got, number;
	struct pollfd p = { .events = POLLOUT };
	char byte = 0;

	(void)state;
	assert_true(socket_refuse_new(fd, &a));
	number = socket_dial(&a, NULL, &late);
	assert_int_equal(number, EINPROGRESS);

	got = accept(fd, NULL, NULL);
	assert_true(got >= 0);
	assert_int_equal(accept(fd, NULL, NULL), -1);
	close(fd);

	/* The early one works in both directions, also with the filter it inherited. */
	assert_int_equal(send(got, "a", 1, 0), 1);
	p = (struct pollfd){ .fd = early, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(recv(early, &byte, 1, 0), 1);
	assert_int_equal(send(early, "b", 1, 0), 1);
	p.fd = got;
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(recv(got, &byte, 1, 0), 1);

	/* The late one was never let in: it is refused when its SYN is sent again. */
	p = (struct pollfd){ .fd = late, .events = POLLOUT };
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(socket_error(late), ECONNREFUSED);
	close(late);
	close(early);
	close(got);
}

static void giving_up_can_be_taken_back(void **state)
{
	const struct listen_options options = { .reuse_port = true };
	struct address a = at("127.0.0.1:0");
	int fd = listen_on(&a, &options);

	(void)state;
	assert_true(socket_refuse_new(fd, &a));
	socket_welcome_new(fd);

	close(dial(&a));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listening_socket_is_ready_for_a_loop),
		cmocka_unit_test(what_is_accepted_inherits_nodelay_and_keepalive),
		cmocka_unit_test(ours_join_on_one_address),
		cmocka_unit_test(a_stranger_does_not_join),
		cmocka_unit_test(all_of_ip6_takes_ip4_clients),
		cmocka_unit_test(a_name_cannot_be_listened_on_or_dialled),
		cmocka_unit_test(a_refused_dial_says_so_and_leaks_nothing),
		cmocka_unit_test(a_stale_unix_socket_is_replaced),
		cmocka_unit_test(a_unix_socket_in_use_is_left_alone),
		cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
		cmocka_unit_test(a_path_that_cannot_be_used_says_what_to_do),
		cmocka_unit_test(giving_up_serves_the_queue_and_lets_nobody_in),
		cmocka_unit_test(giving_up_can_be_taken_back),
	};

	return cmocka_run_group_tests_name("socket", tests, NULL, NULL);
}
