/* test_pool.c - connections: lent, kept, found stale. */
#include "config.h"

#include "core/net/socket.h"
#include "tests/upstream/pool_scene.h"

static int begin(void **state)
{
	*state = scene_new(NULL);
	return 0;
}

static void a_returned_connection_is_lent_again(void **state)
{
	struct scene *s = *state;
	struct upstream *first = leases(s, TRUST_ALL), *again;

	assert_false(upstream_is_reused(first));
	pool_return(first);
	again = leases(s, TRUST_ALL);

	assert_ptr_equal(again, first);
	assert_true(upstream_is_reused(again));
	assert_int_equal(counted(s, SERVICE_DIALS), 1);
	assert_int_equal(counted(s, SERVICE_HITS), 1);
	pool_discard(again);
}

static void the_newest_goes_first(void **state)
{
	struct scene *s = *state;
	struct upstream *a = leases(s, TRUST_ALL), *b = leases(s, TRUST_ALL);

	pool_return(a);
	pool_return(b);

	assert_ptr_equal(leases(s, TRUST_ALL), b);
	assert_ptr_equal(leases(s, TRUST_ALL), a);
	pool_discard(a);
	pool_discard(b);
}

static void a_discarded_connection_is_closed(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	int fd = accepts(s);
	char byte;

	pool_discard(up);

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(idle_of(s), 0);
	close(fd);
}

static void a_fin_while_idle_closes_it_at_once(void **state)
{
	struct scene *s = *state;

	pool_return(leases(s, TRUST_ALL));
	assert_int_equal(idle_of(s), 1);
	close(accepts(s));
	story_until(&s->story, none_idle, s);

	assert_int_equal(counted(s, SERVICE_STALE), 1);
	assert_int_equal(s->story.workers[0].loop.fibers, 0);
}

static void bytes_while_idle_close_it_too(void **state)
{
	struct scene *s = *state;
	int fd;

	pool_return(leases(s, TRUST_ALL));
	fd = accepts(s);
	assert_int_equal(send(fd, "HTTP/1.1 200 OK\r\n\r\n", 19, 0), 19);
	story_until(&s->story, none_idle, s);

	assert_int_equal(counted(s, SERVICE_STALE), 1);
	close(fd);
}

static void bytes_that_came_before_the_return_close_it(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	int fd = accepts(s);

	assert_int_equal(send(fd, "x", 1, 0), 1);
	story_turns(&s->story, 0);
	pool_return(up);

	assert_int_equal(idle_of(s), 0);
	close(fd);
}

static void a_latch_without_bytes_does_not_close_it(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);

	up->transport.latched |= SOURCE_IN;	/* as after a read that just filled its buffer */
	pool_return(up);

	assert_int_equal(idle_of(s), 1);
	assert_ptr_equal(leases(s, TRUST_ALL), up);
	pool_discard(up);
}

/* The peer has ended it, and the loop does not know yet. */
static void ends_behind_our_back(struct scene *s, struct upstream *up, uint64_t idle_ns)
{
	int fd = accepts(s);

	pool_return(up);
	up->idle_since -= idle_ns;
	close(fd);
}

static void what_may_not_be_repeated_gets_no_dead_connection(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct lease l = { .trust = TRUST_YOUNG };

	ends_behind_our_back(s, up, 2 * NS_PER_S);
	begins(s, &l);
	story_until(&s->story, is_done, &l);

	assert_int_equal(l.why, REASON_NONE);
	assert_false(upstream_is_reused(l.up));
	assert_int_equal(counted(s, SERVICE_STALE), 1);
	pool_discard(l.up);
}

/* Leases by hand, without a turn of the loop: so the event is certainly not known. */
static void lease_twice(void *arg)
{
	struct scene *s = arg;
	struct worker *w = &s->story.workers[0];
	struct upstream *up, *kept;

	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_ALL, &up), REASON_NONE);
	ends_behind_our_back(s, up, 2 * NS_PER_S);
	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_YOUNG, &kept), REASON_NONE);
	assert_int_equal(kept->uses, 1);
	assert_int_equal(counted(s, SERVICE_STALE), 1);
	pool_discard(kept);
}

