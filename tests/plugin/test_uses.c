/* test_uses.c - a use's life: check, open, workers, background, the next reload, close. */
#include <stdlib.h>

#include "core/plugin/registry.h"
#include "core/plugin/uses.h"
#include "core/plugin/window.h"
#include "tests/plugin/toy.h"
#include "tests/plugin/written.h"

/* The world ------------------------------------------------------------------ */

static struct registry *registry;
static struct uses *uses;

static int start(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	opened = closed = worker_opened = worker_closed = 0;
	in_background = background_ended = on_wrong_thread = lesson_read = 0;
	setenv("WEIR_PLUGIN_DIR", "/nonexistent", 1);
	crewed_begin(&crewed);
	registry = registry_new();
	assert_true(registry_add(registry, &toy_plugin, &error));
	uses = uses_new(registry, &crewed.crew, &error);
	return uses == NULL;
}

static int stop(void **state)
{
	(void)state;
	crewed_end(&crewed);
	uses_free(uses);
	registry_free(registry);
	return 0;
}

/* An order, and what became of it. */
struct ask {
	struct written written;
	struct use_order order;
	struct weir_use *use;
	struct weir_error error;
	bool ok;
};

static void take(void *arg)
{
	struct ask *a = arg;

	a->use = uses_take(uses, &a->order, &a->error);
}

static void release(void *arg)
{
	use_release(((struct ask *)arg)->use);
}

static void begin(void *arg)
{
	use_start(((struct ask *)arg)->use);
}

static void open_here(void *arg)
{
	struct ask *a = arg;

	a->ok = use_worker_open(a->use, worker_self(), &a->error);
}

/* The configuration it came from is gone right after, as at a reload. */
static struct weir_use *taken(struct ask *a, const char *path, const char *text)
{
	*a = (struct ask){ .error = { "" } };
	written_read(&a->written, toy_plugin.options, text);
	a->order = (struct use_order){ .role = AS_POLICY, .plugin = STR("toy"),
				       .path = str_from(path), .place = STR("weir.yaml:7:3"),
				       .values = a->written.values };
	crewed_do(&crewed.control, take, a);
	written_end(&a->written);
	return a->use;
}

static void everywhere(struct ask *a)
{
	crewed_do(&crewed.workers[0], open_here, a);
	crewed_do(&crewed.workers[1], open_here, a);
	crewed_do(&crewed.control, begin, a);
	crewed_settle(&crewed);
}

static void let_go(struct ask *a)
{
	crewed_do(&crewed.control, release, a);
	crewed_settle(&crewed);
}

/* The tests ------------------------------------------------------------------ */

static void a_whole_life(void **state)
{
	struct ask a;

	(void)state;
	assert_non_null(taken(&a, "route r, policy 1", "{word: one}"));
	everywhere(&a);
	assert_int_equal(opened, 1);
	assert_int_equal(worker_opened, 2);
	assert_int_equal(in_background, 1);
	assert_int_equal(lesson_read, 42);
	assert_ptr_equal(use_at(a.use, &crewed.workers[1])->worker, &crewed.workers[1]);
	assert_int_equal(a.use->exchange_size, 24);
	assert_str(a.use->name, "toy");
	assert_string_equal(((struct toy *)a.use->self)->word, "one");

	let_go(&a);
	assert_int_equal(background_ended, 1);
	assert_int_equal(worker_closed, 2);
	assert_int_equal(closed, 1);
	assert_int_equal(on_wrong_thread, 0);
	assert_true(uses_idle(uses));
}

static void an_unchanged_use_is_carried_over(void **state)
{
	struct ask a, b;

	(void)state;
	assert_non_null(taken(&a, "route r, policy 1", "{word: one}"));
	everywhere(&a);
	assert_ptr_equal(taken(&b, "route r, policy 1", "# elsewhere in the file\n\nword: one\n"),
			 a.use);
	everywhere(&b);
	assert_int_equal(opened, 1);
	assert_int_equal(worker_opened, 2);
	assert_int_equal(in_background, 1);

	let_go(&a);
	assert_int_equal(closed, 0);
	let_go(&b);
	assert_int_equal(closed, 1);
}

static void a_changed_one_learns_from_the_one_before(void **state)
{
	struct ask a, b;

	(void)state;
	taken(&a, "route r, policy 1", "{word: one}");
	assert_ptr_not_equal(taken(&b, "route r, policy 1", "{word: two}"), a.use);
	assert_int_equal(((struct toy *)b.use->self)->inherited, 1);
	let_go(&a);
	assert_int_equal(closed, 1);
	let_go(&b);
	assert_int_equal(closed, 2);
}

