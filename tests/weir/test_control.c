/* test_control.c - the child's end: with no parent it helps itself. */
#include "tests/test.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/net/socket.h"
#include "core/weir/control.h"

static struct control control;
static unsigned reloads, drains, reopens, yields;

static void on_reload(void *owner)
{
	assert_ptr_equal(owner, &control);
	reloads++;
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

static void on_yield(void *owner)
{
	(void)owner;
	assert_int_equal(drains, 0);	/* who is replaced yields first */
	yields++;
}

static const struct control_calls calls = {
	.reload = on_reload, .drain = on_drain, .reopen = on_reopen, .yield = on_yield,
};

static int begin_alone(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	reloads = drains = reopens = yields = 0;
	if (!control_open_alone(&control, &error))
		return -1;
	control_set_calls(&control, &calls, &control);
	return 0;
}

static int end(void **state)
{
	(void)state;
	control_close(&control);
	return 0;
}

static void alone_it_opens_sockets_itself(void **state)
{
	struct message_open wish = { .name = "edge", .address = "127.0.0.1:0", .count = 2 };
	struct weir_error error = { "" };
	struct listening *l = control_listen(&control, &wish, &error);

	(void)state;
	assert_non_null(l);
	assert_int_equal(l->count, 2);
	assert_true(socket_listens(l->fds[0]));
	assert_true(l->bound.port != 0);

	control_give_up(&control, l);
	assert_int_equal(control.own.count, 0);
	listening_free(l);
}

static void alone_it_says_why_it_cannot(void **state)
{
	struct message_open wish = { .name = "edge", .address = "nonsense", .count = 1 };
	struct weir_error error = { "" };

	(void)state;
	assert_null(control_listen(&control, &wish, &error));
	assert_non_null(strstr(error.text, "has no port"));
}

static void alone_it_hears_the_signals(void **state)
{
	(void)state;
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);

	assert_true(control_read(&control));

	assert_int_equal(reloads, 1);
	assert_int_equal(reopens, 1);
	assert_int_equal(drains, 1);
}

/* With a parent that this test plays. */

static int parents_end;

static void begin_with_parent(void)
{
	struct weir_error error = { "" };
	struct message m;
	char text[16];
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	parents_end = ends[0];
	message_init(&m, MESSAGE_WELCOME);
	m.welcome.birth = BIRTH_RESTART;
	assert_int_equal(message_send(parents_end, &m), MESSAGE_OK);
	snprintf(text, sizeof(text), "%d", ends[1]);
	assert_int_equal(setenv("WEIR_CONTROL", text, 1), 0);
	assert_true(control_inherited());
	if (!control_open(&control, &error))
		fail_msg("%s", error.text);
	assert_false(control_inherited());
	reloads = drains = reopens = yields = 0;
	control_set_calls(&control, &calls, &control);
}

static struct message heard(enum message_type type)
{
	struct message m;

	do
		assert_int_equal(message_receive(parents_end, &m), MESSAGE_OK);
	while (m.head.type != type);
	return m;
}

static void say(enum message_type type)
{
	struct message m;

	message_init(&m, type);
	assert_int_equal(message_send(parents_end, &m), MESSAGE_OK);
}

static void it_greets_and_learns_why_it_was_started(void **state)
{
	(void)state;
	begin_with_parent();

	assert_int_equal(heard(MESSAGE_HELLO).hello.protocol, MESSAGE_PROTOCOL);
	assert_int_equal(control.birth, BIRTH_RESTART);
	assert_int_equal(control.kept, -1);
	close(parents_end);
}

static void a_command_that_comes_before_the_sockets_is_not_lost(void **state)
{
	struct message_open wish = { .name = "edge", .address = "127.0.0.1:0", .count = 1 };
	struct weir_error error = { "" };
	struct message m;

	(void)state;
	begin_with_parent();
	say(MESSAGE_RELOAD);
	message_init(&m, MESSAGE_REFUSED);
	message_set_text(m.text.text, sizeof(m.text.text), "because");
	assert_int_equal(message_send(parents_end, &m), MESSAGE_OK);

	assert_null(control_listen(&control, &wish, &error));
	assert_string_equal(error.text, "because");
	assert_int_equal(reloads, 0);
	assert_true(control_read(&control));

	assert_int_equal(reloads, 1);
	close(parents_end);
}

static void more_sockets_than_fit_one_message_are_put_together(void **state)
{
	enum { COUNT = MESSAGE_FDS + 5 };
	struct message_open wish = { .name = "edge", .address = "127.0.0.1:0", .count = COUNT };
	struct sockets table;
	struct listening *own, *l;

	(void)state;
	begin_with_parent();
	sockets_init(&table);
	own = sockets_open(&table, &wish, NULL);
	assert_non_null(own);
	for (uint32_t at = 0; at < COUNT; at += MESSAGE_FDS) {
		struct message m;

		message_init(&m, MESSAGE_SOCKETS);
		message_set_text(m.sockets.name, sizeof(m.sockets.name), "edge");
		message_set_text(m.sockets.address, sizeof(m.sockets.address), own->bound.text);
		m.sockets.count = COUNT;
		m.sockets.at = at;
		m.fd_count = COUNT - at < MESSAGE_FDS ? COUNT - at : MESSAGE_FDS;
		memcpy(m.fds, own->fds + at, m.fd_count * sizeof(int));
		assert_int_equal(message_send(parents_end, &m), MESSAGE_OK);
	}

	l = control_listen(&control, &wish, NULL);

	assert_non_null(l);
	assert_int_equal(l->count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_true(socket_listens(l->fds[i]));
	listening_free(l);
	sockets_fini(&table);
	close(parents_end);
}

static void a_parent_that_is_gone_means_drain(void **state)
{
	struct message_open wish = { .name = "edge", .address = "127.0.0.1:0", .count = 1 };
	struct weir_error error = { "" };

	(void)state;
	begin_with_parent();
	close(parents_end);

	assert_null(control_listen(&control, &wish, &error));
	assert_false(control_read(&control));
	assert_false(control_read(&control));

	assert_int_equal(drains, 1);
	assert_non_null(strstr(error.text, "the parent process is gone"));
}

static void who_is_replaced_yields_and_then_drains(void **state)
{
	(void)state;
	begin_with_parent();

	say(MESSAGE_YIELD);
	say(MESSAGE_DRAIN);
	assert_true(control_read(&control));

	assert_int_equal(yields, 1);
	assert_int_equal(drains, 1);
	close(parents_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(alone_it_opens_sockets_itself, begin_alone, end),
		cmocka_unit_test_setup_teardown(alone_it_says_why_it_cannot, begin_alone, end),
		cmocka_unit_test_setup_teardown(alone_it_hears_the_signals, begin_alone, end),
		cmocka_unit_test_teardown(it_greets_and_learns_why_it_was_started, end),
		cmocka_unit_test_teardown(a_command_that_comes_before_the_sockets_is_not_lost, end),
		cmocka_unit_test_teardown(more_sockets_than_fit_one_message_are_put_together, end),
		cmocka_unit_test_teardown(a_parent_that_is_gone_means_drain, end),
		cmocka_unit_test_teardown(who_is_replaced_yields_and_then_drains, end),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
