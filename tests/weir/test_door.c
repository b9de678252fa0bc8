/* test_door.c - a listening address is opened once, outlives reloads, and is given up for good. */
#include "core/weir/door.h"

#include "tests/weir/living.h"

#define ROUTES "routes: [{redirect: {path: /there, status: 302}}]\n"
#define EDGE "listen: {edge: {address: \"%1\"}}\n"

static void keep(struct living *l)
{
	struct door *door = living_door(l, "edge");
	int socket = door->sockets->fds[0], fd = living_connect(&l->at[0]);

	SEES(l, living_get(fd) == 302);
	SEES(l, living_apply(l, EDGE ROUTES));
	SEES(l, living_door(l, "edge") == door);
	SEES(l, door->sockets->fds[0] == socket);
	SEES(l, door->accepting);
	SEES(l, living_get(fd) == 302);
	socket_close(fd);
}

static void it_outlives_a_reload_with_those_who_came_in(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, keep), 0);
}

/* The second listener is there so that the slot is another one. */
static void rename_it(struct living *l)
{
	struct door *door = living_door(l, "edge");
	int fd = living_connect(&l->at[0]);

	SEES(l, living_get(fd) == 302);
	SEES(l, living_apply(l, "listen: {back: {address: \"%2\"}, front: {address: \"%1\"}}\n" ROUTES));
	SEES(l, living_door(l, "edge") == NULL);
	SEES(l, living_door(l, "front") == door);
	SEES(l, door->places[0].slot == door->slot && door->places[1].slot == door->slot);
	SEES(l, living_get(fd) == 302);
	SEES(l, living_visit(&l->at[1]) == 302);
	socket_close(fd);
}

static void by_another_name_it_is_the_same_and_its_sessions_follow(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, rename_it), 0);
}

static void move_it(struct living *l)
{
	struct door *before = living_door(l, "edge");
	int refused;

	SEES(l, living_apply(l, "listen: {edge: {address: \"%2\"}}\n" ROUTES));
	SEES(l, living_visit(&l->at[1]) == 302);
	COMES(l, living_door(l, "edge") != before && l->g.doors.next == l->g.doors.prev);
	refused = living_connect(&l->at[0]);
	SEES(l, refused < 0);
	socket_close(refused);
}

static void one_that_is_no_longer_named_refuses_newcomers(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, move_it), 0);
}

static void name_twice(struct living *l)
{
	struct door *before = living_door(l, "edge");

	SEES(l, !living_apply(l, "listen: {edge: {address: \"%1\"}, other: {address: \"%1\"}}\n" ROUTES));
	SEES(l, living_door(l, "edge") == before || living_door(l, "other") == before);
	SEES(l, l->g.doors.next == l->g.doors.prev);
	SEES(l, living_visit(&l->at[0]) == 302);
	SEES(l, living_apply(l, EDGE ROUTES));
	SEES(l, living_door(l, "edge") == before);
}

static void one_address_is_no_two_listeners(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, name_twice), 0);
}

static void open_half(struct living *l)
{
	int refused;

	SEES(l, !living_apply(l, "listen: {edge: {address: \"%1\"}, new: {address: \"%2\"}, "
			      "far: {address: \"192.0.2.1:1\"}}\n" ROUTES));
	SEES(l, living_door(l, "new") == NULL);
	refused = living_connect(&l->at[1]);
	SEES(l, refused < 0);
	socket_close(refused);
	SEES(l, living_visit(&l->at[0]) == 302);
}

static void when_one_cannot_be_opened_none_of_the_new_ones_stays(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, open_half), 0);
}

static void look_at_ports(struct living *l)
{
	struct door *a = living_door(l, "a"), *b = living_door(l, "b");

	SEES(l, a != NULL && b != NULL && a != b);
	SEES(l, a != NULL && b != NULL && a->sockets->bound.port != b->sockets->bound.port);
}

static void port_0_is_another_port_for_each_name(void **state)
{
	(void)state;
	assert_int_equal(living_run("listen: {a: {address: \"127.0.0.1:0\"}, "
				    "b: {address: \"127.0.0.1:0\"}}\n" ROUTES, look_at_ports), 0);
}

/* Nobody accepts here any more, but in the queue of the kernel there is room for who serves next. */
static void yield_it(struct living *l)
{
	int fd;

	l->parent.yielded = true;
	doors_stop(&l->g);
	SEES(l, living_door(l, "edge") != NULL && living_door(l, "edge")->places[0].count == 0);
	fd = living_connect(&l->at[0]);
	SEES(l, fd >= 0);
	socket_close(fd);
}

static void sockets_that_another_process_serves_stay_open(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, yield_it), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_outlives_a_reload_with_those_who_came_in),
		cmocka_unit_test(by_another_name_it_is_the_same_and_its_sessions_follow),
		cmocka_unit_test(one_that_is_no_longer_named_refuses_newcomers),
		cmocka_unit_test(one_address_is_no_two_listeners),
		cmocka_unit_test(when_one_cannot_be_opened_none_of_the_new_ones_stays),
		cmocka_unit_test(port_0_is_another_port_for_each_name),
		cmocka_unit_test(sockets_that_another_process_serves_stay_open),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
