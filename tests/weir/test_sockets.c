/* test_sockets.c - one table knows every listening socket, and the next image gets it as it was. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/net/socket.h"
#include "core/weir/handover.h"
#include "core/weir/sockets.h"

static struct sockets table;

static int begin(void **state)
{
	(void)state;
	sockets_init(&table);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sockets_remove_files(&table);
	sockets_fini(&table);
	return 0;
}

static struct message_open wish_for(const char *name, const char *address, uint32_t count)
{
	struct message_open wish = { .count = count };

	message_set_text(wish.name, sizeof(wish.name), name);
	message_set_text(wish.address, sizeof(wish.address), address);
	return wish;
}

static struct listening *open_one(const char *name, const char *address, uint32_t count)
{
	struct message_open wish = wish_for(name, address, count);
	struct weir_error error = { "" };
	struct listening *l = sockets_open(&table, &wish, &error);

	if (l == NULL)
		fail_msg("%s", error.text);
	return l;
}

static const char *refusal(const char *address)
{
	struct message_open wish = wish_for("edge", address, 1);
	static struct weir_error error;

	error.text[0] = '\0';
	assert_null(sockets_open(&table, &wish, &error));
	return error.text;
}

static void every_worker_gets_one_of_its_own(void **state)
{
	struct listening *l = open_one("edge", "127.0.0.1:0", 4);

	(void)state;
	assert_int_equal(l->count, 4);
	assert_false(l->shared);
	for (uint32_t i = 0; i < 4; i++) {
		struct address where;

		assert_true(socket_local(l->fds[i], &where));
		assert_true(address_equal(&where, &l->bound));
		assert_true(listening_is_for(l, i, i, 4));
		assert_false(listening_is_for(l, i, (i + 1) % 4, 4));
	}
}

static void asking_again_gives_the_same(void **state)
{
	struct listening *first = open_one("edge", "127.0.0.1:0", 2), *again;
	int fd = first->fds[0];

	(void)state;
	again = open_one("edge", "127.0.0.1:0", 2);

	assert_ptr_equal(first, again);
	assert_int_equal(again->count, 2);
	assert_int_equal(again->fds[0], fd);
}

static void more_workers_get_more_and_fewer_share_what_there_is(void **state)
{
	struct listening *l = open_one("edge", "127.0.0.1:0", 2);

	(void)state;
	l = open_one("edge", "127.0.0.1:0", 4);
	assert_int_equal(l->count, 4);
	l = open_one("edge", "127.0.0.1:0", 3);

	assert_int_equal(l->count, 4);
	assert_true(listening_is_for(l, 0, 0, 3));
	assert_true(listening_is_for(l, 3, 0, 3));
	assert_false(listening_is_for(l, 3, 1, 3));
}

static void a_renamed_listener_keeps_its_sockets(void **state)
{
	char text[ADDRESS_TEXT];
	struct listening *l = open_one("edge", "127.0.0.1:0", 1);
	int fd;

	(void)state;
	memcpy(text, l->bound.text, sizeof(text));
	sockets_close(&table, l, l->serial);
	fd = open_one("edge", text, 1)->fds[0];

	assert_int_equal(open_one("front", text, 1)->fds[0], fd);
	assert_int_equal(table.count, 1);
}

static void two_listeners_on_port_0_are_two(void **state)
{
	(void)state;
	assert_ptr_not_equal(open_one("a", "127.0.0.1:0", 1), open_one("b", "127.0.0.1:0", 1));
}

static void a_unix_socket_is_shared(void **state)
{
	struct listening *l = open_one("edge", "unix:@weir-test-sockets", 4);

	(void)state;
	assert_int_equal(l->count, 1);
	assert_true(l->shared);
	assert_true(listening_is_for(l, 0, 3, 4));
}

static void a_unix_socket_whose_file_was_removed_is_made_anew(void **state)
{
	struct listening *l = open_one("edge", "unix:/tmp/weir-test-sockets.sock", 1);

	(void)state;
	assert_int_equal(unlink("/tmp/weir-test-sockets.sock"), 0);

	l = open_one("edge", "unix:/tmp/weir-test-sockets.sock", 1);

	assert_int_equal(l->count, 1);
	assert_int_equal(access("/tmp/weir-test-sockets.sock", F_OK), 0);
}

static void what_cannot_be_listened_on_is_said_and_leaves_nothing(void **state)
{
	(void)state;
	assert_non_null(strstr(refusal("localhost:80"), "write an IP address"));
	assert_non_null(strstr(refusal("nonsense"), "has no port"));
	assert_non_null(strstr(refusal("192.0.2.1:1"), "no interface of this machine"));
	assert_int_equal(table.count, 0);
}

static void giving_up_is_void_when_somebody_asked_again(void **state)
{
	struct listening *l = open_one("edge", "127.0.0.1:0", 1);
	uint32_t old = l->serial;

	(void)state;
	(void)open_one("edge", "127.0.0.1:0", 1);

	sockets_close(&table, l, old);
	assert_int_equal(table.count, 1);
	sockets_close(&table, l, l->serial);
	assert_int_equal(table.count, 0);
}

static int from_outside(const char *address)
{
	const struct listen_options options = { .backlog = 8 };
	struct address a;
	int fd;

	assert_true(address_parse(&a, str_from(address), NULL));
	fd = socket_listen(&a, &options, NULL);
	assert_true(fd >= 0);
	return fd;
}

static void an_activated_socket_answers_to_its_name(void **state)
{
	int fd = from_outside("127.0.0.1:0");
	struct listening *l;

	(void)state;
	assert_true(sockets_adopt(&table, "edge", fd));

	l = open_one("edge", "127.0.0.1:1", 4);

	assert_int_equal(l->fds[0], fd);
	assert_int_equal(l->count, 1);
	assert_true(l->shared);
	sockets_close(&table, l, l->serial);
	assert_int_equal(table.count, 1);
}

static void several_with_one_name_are_one_listeners(void **state)
{
	struct listening *l;

	(void)state;
	assert_true(sockets_adopt(&table, "edge", from_outside("127.0.0.1:0")));
	assert_true(sockets_adopt(&table, "other", from_outside("127.0.0.1:0")));
	assert_true(sockets_adopt(&table, "edge", from_outside("127.0.0.1:0")));

	l = open_one("edge", "127.0.0.1:1", 2);

	assert_int_equal(l->count, 2);
	assert_int_equal(table.count, 2);
}

static void what_does_not_listen_is_not_adopted(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);

	assert_false(sockets_adopt(&table, "edge", ends[0]));

	assert_int_equal(fcntl(ends[0], F_GETFD), -1);
	assert_int_equal(table.count, 0);
	close(ends[1]);
}

/* The handover's text: what is written is what is read. */

