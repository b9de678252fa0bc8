/* test_message.c - only whole, sensible messages arrive, and no descriptor is lost. */
#include "tests/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/weir/message.h"

static int ends[2];

static int begin(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
}

static int end(void **state)
{
	(void)state;
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(d) != NULL)
		count++;
	closedir(d);
	return count;
}

static struct message a_wish(void)
{
	struct message m;

	message_init(&m, MESSAGE_OPEN);
	message_set_text(m.open.name, sizeof(m.open.name), "edge");
	message_set_text(m.open.address, sizeof(m.open.address), "127.0.0.1:80");
	m.open.count = 2;
	return m;
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	struct message m = a_wish(), got;

	(void)state;
	assert_int_equal(message_send(ends[0], &m), MESSAGE_OK);

	assert_int_equal(message_receive(ends[1], &got), MESSAGE_OK);
	assert_int_equal(got.head.type, MESSAGE_OPEN);
	assert_string_equal(got.open.name, "edge");
	assert_string_equal(got.open.address, "127.0.0.1:80");
	assert_int_equal(got.open.count, 2);
	assert_int_equal(message_receive(ends[1], &got), MESSAGE_NONE);
}

static void descriptors_travel_beside_it(void **state)
{
	struct message m, got;
	int files[2];
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(files), 0);
	message_init(&m, MESSAGE_KEEP);
	m.fds[0] = files[0];
	m.fd_count = 1;
	assert_int_equal(message_send(ends[0], &m), MESSAGE_OK);
	close(files[0]);

	assert_int_equal(message_receive(ends[1], &got), MESSAGE_OK);
	assert_int_equal(got.fd_count, 1);
	assert_true(fcntl(got.fds[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(files[1], "x", 1), 1);
	assert_int_equal(read(got.fds[0], &byte, 1), 1);
	message_close_fds(&got);
	close(files[1]);
}

static void the_end_of_the_other_side_is_told(void **state)
{
	struct message m = a_wish(), got;

	(void)state;
	close(ends[1]);
	ends[1] = -1;

	assert_int_equal(message_receive(ends[0], &got), MESSAGE_END);
	assert_int_equal(message_send(ends[0], &m), MESSAGE_END);
}

static void a_side_that_does_not_read_is_not_waited_for(void **state)
{
	struct message m = a_wish();
	enum message_result sent;
	int count = 0;

	(void)state;
	do
		sent = message_send(ends[0], &m);
	while (sent == MESSAGE_OK && ++count < 100000);

	assert_int_equal(sent, MESSAGE_NONE);
	assert_true(count > 0);
}

/* Sends these bytes with a descriptor beside them; nothing may come out or stay open. */
static void refused(const void *bytes, size_t length)
{
	unsigned before = open_descriptors();
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} beside;
	struct iovec iov = { (void *)bytes, length };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &beside,
			    .msg_controllen = sizeof(beside) };
	struct message got;
	int fd = 0;

	memset(&beside, 0, sizeof(beside));
	beside.head = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&beside.head), &fd, sizeof(fd));
	assert_int_equal(sendmsg(ends[0], &h, 0), (ssize_t)length);

	assert_int_equal(message_receive(ends[1], &got), MESSAGE_BAD);
	assert_int_equal(got.fd_count, 0);
	assert_int_equal(open_descriptors(), before);
}

static void nonsense_is_refused_and_leaks_nothing(void **state)
{
	struct message m;
	char large[4096] = { 0 };

	(void)state;
	refused("x", 1);
	refused("junk", 4);
	refused(large, sizeof(large));
	m = a_wish();
	refused(&m, m.head.length - 1);
	refused(&m, m.head.length + 1);
	m.head.type = MESSAGE_TYPES;
	refused(&m, m.head.length);
	m.head.type = 0;
	refused(&m, m.head.length);
	m = a_wish();			/* brings a descriptor where none belongs */
	refused(&m, m.head.length);
}

static bool sensible(const struct message *m)
{
	return message_check(m, m->head.length);
}

static void texts_must_end_and_names_be_plain(void **state)
{
	struct message m = a_wish();

	(void)state;
	assert_true(sensible(&m));
	memset(m.open.address, 'x', sizeof(m.open.address));
	assert_false(sensible(&m));
	m = a_wish();
	memset(m.open.name, 'x', sizeof(m.open.name));
	assert_false(sensible(&m));
	m.open.name[0] = '\0';
	assert_false(sensible(&m));
	message_set_text(m.open.name, sizeof(m.open.name), "two words");
	assert_false(sensible(&m));
	message_set_text(m.open.name, sizeof(m.open.name), "new\nline");
	assert_false(sensible(&m));
}

static void numbers_must_be_within_bounds(void **state)
{
	struct message m = a_wish();

	(void)state;
	m.open.count = 0;
	assert_false(sensible(&m));
	m.open.count = MESSAGE_WORKERS + 1;
	assert_false(sensible(&m));
	message_init(&m, MESSAGE_BEAT);
	m.beat.workers = MESSAGE_WORKERS;
	assert_true(sensible(&m));
	m.beat.workers++;
	assert_false(sensible(&m));
	message_init(&m, MESSAGE_WELCOME);
	m.welcome.birth = 3;
	assert_false(sensible(&m));
	m.welcome.birth = 0;
	m.welcome.kept = 1;		/* but there is none */
	assert_false(sensible(&m));
}

static void more_sockets_than_announced_are_refused(void **state)
{
	struct message m;

	(void)state;
	message_init(&m, MESSAGE_SOCKETS);
	message_set_text(m.sockets.name, sizeof(m.sockets.name), "edge");
	m.sockets.count = 4;
	m.sockets.at = 2;
	m.fd_count = 2;
	assert_true(sensible(&m));
	m.fd_count = 3;
	assert_false(sensible(&m));
	m.sockets.at = 5;
	m.fd_count = 0;
	assert_false(sensible(&m));
}

static void every_type_can_be_sent_as_it_is_made(void **state)
{
	struct message m, got;

	(void)state;
	for (int type = 1; type < MESSAGE_TYPES; type++) {
		if (type == MESSAGE_OPEN || type == MESSAGE_CLOSE || type == MESSAGE_SOCKETS ||
		    type == MESSAGE_KEEP)
			continue;	/* these need to be filled in */
		message_init(&m, (enum message_type)type);
		assert_int_equal(message_send(ends[0], &m), MESSAGE_OK);
		assert_int_equal(message_receive(ends[1], &got), MESSAGE_OK);
		assert_int_equal(got.head.type, type);
	}
}

int main(void)
{
#define between(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		between(a_message_arrives_as_it_was_sent),
		between(descriptors_travel_beside_it),
		between(the_end_of_the_other_side_is_told),
		between(a_side_that_does_not_read_is_not_waited_for),
		between(nonsense_is_refused_and_leaks_nothing),
		between(texts_must_end_and_names_be_plain),
		between(numbers_must_be_within_bounds),
		between(more_sockets_than_announced_are_refused),
		between(every_type_can_be_sent_as_it_is_made),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
