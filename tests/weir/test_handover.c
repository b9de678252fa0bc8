/* test_handover.c - one image of the parent reads what the other has written, and believes no line of it. */
#include "core/weir/handover.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/weir/nursed.h"

static struct parent next;
static struct buffer text;

static int begin(void **state)
{
	(void)nursed_begin(state);
	next = parent;
	sockets_init(&next.sockets);
	buffer_init(&text, HANDOVER_MOST);
	return 0;
}

/* Descriptors of `next` are those of `parent`: in one process they are not inherited, but the same. */
static int end(void **state)
{
	for (int i = 0; i < CHILDREN_MOST; i++)
		next.children[i] = (struct child){ .fd = -1 };
	for (uint32_t i = 0; i < next.sockets.count; i++)
		next.sockets.all[i]->count = 0;
	sockets_fini(&next.sockets);
	buffer_fini(&text);
	return nursed_end(state);
}

static struct listening *listens(const char *name, const char *address, uint32_t count)
{
	struct message_open wish = { .count = count };
	struct weir_error error = { "" };
	struct listening *l;

	message_set_text(wish.name, sizeof(wish.name), name);
	message_set_text(wish.address, sizeof(wish.address), address);
	l = sockets_open(&parent.sockets, &wish, &error);
	if (l == NULL)
		fail_msg("%s", error.text);
	return l;
}

static void hand_over(void)
{
	assert_true(handover_write(&parent, &text));
	assert_true(handover_read(&next, buffer_str(&text)));
}

static void an_empty_house_is_one_line(void **state)
{
	(void)state;
	hand_over();

	assert_str(buffer_str(&text), "weir 1\n");
	assert_true(nursery_empty(&next));
	assert_int_equal(next.sockets.count, 0);
	assert_int_equal(next.kept, -1);
}

static void the_child_that_serves_goes_on_serving(void **state)
{
	struct child *c = born(CHILD_SERVING, true), *same;

	(void)state;
	c->stop_ms = 31000;

	hand_over();

	same = nursery_find(&next, CHILD_SERVING);
	assert_non_null(same);
	assert_int_equal(same->pid, c->pid);
	assert_int_equal(same->fd, c->fd);
	assert_int_equal(same->stop_ms, 31000);
	assert_true(same->greeted);
	assert_true(next.served);
	assert_int_equal(told(c), 0);
}

static void who_drains_is_told_once_more_and_has_its_time_anew(void **state)
{
	struct child *c = born(CHILD_DRAINING, true), *same;
	uint64_t now = clock_now();

	(void)state;
	c->stop_ms = 31000;

	hand_over();

	same = nursery_find(&next, CHILD_DRAINING);
	assert_non_null(same);
	assert_int_equal(same->pid, c->pid);
	assert_true(same->end_by >= now + 31 * NS_PER_S && same->end_by < CLOCK_NEVER);
	assert_int_equal(told(c), MESSAGE_DRAIN);
	assert_false(next.served);
}

static void sockets_keep_their_names_addresses_and_descriptors(void **state)
{
	struct listening *edge = listens("edge", "127.0.0.1:0", 3), *path, *l;
	char address[64];

	(void)state;
	(void)snprintf(address, sizeof(address), "unix:@weir test %d", (int)getpid());
	path = listens("path", address, 1);
	path->activated = true;

	hand_over();

	assert_int_equal(next.sockets.count, 2);
	l = sockets_find(&next.sockets, "edge", &edge->wanted);
	assert_non_null(l);
	assert_int_equal(l->count, 3);
	assert_memory_equal(l->fds, edge->fds, 3 * sizeof(int));
	assert_int_equal(l->bound.port, edge->bound.port);
	assert_false(l->activated);
	l = sockets_find(&next.sockets, "path", &path->wanted);
	assert_non_null(l);
	assert_string_equal(l->wanted.text, address);
	assert_true(l->activated);
}

/* They have passed an execve(), and shall not pass the next one by accident. */
static void descriptors_are_close_on_exec_from_then_on(void **state)
{
	struct listening *edge = listens("edge", "127.0.0.1:0", 1);
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	parent.kept = dup(STDIN_FILENO);
	assert_true(socket_set_cloexec(c->fd, false));
	sockets_set_cloexec(&parent.sockets, false);

	hand_over();

	assert_int_equal(next.kept, parent.kept);
	assert_int_equal(fcntl(parent.kept, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(c->fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(edge->fds[0], F_GETFD), FD_CLOEXEC);
}

static void what_is_not_ours_is_not_read(void **state)
{
	(void)state;
	assert_false(handover_read(&next, STR("")));
	assert_false(handover_read(&next, STR("child 17 3 serving 0\n")));
	assert_false(handover_read(&next, STR("weir 2\nkept 0\n")));

	assert_int_equal(next.kept, -1);
	assert_true(nursery_empty(&next));
}

static void a_line_that_makes_no_sense_is_left_out_and_the_next_one_read(void **state)
{
	static const char *const bad[] = {
		"child 1 3 serving 0",			/* nobody's child */
		"child x 3 serving 0",
		"child 17 3 serving",
		"child 99999999999 3 serving 0",
		"listen",
		"listen edge own",
		"listen edge own 0 nonsense",
		"listen edge own 999999 127.0.0.1:80",	/* is not open */
		"listen edge own 1x 127.0.0.1:80",
		"listen edge own  127.0.0.1:80",
		"kept 999999",
		"kept x",
		"",
		"something new",
	};
	char all[1024];
	size_t len;

	(void)state;
	parent.kept = dup(STDIN_FILENO);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		next.kept = -1;
		len = (size_t)snprintf(all, sizeof(all), "weir 1\n%s\nkept %d\n", bad[i], parent.kept);

		assert_true(handover_read(&next, str_of(all, len)));

		assert_true(nursery_empty(&next));
		assert_int_equal(next.sockets.count, 0);
		assert_int_equal(next.kept, parent.kept);
	}
}

static void a_socket_that_does_not_listen_is_left_out(void **state)
{
	int pair[2];
	char line[128];
	size_t len;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	len = (size_t)snprintf(line, sizeof(line), "weir 1\nlisten edge own %d 127.0.0.1:80\n", pair[0]);

	assert_true(handover_read(&next, str_of(line, len)));

	assert_int_equal(next.sockets.count, 0);
	close(pair[0]);
	close(pair[1]);
}

static void more_than_the_environment_holds_is_not_written(void **state)
{
	(void)state;
	(void)listens("edge", "127.0.0.1:0", 1);
	buffer_fini(&text);
	buffer_init(&text, 16);

	assert_false(handover_write(&parent, &text));
}

int main(void)
{
#define handed(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		handed(an_empty_house_is_one_line),
		handed(the_child_that_serves_goes_on_serving),
		handed(who_drains_is_told_once_more_and_has_its_time_anew),
		handed(sockets_keep_their_names_addresses_and_descriptors),
		handed(descriptors_are_close_on_exec_from_then_on),
		handed(what_is_not_ours_is_not_read),
		handed(a_line_that_makes_no_sense_is_left_out_and_the_next_one_read),
		handed(a_socket_that_does_not_listen_is_left_out),
		handed(more_than_the_environment_holds_is_not_written),
	};

	return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