static void a_look_at_the_socket_finds_the_end_that_the_loop_has_not_seen(void **state)
{
	struct scene *s = *state;

	story_does(&s->story, &s->story.workers[0], lease_twice, s);
}

static void lease_young_ones(void *arg)
{
	struct scene *s = arg;
	struct worker *w = &s->story.workers[0];
	struct upstream *up, *kept;

	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_ALL, &up), REASON_NONE);
	ends_behind_our_back(s, up, 0);
	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_YOUNG, &kept), REASON_NONE);
	assert_ptr_equal(kept, up);
	pool_discard(kept);

	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_ALL, &up), REASON_NONE);
	ends_behind_our_back(s, up, 2 * NS_PER_S);
	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_ALL, &kept), REASON_NONE);
	assert_ptr_equal(kept, up);
	pool_discard(kept);
}

static void a_young_one_and_one_that_is_expendable_need_no_look(void **state)
{
	struct scene *s = *state;

	story_does(&s->story, &s->story.workers[0], lease_young_ones, s);
}

static void lease_after_a_death(void *arg)
{
	struct scene *s = arg;
	struct worker *w = &s->story.workers[0];
	struct upstream *up, *other;

	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_ALL, &up), REASON_NONE);
	ends_behind_our_back(s, up, 0);
	assert_int_equal(pool_lease(s->svc, w, s->ep, TRUST_NONE, &other), REASON_NONE);
	assert_int_equal(other->uses, 1);
	assert_int_equal(counted(s, SERVICE_STALE), 1);
	pool_discard(other);
}

static void after_a_death_even_a_young_one_is_looked_at(void **state)
{
	struct scene *s = *state;

	story_does(&s->story, &s->story.workers[0], lease_after_a_death, s);
}

/* Dials -------------------------------------------------------------------------- */

static enum reason dial_to(struct scene *s, const char *text, const struct service_settings *settings)
{
	struct service *before = s->svc;
	struct lease l = { .trust = TRUST_ALL };

	pick_end(&s->ask);
	s->svc = story_service(&s->story, &text, 1, settings);
	story_close(&s->story, before);
	s->ep = story_picks(&s->story, s->svc, &s->ask);
	begins(s, &l);
	story_until(&s->story, is_done, &l);
	pool_discard(l.up);
	return l.why;
}

static void nobody_there_is_refused(void **state)
{
	struct scene *s = *state;
	struct address where;
	int fd = story_listen(&where);

	close(fd);

	assert_int_equal(dial_to(s, where.text, NULL), REASON_CONNECT_REFUSED);
	assert_int_equal(dial_to(s, "unix:/tmp/weir-nobody-is-here", NULL), REASON_CONNECT_REFUSED);
	assert_int_equal(counted(s, SERVICE_DIAL_FAILURES), 2);
}

/* A listener whose queue is full answers nothing. */
static int listen_full(struct address *where, int *fillers, int count)
{
	int fd = story_listen(where);

	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < count; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fillers[i], &where->any, where->len);
	}
	return fd;
}

static void who_does_not_answer_is_waited_for_so_long(void **state)
{
	struct scene *s = *state;
	struct service_settings settings = { .timeouts.connect = 5 * NS_PER_MS };
	struct address where;
	int fillers[4], fd = listen_full(&where, fillers, 4);

	assert_int_equal(dial_to(s, where.text, &settings), REASON_CONNECT_TIMEOUT);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(fd);
}

static void a_cancelled_dial_ends(void **state)
{
	struct scene *s = *state;
	struct address where;
	int fillers[4], fd = listen_full(&where, fillers, 4);
	const char *text = where.text;
	struct service *before = s->svc;
	struct lease l = { .trust = TRUST_ALL };

	pick_end(&s->ask);
	s->svc = story_service(&s->story, &text, 1, NULL);
	story_close(&s->story, before);
	s->ep = story_picks(&s->story, s->svc, &s->ask);
	begins(s, &l);
	assert_false(l.done);
	fiber_cancel(l.fiber);
	story_until(&s->story, is_done, &l);

	assert_int_equal(l.why, REASON_CLIENT_GONE);
	assert_int_equal(counted(s, SERVICE_DIAL_FAILURES), 0);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(fd);
}

