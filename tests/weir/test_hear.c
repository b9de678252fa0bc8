/* test_hear.c - what children say to the parent, and what it does about it; the test is the children. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/un.h>

#include "tests/weir/nursed.h"

static struct message of_type(enum message_type type)
{
	struct message m;

	message_init(&m, type);
	return m;
}

static void says(struct child *c, struct message m)
{
	assert_int_equal(message_send(end_of(c), &m), MESSAGE_OK);
	nursery_hear(&parent, c);
}

static struct message answer(const struct child *c)
{
	struct message m;

	assert_int_equal(message_receive(end_of(c), &m), MESSAGE_OK);
	return m;
}

static struct message wish(const char *address, uint32_t count)
{
	struct message m = of_type(MESSAGE_OPEN);

	message_set_text(m.open.name, sizeof(m.open.name), "edge");
	message_set_text(m.open.address, sizeof(m.open.address), address);
	m.open.count = count;
	return m;
}

static void a_child_is_welcomed_with_what_the_last_one_left(void **state)
{
	struct child *c = born(CHILD_STARTING, true);
	struct message hello = of_type(MESSAGE_HELLO), m;

	(void)state;
	c->greeted = false;
	c->birth = BIRTH_RESTART;
	hello.hello.protocol = MESSAGE_PROTOCOL;
	says(c, hello);
	assert_true(c->greeted);
	m = answer(c);
	assert_int_equal(m.head.type, MESSAGE_WELCOME);
	assert_int_equal(m.welcome.birth, BIRTH_RESTART);
	assert_int_equal(m.welcome.kept, 0);

	m = of_type(MESSAGE_KEEP);
	m.fds[0] = STDIN_FILENO;
	m.fd_count = 1;
	says(c, m);
	says(c, hello);

	m = answer(c);
	assert_int_equal(m.welcome.kept, 1);
	assert_int_equal(m.fd_count, 1);
	message_close_fds(&m);
	assert_true(fcntl(parent.kept, F_GETFD) >= 0);
}

static void what_was_kept_before_is_closed(void **state)
{
	struct child *c = born(CHILD_SERVING, true);
	struct message m = of_type(MESSAGE_KEEP);
	struct pollfd reader = { .events = POLLIN };
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	reader.fd = pipes[0];
	m.fds[0] = pipes[1];
	m.fd_count = 1;
	says(c, m);
	close(pipes[1]);
	assert_int_equal(poll(&reader, 1, 0), 0);

	m.fds[0] = STDIN_FILENO;
	says(c, m);

	assert_int_equal(poll(&reader, 1, 0), 1);
	assert_int_equal(reader.revents, POLLHUP);
	close(pipes[0]);
}

static void one_of_another_version_is_killed(void **state)
{
	struct child *c = born(CHILD_STARTING, true);
	struct message m = of_type(MESSAGE_HELLO);

	(void)state;
	m.hello.protocol = MESSAGE_PROTOCOL + 1;
	says(c, m);

	assert_int_equal(c->state, CHILD_ENDING);
	assert_string_equal(c->why, "it is of another version");
	assert_int_equal(told(c), 0);
}

static void sockets_are_given_in_as_many_messages_as_they_need(void **state)
{
	struct child *c = born(CHILD_STARTING, true);
	uint32_t got = 0;

	(void)state;
	says(c, wish("127.0.0.1:0", MESSAGE_FDS + 6));

	for (int i = 0; i < 2; i++) {
		struct message m = answer(c);

		assert_int_equal(m.head.type, MESSAGE_SOCKETS);
		assert_int_equal(m.sockets.count, MESSAGE_FDS + 6);
		assert_int_equal(m.sockets.at, got);
		assert_string_equal(m.sockets.address, parent.sockets.all[0]->bound.text);
		got += m.fd_count;
		message_close_fds(&m);
	}
	assert_int_equal(got, MESSAGE_FDS + 6);
	assert_int_equal(parent.sockets.all[0]->holder, c->pid);
}

static void sockets_that_cannot_be_had_are_refused_with_words(void **state)
{
	struct child *c = born(CHILD_STARTING, true);
	struct message m;

	(void)state;
	says(c, wish("192.0.2.1:1", 1));

	m = answer(c);
	assert_int_equal(m.head.type, MESSAGE_REFUSED);
	assert_non_null(strstr(m.text.text, "192.0.2.1:1"));
	assert_int_equal(c->state, CHILD_STARTING);
}

static struct message farewell(const struct message *given)
{
	struct message m = of_type(MESSAGE_CLOSE);

	memcpy(m.sockets.name, given->sockets.name, sizeof(m.sockets.name));
	memcpy(m.sockets.address, given->sockets.address, sizeof(m.sockets.address));
	m.sockets.serial = given->sockets.serial;
	return m;
}

static void only_who_serves_may_give_an_address_up(void **state)
{
	struct child *c = born(CHILD_SERVING, true);
	struct message given, m;
	char fixed[64];

	(void)state;
	(void)snprintf(fixed, sizeof(fixed), "unix:@weir-hear-%d", (int)getpid());
	says(c, wish(fixed, 1));
	given = answer(c);
	message_close_fds(&given);
	m = farewell(&given);

	c->state = CHILD_DRAINING;
	says(c, m);
	assert_int_equal(parent.sockets.count, 1);

	c->state = CHILD_SERVING;
	says(c, wish(fixed, 1));
	given = answer(c);
	message_close_fds(&given);
	says(c, m);			/* of the time before */
	assert_int_equal(parent.sockets.count, 1);
	says(c, farewell(&given));
	assert_int_equal(parent.sockets.count, 0);
}