static void note_cause(void *arg, const char *sentence)
{
	snprintf(arg, 64, "%s", sentence);
}

static void one_that_must_learn_first_says_so(void **state)
{
	char cause[64] = "";
	struct ask a, b;

	(void)state;
	taken(&a, "route r, policy 1", "{word: one}");
	taken(&b, "route r, policy 2", "{word: learning}");
	assert_true(use_is_ready(b.use));	/* nobody has said otherwise yet */
	everywhere(&a);
	everywhere(&b);
	assert_true(use_is_ready(a.use));
	assert_false(use_is_ready(b.use));
	assert_false(uses_ready(uses, note_cause, cause));
	assert_string_equal(cause, "route r, policy 2: it learns");

	toy_host->use_ready(b.use, true, STR(""));
	assert_true(use_is_ready(b.use));
	assert_true(uses_ready(uses, note_cause, cause));

	toy_host->use_ready(b.use, false, STR("again"));	/* once is enough: it can serve */
	assert_true(uses_ready(uses, note_cause, cause));
	let_go(&a);
	let_go(&b);
}

/* The store ends with its last use, not with a reload. */
static void what_is_in_the_store_outlives_a_reload(void **state)
{
	struct ask a, b;

	(void)state;
	taken(&a, "route r, policy 1", "{word: one}");
	taken(&b, "route r, policy 1", "{word: two}");
	assert_int_equal(((struct toy *)a.use->self)->tally, 1);
	assert_int_equal(((struct toy *)b.use->self)->tally, 2);
	let_go(&a);
	assert_non_null(taken(&a, "route r, policy 1", "{word: three}"));
	assert_int_equal(((struct toy *)a.use->self)->tally, 3);

	let_go(&a);
	let_go(&b);
	assert_non_null(taken(&a, "route r, policy 1", "{word: one}"));
	assert_int_equal(((struct toy *)a.use->self)->tally, 1);
	let_go(&a);
}

static void another_place_is_another_use(void **state)
{
	struct ask a, b;

	(void)state;
	taken(&a, "route r, policy 1", "{word: one}");
	taken(&b, "route r, policy 2", "{word: one}");
	assert_ptr_not_equal(a.use, b.use);
	assert_int_equal(((struct toy *)b.use->self)->inherited, 0);
	let_go(&a);
	let_go(&b);
}

static void refusals_say_who_and_why(void **state)
{
	struct ask a;

	(void)state;
	assert_null(taken(&a, "p", "{word: bad}"));
	assert_string_equal(a.error.text, "the plugin \"toy\" refuses these options: \"bad\" is no "
			    "word");
	assert_null(taken(&a, "p", "{word: broken}"));
	assert_string_equal(a.error.text, "the plugin \"toy\" refuses these options: it is broken");
	assert_null(taken(&a, "p", "{word: silent}"));
	assert_string_equal(a.error.text, "the plugin \"toy\" refuses these options: it gives no "
			    "reason");
	assert_int_equal(opened, 0);
	assert_true(uses_idle(uses));
}

/* It did open, so it is closed. */
static void a_wrong_question_is_not_let_pass(void **state)
{
	struct ask a;

	(void)state;
	assert_null(taken(&a, "p", "{word: clumsy}"));
	assert_string_equal(a.error.text, "the plugin \"toy\" cannot be used: it asks for its option "
			    "`wrod`, which its table does not have; that is a mistake of the plugin");
	crewed_settle(&crewed);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
	assert_true(uses_idle(uses));
}

