/* test_poller.c - events come to the sources that are there, and to no others. */
#include "config.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/fiber/poller.h"
#include "tests/test.h"

/* A source and what it was told. */
struct listener {
	struct source source;
	struct poller *poller;
	struct listener *removes;
	unsigned events;
	int calls;
};

static void told(struct source *s, unsigned events)
{
	struct listener *l = container_of(s, struct listener, source);

	l->events |= events;
	l->calls++;
	if (l->removes != NULL)
		poller_remove(l->poller, &l->removes->source);
}

struct pair {
	struct poller poller;
	int ends[2];
	struct listener near;
};

static void pair_open(struct pair *p, enum source_mode mode)
{
	int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

	memset(p, 0, sizeof(*p));
	assert_true(poller_open(&p->poller, NULL));
	assert_int_equal(socketpair(AF_UNIX, kind, 0, p->ends), 0);
	p->near.poller = &p->poller;
	p->near.source = (struct source){ .fd = p->ends[0], .notify = told };
	assert_true(poller_add(&p->poller, &p->near.source, mode));
}

static void pair_close(struct pair *p)
{
	poller_remove(&p->poller, &p->near.source);
	close(p->ends[0]);
	if (p->ends[1] >= 0)
		close(p->ends[1]);
	poller_close(&p->poller);
}

static void an_edge_is_told_once_and_a_level_until_it_is_read(void **state)
{
	struct pair edge, level;

	(void)state;
	pair_open(&edge, SOURCE_EDGE);
	pair_open(&level, SOURCE_LEVEL_IN);
	assert_int_equal(poller_wait(&edge.poller, 0), 1);	/* it can be written to */
	assert_int_equal(poller_wait(&level.poller, 0), 0);
	assert_int_equal(edge.near.events, SOURCE_OUT);

	assert_int_equal(write(edge.ends[1], "x", 1), 1);
	assert_int_equal(write(level.ends[1], "x", 1), 1);

	assert_int_equal(poller_wait(&edge.poller, 1000), 1);
	assert_true(edge.near.events & SOURCE_IN);
	assert_int_equal(poller_wait(&edge.poller, 0), 0);
	assert_int_equal(poller_wait(&level.poller, 1000), 1);
	assert_int_equal(poller_wait(&level.poller, 0), 1);
	pair_close(&edge);
	pair_close(&level);
}

static void more_bytes_are_a_new_edge_although_the_old_were_not_read(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, SOURCE_EDGE);
	(void)poller_wait(&p.poller, 0);
	assert_int_equal(write(p.ends[1], "x", 1), 1);
	assert_int_equal(poller_wait(&p.poller, 1000), 1);
	assert_int_equal(write(p.ends[1], "y", 1), 1);
	assert_int_equal(poller_wait(&p.poller, 1000), 1);
	pair_close(&p);
}

static void a_fin_and_an_end_are_told_apart(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, SOURCE_EDGE);
	(void)poller_wait(&p.poller, 0);

	assert_int_equal(shutdown(p.ends[1], SHUT_WR), 0);
	(void)poller_wait(&p.poller, 1000);
	assert_true(p.near.events & SOURCE_RDHUP);
	assert_false(p.near.events & SOURCE_HUP);

	close(p.ends[1]);
	p.ends[1] = -1;
	(void)poller_wait(&p.poller, 1000);
	assert_true(p.near.events & SOURCE_HUP);
	pair_close(&p);
}

static void only_room_is_told_to_one_who_wants_room(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, SOURCE_LEVEL_OUT);
	assert_int_equal(write(p.ends[1], "x", 1), 1);
	assert_int_equal(poller_wait(&p.poller, 1000), 1);
	assert_int_equal(p.near.events, SOURCE_OUT);
	pair_close(&p);
}

/* Both have an event in the same batch; whoever hears first removes the other. */
static void a_removed_source_does_not_hear_what_was_already_fetched(void **state)
{
	struct pair p;
	struct listener far = { .source = { .notify = told } };

	(void)state;
	pair_open(&p, SOURCE_LEVEL_OUT);
	far.source.fd = p.ends[1];
	far.poller = &p.poller;
	far.removes = &p.near;
	p.near.removes = &far;
	assert_true(poller_add(&p.poller, &far.source, SOURCE_LEVEL_OUT));

	assert_int_equal(poller_wait(&p.poller, 1000), 2);

	assert_int_equal(p.near.calls + far.calls, 1);
	pair_close(&p);
}

static void a_source_may_remove_itself(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, SOURCE_LEVEL_OUT);
	p.near.removes = &p.near;
	assert_int_equal(poller_wait(&p.poller, 1000), 1);
	assert_int_equal(poller_wait(&p.poller, 0), 0);
	assert_int_equal(p.near.calls, 1);
	pair_close(&p);
}

static void one_listener_on_two_pollers_may_be_shared(void **state)
{
	struct pair p;
	struct poller second;
	struct listener also = { .source = { .notify = told } };

	(void)state;
	pair_open(&p, SOURCE_LEVEL_IN_SHARED);
	assert_true(poller_open(&second, NULL));
	also.source.fd = p.ends[0];
	assert_true(poller_add(&second, &also.source, SOURCE_LEVEL_IN_SHARED));

	assert_int_equal(write(p.ends[1], "x", 1), 1);
	assert_true(poller_wait(&p.poller, 0) + poller_wait(&second, 0) >= 1);

	poller_close(&second);
	pair_close(&p);
}

static void what_cannot_be_watched_is_refused(void **state)
{
	struct poller p;
	struct source s = { .fd = -1, .notify = told };

	(void)state;
	assert_true(poller_open(&p, NULL));
	assert_false(poller_add(&p, &s, SOURCE_EDGE));
	poller_close(&p);
	poller_close(&p);
}

static void the_poller_is_not_inherited(void **state)
{
	struct poller p;

	(void)state;
	assert_true(poller_open(&p, NULL));
	assert_true(fcntl(p.fd, F_GETFD) & FD_CLOEXEC);
	poller_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edge_is_told_once_and_a_level_until_it_is_read),
		cmocka_unit_test(more_bytes_are_a_new_edge_although_the_old_were_not_read),
		cmocka_unit_test(a_fin_and_an_end_are_told_apart),
		cmocka_unit_test(only_room_is_told_to_one_who_wants_room),
		cmocka_unit_test(a_removed_source_does_not_hear_what_was_already_fetched),
		cmocka_unit_test(a_source_may_remove_itself),
		cmocka_unit_test(one_listener_on_two_pollers_may_be_shared),
		cmocka_unit_test(what_cannot_be_watched_is_refused),
		cmocka_unit_test(the_poller_is_not_inherited),
	};

	return cmocka_run_group_tests_name("poller", tests, NULL, NULL);
}