static void at_the_end_who_drains_may_do_so_too(void **state)
{
	struct child *c = born(CHILD_SERVING, true);
	struct message given;

	(void)state;
	says(c, wish("127.0.0.1:0", 1));
	given = answer(c);
	message_close_fds(&given);
	message_set_text(given.sockets.address, sizeof(given.sockets.address), "127.0.0.1:0");
	nursery_stop(&parent);

	says(c, farewell(&given));

	assert_int_equal(parent.sockets.count, 0);
}

static void when_one_is_ready_the_one_before_yields_and_drains(void **state)
{
	struct child *old = born(CHILD_SERVING, true), *fresh = born(CHILD_STARTING, true);
	struct message m = of_type(MESSAGE_READY);

	(void)state;
	says(old, wish("127.0.0.1:0", 1));
	m = answer(old);
	message_close_fds(&m);
	parent.reload = true;
	m = of_type(MESSAGE_READY);
	m.ready.stop_ms = 4000;
	says(fresh, m);

	assert_int_equal(fresh->state, CHILD_SERVING);
	assert_int_equal(fresh->stop_ms, 4000);
	assert_true(fresh->ready > 0 && fresh->end_by == CLOCK_NEVER);
	assert_int_equal(old->state, CHILD_DRAINING);
	assert_int_equal(told(old), MESSAGE_YIELD);
	assert_int_equal(told(old), MESSAGE_DRAIN);
	assert_int_equal(told(fresh), MESSAGE_RELOAD);	/* it was put off */
	assert_int_equal(parent.sockets.count, 0);	/* nobody's any more */
}

static void ready_once_more_changes_only_the_time_to_stop(void **state)
{
	struct child *other = born(CHILD_SERVING, true), *c = born(CHILD_DRAINING, true);
	struct message m = of_type(MESSAGE_READY);

	(void)state;
	m.ready.stop_ms = 9000;
	says(c, m);

	assert_int_equal(c->stop_ms, 9000);
	assert_int_equal(c->state, CHILD_DRAINING);
	assert_int_equal(other->state, CHILD_SERVING);
	assert_int_equal(told(other), 0);
}

static void why_a_start_failed_is_remembered_and_the_end_awaited(void **state)
{
	struct child *c = born(CHILD_STARTING, true), *serves = born(CHILD_SERVING, true);
	struct message m = of_type(MESSAGE_FAILED);

	(void)state;
	message_set_text(m.text.text, sizeof(m.text.text), "no such file");
	says(c, m);
	assert_int_equal(c->state, CHILD_ENDING);
	assert_string_equal(c->why, "no such file");
	assert_true(c->end_by < CLOCK_NEVER);

	says(serves, m);
	assert_int_equal(serves->state, CHILD_SERVING);
}

static struct message beat(uint32_t stuck_ms)
{
	struct message m = of_type(MESSAGE_BEAT);

	m.beat.workers = 2;
	m.beat.stuck_ms[1] = stuck_ms;
	return m;
}

static void one_with_a_stuck_worker_is_aborted(void **state)
{
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	says(c, beat(2999));
	assert_true(c->beaten);
	assert_int_equal(c->state, CHILD_SERVING);

	says(c, beat(3000));

	assert_int_equal(c->state, CHILD_ENDING);
}

static void who_starts_and_who_has_no_watchdog_may_be_stuck(void **state)
{
	struct child *c = born(CHILD_STARTING, true), *serves = born(CHILD_SERVING, true);

	(void)state;
	says(c, beat(60000));
	assert_int_equal(c->state, CHILD_STARTING);

	parent.options.watchdog = 0;
	says(serves, beat(60000));
	assert_int_equal(serves->state, CHILD_SERVING);
}

