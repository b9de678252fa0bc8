/* test_background.c - a background and the errands it sends: side by side, bounded, over before `close`. */
#include <stdlib.h>
#include <unistd.h>

#include "core/plugin/registry.h"
#include "core/plugin/uses.h"
#include "core/plugin/window.h"
#include "tests/plugin/crewed.h"

enum { ASKED_FOR = 70, ROOM = 64 };

static const struct weir_host *slot;
static struct crewed crewed;
static struct registry *registry;
static struct uses *uses;

/* Control's alone while it runs; looked at when nothing moves. */
static int sent, refused, began, ended, closed, ended_at_close, short_ones;

static void waits_for_ever(const struct weir_here *here, void *arg)
{
	began += here->self == arg;
	while (slot->sleep(NULL, 3600 * NS_PER_S) != WEIR_CANCELLED)
		;
	ended++;
}

static void is_over_soon(const struct weir_here *here, void *arg)
{
	(void)here, (void)arg;
	short_ones++;
}

/* The first two are over at once and leave their room to others. */
static void background(const struct weir_here *here)
{
	sent += slot->errand(here->use, is_over_soon, NULL);
	sent += slot->errand(here->use, is_over_soon, NULL);
	while (short_ones < 2)
		(void)slot->sleep(NULL, NS_PER_MS);
	for (int i = 0; i < ASKED_FOR; i++) {
		if (slot->errand(here->use, waits_for_ever, here->self))
			sent++;
		else
			refused++;
	}
	waits_for_ever(here, here->self);
}

static bool toy_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	(void)setup, (void)error;
	*self = &crewed;
	return true;
}

static void toy_close(void *self)
{
	(void)self;
	ended_at_close = ended;
	closed++;
}

static enum weir_verdict next(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = next);

static const struct weir_plugin plugin = {
	.size = sizeof(plugin), .major = WEIR_API_MAJOR, .option_size = sizeof(struct weir_option),
	.host = &slot, .name = "toy", .open = toy_open, .close = toy_close, .background = background,
	.policy = &policy,
};

static int start(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	sent = refused = began = ended = closed = ended_at_close = short_ones = 0;
	setenv("WEIR_PLUGIN_DIR", "/nonexistent", 1);
	crewed_begin(&crewed);
	registry = registry_new();
	assert_true(registry_add(registry, &plugin, &error));
	uses = uses_new(registry, &crewed.crew, &error);
	return uses == NULL;
}

static void take(void *arg)
{
	const struct use_order order = { .role = AS_POLICY, .plugin = STR("toy"), .path = STR("p"),
					 .place = STR("weir.yaml:7:3") };
	struct weir_error error = { "" };
	struct weir_use **use = arg;

	*use = uses_take(uses, &order, &error);
	if (*use != NULL)
		use_start(*use);
}

static void release(void *arg)
{
	use_release(*(struct weir_use **)arg);
}

static void look(void *arg)
{
	*(int *)arg = began;
}

/* Until all that found room wait; on control, so that nothing is read while it moves. */
static void until_all_wait(void)
{
	int seen = 0;

	for (int i = 0; i < 20000 && seen < ROOM + 1; i++) {
		crewed_do(&crewed.control, look, &seen);
		usleep(1000);
	}
	assert_int_equal(seen, ROOM + 1);
}

static void finish(void)
{
	registry_free(registry);
	assert_int_equal(closed, 1);
	assert_int_equal(ended, ROOM + 1);
	assert_int_equal(ended_at_close, ended);
}

static void errands_run_side_by_side_up_to_a_bound_and_end_before_close(void **state)
{
	struct weir_use *use = NULL;

	(void)state;
	crewed_do(&crewed.control, take, &use);
	assert_non_null(use);
	until_all_wait();

	crewed_do(&crewed.control, release, &use);
	crewed_settle(&crewed);

	crewed_end(&crewed);
	assert_int_equal(sent, 2 + ROOM);
	assert_int_equal(refused, ASKED_FOR - ROOM);
	assert_true(uses_idle(uses));
	uses_free(uses);
	finish();
}

static void the_end_of_the_process_ends_them_too(void **state)
{
	struct weir_use *use = NULL;

	(void)state;
	crewed_do(&crewed.control, take, &use);
	until_all_wait();
	crewed_stop_threads(&crewed);

	uses_free(uses);

	crewed_free(&crewed);
	finish();
}

static bool was_sent;

static void send_one(void *arg)
{
	was_sent = slot->errand(arg, waits_for_ever, NULL);
}

static void a_worker_cannot_send_one(void **state)
{
	struct weir_use *use = NULL;

	(void)state;
	crewed_do(&crewed.control, take, &use);
	until_all_wait();

	crewed_do(&crewed.workers[0], send_one, use);

	crewed_do(&crewed.control, release, &use);
	crewed_settle(&crewed);
	crewed_end(&crewed);
	assert_false(was_sent);
	uses_free(uses);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(errands_run_side_by_side_up_to_a_bound_and_end_before_close, start),
		cmocka_unit_test_setup(the_end_of_the_process_ends_them_too, start),
		cmocka_unit_test_setup(a_worker_cannot_send_one, start),
	};

	return cmocka_run_group_tests_name("background", tests, NULL, NULL);
}
