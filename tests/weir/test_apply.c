/* test_apply.c - a configuration comes into force on every worker, or nothing changes. */
#include "core/weir/apply.h"

#include "core/weir/round.h"
#include "tests/weir/living.h"

#define ROUTES "routes: [{redirect: {path: /there, status: 302}}]\n"
#define EDGE "listen: {edge: {address: \"%1\"}}\n"

static bool uses_it(struct worker *w, void *arg, struct weir_error *error)
{
	(void)error;
	return proxy_of(w)->reader->snapshot == arg;
}

static void look_at_workers(struct living *l)
{
	struct snapshot *before = l->g.snapshot;

	SEES(l, round_run(&l->g.crew, uses_it, before, NULL));
	SEES(l, living_apply(l, EDGE ROUTES));
	SEES(l, l->g.snapshot != before);
	SEES(l, l->g.snapshot->generation == 2);
	SEES(l, round_run(&l->g.crew, uses_it, l->g.snapshot, NULL));
}

static void the_answer_comes_after_the_last_worker_uses_it(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, look_at_workers), 0);
}

static void replace(struct living *l)
{
	for (int i = 0; i < 3; i++)
		SEES(l, living_apply(l, EDGE ROUTES));
	COMES(l, l->g.worlds == 1);
}

static void a_world_that_nobody_reads_any_more_is_freed(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, replace), 0);
}

static void fail_to_open(struct living *l)
{
	struct snapshot *before = l->g.snapshot;

	SEES(l, !living_apply(l, "listen: {edge: {address: \"%1\"}, far: {address: \"192.0.2.1:1\"}}\n"
			      "limits: {requests: 5}\n" ROUTES));
	SEES(l, living_said(l, "listener far: "));
	SEES(l, l->g.snapshot == before);
	SEES(l, l->g.requests.most != 5);
	SEES(l, l->g.worlds == 1);
	SEES(l, living_visit(&l->at[0]) == 302);
}

static void what_cannot_be_opened_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, fail_to_open), 0);
}

static void fail_to_read(struct living *l)
{
	struct snapshot *before = l->g.snapshot;

	SEES(l, !living_apply(l, EDGE "routes: [{to: nowhere}]\n"));
	SEES(l, l->d.errors > 0);
	SEES(l, l->g.snapshot == before);
	SEES(l, unlink(l->path) == 0);
	SEES(l, !apply_file(&l->g, &l->d));
	SEES(l, l->g.snapshot == before);
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, fail_to_read), 0);
}

static void change_limits(struct living *l)
{
	SEES(l, living_apply(l, EDGE ROUTES "limits: {requests: 7, connections: 9}\n"
			     "timeouts: {drain: 4s, stop_delay: 10ms}\n"));
	SEES(l, l->g.requests.most == 7);
	SEES(l, l->g.connections.most == 9);
	SEES(l, l->g.drain_time == 4 * NS_PER_S);
	SEES(l, l->g.stop_delay == 10 * NS_PER_MS);
}

static void limits_of_the_whole_process_come_with_it(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, change_limits), 0);
}

static void want_more_workers(struct living *l)
{
	SEES(l, living_apply(l, EDGE ROUTES "workers: 3\n"));
	SEES(l, l->d.warnings == 1);
	SEES(l, living_said(l, "the number of workers stays 2"));
	SEES(l, l->g.count == 2);
}

static void what_cannot_change_while_it_runs_is_said(void **state)
{
	(void)state;
	assert_int_equal(living_run(EDGE ROUTES, want_more_workers), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_comes_after_the_last_worker_uses_it),
		cmocka_unit_test(a_world_that_nobody_reads_any_more_is_freed),
		cmocka_unit_test(what_cannot_be_opened_changes_nothing),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
		cmocka_unit_test(limits_of_the_whole_process_come_with_it),
		cmocka_unit_test(what_cannot_change_while_it_runs_is_said),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