static void a_unix_socket_is_dialled_too(void **state)
{
	struct scene *s = *state;
	struct weir_error error = { .text = "" };
	struct listen_options options = { .backlog = 4 };
	struct address where = story_address("unix:@weir-test-pool");
	int fd = socket_listen(&where, &options, &error);

	assert_true(fd >= 0);
	assert_int_equal(dial_to(s, where.text, NULL), REASON_NONE);
	close(fd);
}

/* Expiry and leaving ------------------------------------------------------------------ */

static void what_idles_too_long_is_closed(void **state)
{
	struct scene *s = *state;
	struct upstream *a = leases(s, TRUST_ALL), *b = leases(s, TRUST_ALL);

	s->svc->settings.timeouts.keepalive = 5 * NS_PER_MS;
	pool_return(a);
	pool_return(b);
	assert_int_equal(idle_of(s), 2);
	story_until(&s->story, none_idle, s);

	assert_int_equal(counted(s, SERVICE_EXPIRED), 2);
	assert_int_equal(counted(s, SERVICE_STALE), 0);
}

static void nothing_is_kept_when_told_so(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);

	s->svc->settings.timeouts.keepalive = NOT_KEPT;
	pool_return(up);

	assert_int_equal(idle_of(s), 0);
}

static void an_endpoint_that_left_keeps_its_leases_but_nothing_idle(void **state)
{
	struct scene *s = *state;
	struct upstream *lent = leases(s, TRUST_ALL);
	static const char *const other[] = { "127.0.0.1:1" };
	struct service *before = s->svc;

	pool_return(leases(s, TRUST_ALL));
	assert_int_equal(idle_of(s), 1);
	s->svc = story_service(&s->story, other, 1, NULL);
	story_close(&s->story, before);
	assert_true(atomic_load(&s->ep->gone));
	assert_int_equal(idle_of(s), 0);

	lent->svc = s->svc;
	pool_return(lent);
	assert_int_equal(idle_of(s), 0);
	assert_non_null(upstream_here_of(&s->story.workers[0])->pools[s->ep->slot]);
	pick_end(&s->ask);
	assert_null(upstream_here_of(&s->story.workers[0])->pools[s->ep->slot]);
}

static void connections_survive_a_reload(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct service *before = s->svc;
	const char *text = s->where.text;

	pool_return(up);
	pick_end(&s->ask);
	s->svc = story_service(&s->story, &text, 1, NULL);
	story_close(&s->story, before);
	s->ep = story_picks(&s->story, s->svc, &s->ask);

	assert_ptr_equal(leases(s, TRUST_ALL), up);
	pool_discard(up);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_returned_connection_is_lent_again),
		TEST(the_newest_goes_first),
		TEST(a_discarded_connection_is_closed),
		TEST(a_fin_while_idle_closes_it_at_once),
		TEST(bytes_while_idle_close_it_too),
		TEST(bytes_that_came_before_the_return_close_it),
		TEST(a_latch_without_bytes_does_not_close_it),
		TEST(what_may_not_be_repeated_gets_no_dead_connection),
		TEST(a_look_at_the_socket_finds_the_end_that_the_loop_has_not_seen),
		TEST(a_young_one_and_one_that_is_expendable_need_no_look),
		TEST(after_a_death_even_a_young_one_is_looked_at),
		TEST(nobody_there_is_refused),
		TEST(who_does_not_answer_is_waited_for_so_long),
		TEST(a_cancelled_dial_ends),
		TEST(a_unix_socket_is_dialled_too),
		TEST(what_idles_too_long_is_closed),
		TEST(nothing_is_kept_when_told_so),
		TEST(an_endpoint_that_left_keeps_its_leases_but_nothing_idle),
		TEST(connections_survive_a_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