/* A reload that is given up: what opened on one worker is closed there. */
static void one_that_cannot_begin_everywhere_is_closed_again(void **state)
{
	struct ask a;

	(void)state;
	taken(&a, "p", "{word: tired}");
	crewed_do(&crewed.workers[0], open_here, &a);
	assert_true(a.ok);
	crewed_do(&crewed.workers[1], open_here, &a);
	assert_false(a.ok);
	assert_string_equal(a.error.text, "the plugin \"toy\" cannot begin on a worker: too tired");
	let_go(&a);
	assert_int_equal(worker_closed, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(in_background, 0);
}

static void check_it(void *arg)
{
	struct ask *a = arg;

	a->ok = uses_check(uses, &a->order, &a->error);
}

static void checking_opens_nothing(void **state)
{
	struct ask a = { .order = { .role = AS_POLICY, .plugin = STR("toy") } };

	(void)state;
	written_read(&a.written, toy_plugin.options, "{word: bad}");
	a.order.values = a.written.values;
	check_it(&a);
	assert_false(a.ok);
	assert_string_equal(a.error.text, "\"bad\" is no word");
	a.order.plugin = STR("tyo");
	a.error.text[0] = '\0';
	check_it(&a);
	assert_false(a.ok);
	assert_non_null(strstr(a.error.text, "there is no plugin \"tyo\""));
	assert_int_equal(opened, 0);
	written_end(&a.written);
}

static void end_of_worker(void *arg)
{
	uses_worker_end(uses, worker_self());
	(void)arg;
}

/* The process ends: workers close their part, and the rest goes with uses_free(). */
static void the_end_of_the_process_closes_all(void **state)
{
	struct ask a;

	(void)state;
	taken(&a, "p", "{word: one}");
	everywhere(&a);
	assert_int_equal(in_background, 1);
	crewed_do(&crewed.workers[0], end_of_worker, NULL);
	crewed_do(&crewed.workers[1], end_of_worker, NULL);
	assert_int_equal(worker_closed, 2);
	crewed_stop_threads(&crewed);
	uses_free(uses);
	assert_int_equal(background_ended, 1);
	assert_int_equal(closed, 1);
	crewed_free(&crewed);
	registry_free(registry);
}

static void calls_are_counted_with_their_verdict(void **state)
{
	const struct worker *w = &crewed.workers[0];
	struct use_totals sum;
	struct ask a;

	(void)state;
	taken(&a, "p", "{word: one}");
	for (int i = 0; i < 64; i++)
		use_leave(use_at(a.use, w), use_enter(use_at(a.use, w)), i == 5 ? WEIR_REFUSED : WEIR_NEXT);
	w = &crewed.workers[1];
	use_leave(use_at(a.use, w), use_enter(use_at(a.use, w)), WEIR_FAILED);
	sum = use_totals(a.use);
	assert_int_equal(sum.calls, 65);
	assert_int_equal(sum.refused, 1);
	assert_int_equal(sum.failed, 1);
	assert_int_equal(sum.timed, 3);
	let_go(&a);
}

static void visit(void *arg, const struct weir_use *use)
{
	strncat(arg, use->path.data, use->path.len);
	strcat(arg, ";");
}

static void all_that_are_open_can_be_seen(void **state)
{
	char paths[64] = "";
	struct ask a, b;

	(void)state;
	taken(&a, "one", "{}");
	taken(&b, "two", "{}");
	uses_visit(uses, visit, paths);
	assert_string_equal(paths, "one;two;");
	let_go(&a);
	paths[0] = '\0';
	uses_visit(uses, visit, paths);
	assert_string_equal(paths, "two;");
	let_go(&b);
}

/* An old balancer's rows are shorter than ours. */
static void endpoints_are_given_in_rows_of_the_plugins_size(void **state)
{
	const struct weir_endpoint rows[] = {
		{ .address = WEIR_STR("10.0.0.1:1"), .weight = 1 },
		{ .address = WEIR_STR("10.0.0.2:1"), .weight = 2, .zone = WEIR_STR("east") },
	};
	struct weir_balancer balancer = { .endpoint_size = offsetof(struct weir_endpoint, zone) };
	struct weir_use use = { .balancer = &balancer };
	struct weir_endpoint row;
	struct arena arena;
	const struct weir_endpoint *own;

	(void)state;
	arena_init(&arena, NULL, 1 << 16);
	own = use_endpoints(&use, &arena, rows, 2);
	row = endpoint_given(own, balancer.endpoint_size, 1);
	assert_str(row.address, "10.0.0.2:1");
	assert_int_equal(row.weight, 2);
	assert_false(weir_str_present(row.zone));
	balancer.endpoint_size = sizeof(rows[0]);
	assert_ptr_equal(use_endpoints(&use, &arena, rows, 2), rows);
	arena_reset(&arena);
}

#define with_uses(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_uses(a_whole_life),
		with_uses(an_unchanged_use_is_carried_over),
		with_uses(a_changed_one_learns_from_the_one_before),
		with_uses(one_that_must_learn_first_says_so),
		with_uses(what_is_in_the_store_outlives_a_reload),
		with_uses(another_place_is_another_use),
		with_uses(refusals_say_who_and_why),
		with_uses(a_wrong_question_is_not_let_pass),
		with_uses(one_that_cannot_begin_everywhere_is_closed_again),
		with_uses(checking_opens_nothing),
		cmocka_unit_test_setup(the_end_of_the_process_closes_all, start),
		with_uses(calls_are_counted_with_their_verdict),
		with_uses(all_that_are_open_can_be_seen),
		cmocka_unit_test(endpoints_are_given_in_rows_of_the_plugins_size),
	};

	return cmocka_run_group_tests_name("uses", tests, NULL, NULL);
}