static struct parent parent, next;

static void empty_parent(struct parent *p)
{
	*p = (struct parent){ .kept = -1 };
	sockets_init(&p->sockets);
	for (int i = 0; i < CHILDREN_MOST; i++)
		p->children[i].fd = -1;
}

static struct listening *restored(const char *name)
{
	for (uint32_t i = 0; i < next.sockets.count; i++) {
		if (strcmp(next.sockets.all[i]->name, name) == 0)
			return next.sockets.all[i];
	}
	return NULL;
}

static void the_next_image_reads_what_this_one_wrote(void **state)
{
	struct message_open edge = wish_for("edge", "127.0.0.1:0", 3);
	struct message_open local = wish_for("local", "unix:/tmp/weir with space.sock", 1);
	struct buffer text;

	(void)state;
	empty_parent(&parent);
	empty_parent(&next);
	assert_non_null(sockets_open(&parent.sockets, &edge, NULL));
	assert_non_null(sockets_open(&parent.sockets, &local, NULL));
	assert_true(sockets_adopt(&parent.sockets, "given", from_outside("127.0.0.1:0")));
	parent.kept = dup(0);
	parent.children[0] = (struct child){ .pid = 4711, .fd = dup(0), .state = CHILD_SERVING,
					     .stop_ms = 30000 };
	buffer_init(&text, HANDOVER_MOST);

	assert_true(handover_write(&parent, &text));
	assert_true(handover_read(&next, buffer_str(&text)));

	assert_int_equal(next.sockets.count, 3);
	assert_int_equal(restored("edge")->count, 3);
	assert_str(address_text(&restored("edge")->wanted), "127.0.0.1:0");
	assert_true(restored("edge")->bound.port != 0);
	assert_str(address_text(&restored("local")->wanted), "unix:/tmp/weir with space.sock");
	assert_true(restored("given")->activated);
	assert_false(restored("edge")->activated);
	assert_int_equal(next.kept, parent.kept);
	assert_int_equal(next.children[0].pid, 4711);
	assert_int_equal(next.children[0].state, CHILD_SERVING);
	assert_int_equal(next.children[0].stop_ms, 30000);
	assert_true(next.served);
	close(next.kept);
	close(next.children[0].fd);
	buffer_fini(&text);
	sockets_remove_files(&next.sockets);
	sockets_fini(&next.sockets);
	for (uint32_t i = 0; i < parent.sockets.count; i++)
		parent.sockets.all[i]->count = 0;	/* `next` has closed them */
	sockets_fini(&parent.sockets);
}

static void a_line_that_makes_no_sense_is_left_out(void **state)
{
	(void)state;
	empty_parent(&next);

	assert_false(handover_read(&next, STR("nginx 1\n")));
	assert_true(handover_read(&next, STR("weir 1\n"
					     "child 1 0 serving 1\n"
					     "child x\n"
					     "listen edge own 0 127.0.0.1:80\n"
					     "listen edge own 99999 127.0.0.1:80\n"
					     "listen edge own\n"
					     "listen edge own 0 nonsense\n"
					     "kept 99999\n"
					     "something new 1 2 3\n")));

	assert_int_equal(next.sockets.count, 0);
	assert_int_equal(next.children[0].state, CHILD_NONE);
	assert_int_equal(next.kept, -1);
	sockets_fini(&next.sockets);
}

int main(void)
{
#define in_a_table(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		in_a_table(every_worker_gets_one_of_its_own),
		in_a_table(asking_again_gives_the_same),
		in_a_table(more_workers_get_more_and_fewer_share_what_there_is),
		in_a_table(a_renamed_listener_keeps_its_sockets),
		in_a_table(two_listeners_on_port_0_are_two),
		in_a_table(a_unix_socket_is_shared),
		in_a_table(a_unix_socket_whose_file_was_removed_is_made_anew),
		in_a_table(what_cannot_be_listened_on_is_said_and_leaves_nothing),
		in_a_table(giving_up_is_void_when_somebody_asked_again),
		in_a_table(an_activated_socket_answers_to_its_name),
		in_a_table(several_with_one_name_are_one_listeners),
		in_a_table(what_does_not_listen_is_not_adopted),
		cmocka_unit_test(the_next_image_reads_what_this_one_wrote),
		cmocka_unit_test(a_line_that_makes_no_sense_is_left_out),
	};

	return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