static void when_the_one_that_serves_drains_by_itself_all_end(void **state)
{
	struct child *old = born(CHILD_DRAINING, true), *c = born(CHILD_SERVING, true);
	struct message m = of_type(MESSAGE_DRAINING);

	(void)state;
	says(old, m);
	assert_false(parent.stopping);

	m.ready.stop_ms = 7000;
	says(c, m);

	assert_true(parent.stopping);
	assert_int_equal(c->stop_ms, 7000);
	assert_int_equal(c->state, CHILD_DRAINING);
}

/* The service manager hears how a reload ended. */
static void a_reload_that_was_refused_stands_in_the_status(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct child *c = born(CHILD_SERVING, true);
	struct message m = of_type(MESSAGE_RELOADED);
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char heard[512], variable[64];
	ssize_t n;

	(void)state;
	(void)snprintf(variable, sizeof(variable), "@weir-manager-%d", (int)getpid());
	memcpy(name.sun_path + 1, variable + 1, strlen(variable) - 1);
	assert_int_equal(bind(manager, (struct sockaddr *)&name,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(variable))), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", variable, 1), 0);
	message_set_text(m.text.text, sizeof(m.text.text), "weir.yaml:3:1: no");

	says(c, m);
	n = recv(manager, heard, sizeof(heard) - 1, 0);
	heard[n > 0 ? n : 0] = '\0';
	assert_non_null(strstr(heard, "STATUS=serving; the last reload was refused: weir.yaml:3:1: no"));

	m.text.ok = 1;
	says(c, m);
	n = recv(manager, heard, sizeof(heard) - 1, 0);
	heard[n > 0 ? n : 0] = '\0';
	assert_null(strstr(heard, "refused"));
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	close(manager);
}

static void one_that_talks_nonsense_is_aborted(void **state)
{
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	assert_int_equal(send(end_of(c), "nonsense", 8, MSG_NOSIGNAL), 8);
	nursery_hear(&parent, c);

	assert_int_equal(c->state, CHILD_ENDING);
}

static void commands_of_the_parents_own_are_not_obeyed(void **state)
{
	struct child *c = born(CHILD_SERVING, true), *other = born(CHILD_DRAINING, true);

	(void)state;
	says(c, of_type(MESSAGE_DRAIN));
	says(c, of_type(MESSAGE_RELOAD));

	assert_int_equal(c->state, CHILD_SERVING);
	assert_false(parent.stopping);
	assert_int_equal(told(c), 0);
	assert_int_equal(told(other), 0);
}

static void one_that_hangs_up_has_a_while_left_to_die(void **state)
{
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	assert_int_equal(shutdown(end_of(c), SHUT_RDWR), 0);
	nursery_hear(&parent, c);

	assert_int_equal(c->fd, -1);
	assert_int_equal(c->state, CHILD_SERVING);
	assert_true(c->end_by > clock_now() && c->end_by < clock_now() + 6 * NS_PER_S);
}

/* Whoever talks without end does not keep the parent from the others. */
static void of_many_words_a_part_is_heard_at_a_time(void **state)
{
	struct child *c = born(CHILD_SERVING, true);
	struct message m = of_type(MESSAGE_READY);

	(void)state;
	for (uint32_t i = 1; i <= 40; i++) {
		m.ready.stop_ms = i;
		assert_int_equal(message_send(end_of(c), &m), MESSAGE_OK);
	}

	nursery_hear(&parent, c);
	assert_int_equal(c->stop_ms, 16);
	nursery_hear(&parent, c);
	nursery_hear(&parent, c);
	assert_int_equal(c->stop_ms, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NURSED(a_child_is_welcomed_with_what_the_last_one_left),
		NURSED(what_was_kept_before_is_closed),
		NURSED(one_of_another_version_is_killed),
		NURSED(sockets_are_given_in_as_many_messages_as_they_need),
		NURSED(sockets_that_cannot_be_had_are_refused_with_words),
		NURSED(only_who_serves_may_give_an_address_up),
		NURSED(at_the_end_who_drains_may_do_so_too),
		NURSED(when_one_is_ready_the_one_before_yields_and_drains),
		NURSED(ready_once_more_changes_only_the_time_to_stop),
		NURSED(why_a_start_failed_is_remembered_and_the_end_awaited),
		NURSED(one_with_a_stuck_worker_is_aborted),
		NURSED(who_starts_and_who_has_no_watchdog_may_be_stuck),
		NURSED(when_the_one_that_serves_drains_by_itself_all_end),
		NURSED(a_reload_that_was_refused_stands_in_the_status),
		NURSED(one_that_talks_nonsense_is_aborted),
		NURSED(commands_of_the_parents_own_are_not_obeyed),
		NURSED(one_that_hangs_up_has_a_while_left_to_die),
		NURSED(of_many_words_a_part_is_heard_at_a_time),
	};

	return cmocka_run_group_tests_name("hear", tests, NULL, NULL);
}
