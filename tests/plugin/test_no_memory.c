/* test_no_memory.c - each allocation fails once: nothing is half there, and there is a sentence. */
#include <stdlib.h>

#include "core/plugin/cell.h"
#include "core/plugin/registry.h"
#include "core/plugin/ticket.h"
#include "core/plugin/uses.h"
#include "core/plugin/window.h"
#include "tests/alloc.h"
#include "tests/plugin/crewed.h"
#include "tests/plugin/written.h"

static const struct weir_host *slot;
static struct crewed crewed;
static int opened, closed, freed;

static void free_value(void *value)
{
	freed++;
	free(value);
}

static bool open_toy(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct weir_cell *cell = slot->cell_new(setup, free_value);
	char *value = malloc(8);

	(void)slot->option_object(setup, "box", 0);
	if (cell == NULL || value == NULL) {
		free(value);
		return weir_fail(error, "out of memory");
	}
	if (!slot->cell_publish(cell, value))
		return weir_fail(error, "out of memory");
	*self = cell;
	opened++;
	return true;
}

static void close_toy(void *self)
{
	(void)self;
	closed++;
}

static enum weir_verdict next(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static const struct weir_option inner[] = { { .name = "n", .type = WEIR_INTEGER }, { 0 } };

static const struct weir_option options[] = {
	{ .name = "text", .type = WEIR_TEXT },
	{ .name = "list", .type = WEIR_TEXT, .list = true },
	{ .name = "map", .type = WEIR_MAP, .of = WEIR_TEXT },
	{ .name = "box", .type = WEIR_OBJECT, .fields = inner },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = next);

static const struct weir_plugin plugin = {
	.size = sizeof(plugin), .major = WEIR_API_MAJOR, .option_size = sizeof(struct weir_option),
	.host = &slot, .name = "toy", .options = options, .open = open_toy, .close = close_toy,
	.policy = &policy,
};

/* What is tried, once more for each allocation that it makes. */
struct attempt {
	struct registry *registry;
	struct uses *uses;
	struct use_order order;
	struct weir_use *use;
	struct weir_error error;
	uint64_t fails_at, asked;
	bool ok;
};

static void take(void *arg)
{
	struct attempt *a = arg;

	alloc_fail_at(a->fails_at);
	a->use = uses_take(a->uses, &a->order, &a->error);
	a->asked = alloc_count();
	alloc_fail_at(0);
}

static void release(void *arg)
{
	use_release(((struct attempt *)arg)->use);
}

static void a_use_is_there_or_not_at_all(void **state)
{
	struct attempt a = { .fails_at = 0 };
	struct written written;

	(void)state;
	crewed_begin(&crewed);
	a.registry = registry_new();
	a.uses = uses_new(a.registry, &crewed.crew, &a.error);
	assert_true(registry_add(a.registry, &plugin, &a.error));
	written_read(&written, options, "{text: a, list: [b, c], map: {k: v}, box: {n: 1}}");
	a.order = (struct use_order){ .role = AS_POLICY, .plugin = STR("toy"),
				      .path = STR("route r, policy 1"), .place = STR("w.yaml:1:1"),
				      .values = written.values };
	do {
		a.fails_at++;
		a.error.text[0] = '\0';
		crewed_do(&crewed.control, take, &a);
		if (a.use == NULL)
			assert_non_null(strstr(a.error.text, "out of memory"));
		else
			crewed_do(&crewed.control, release, &a);
		crewed_settle(&crewed);
		assert_true(uses_idle(a.uses));
		assert_int_equal(opened, closed);
	} while (a.asked >= a.fails_at);
	assert_true(a.fails_at > 4);
	assert_int_equal(opened, 1);

	crewed_end(&crewed);
	uses_free(a.uses);
	registry_free(a.registry);
	written_end(&written);
}

static void add(struct attempt *a)
{
	alloc_fail_at(a->fails_at);
	a->registry = registry_new();
	if (a->registry != NULL) {
		a->ok = registry_add(a->registry, &plugin, &a->error);
		if (a->ok)
			a->ok = registry_find_role(a->registry, STR("toy"), AS_POLICY, &a->error) !=
				NULL;
	}
	a->asked = alloc_count();
	alloc_fail_at(0);
	registry_free(a->registry);
}

static void a_registry_without_memory_says_so(void **state)
{
	struct attempt a = { .fails_at = 0 };

	(void)state;
	setenv("WEIR_PLUGIN_DIR", "/nonexistent", 1);
	do {
		a = (struct attempt){ .fails_at = a.fails_at + 1 };
		add(&a);
		if (a.registry != NULL && !a.ok)
			assert_non_null(strstr(a.error.text, "out of memory"));
	} while (a.asked >= a.fails_at);
	assert_true(a.ok);
}

static struct registry *stamps;

static void a_file_without_memory_is_loaded_the_next_time(void **state)
{
	const struct weir_str path = STR("tests/plugins");
	const struct kind *kind;
	uint64_t fails_at = 0, asked;

	(void)state;
	do {
		struct weir_error error = { "" };

		stamps = registry_new();
		assert_true(registry_set_path(stamps, &path, 1));
		alloc_fail_at(++fails_at);
		kind = registry_find(stamps, STR("stamp"), &error);
		asked = alloc_count();
		alloc_fail_at(0);
		if (kind == NULL) {
			assert_non_null(strstr(error.text, "out of memory"));
			assert_non_null(registry_find(stamps, STR("stamp"), NULL));
		}
		registry_free(stamps);
	} while (asked >= fails_at);
	assert_non_null(kind);
}

struct holder {
	struct hold_list holds;
	struct arena arena;
	struct weir_ticket ticket;
	uint64_t fails_at;
};

static void take_ticket(void *arg)
{
	struct holder *h = arg;

	alloc_fail_at(h->fails_at);
	h->ticket = ticket_take(&h->holds, &h->arena);
	alloc_fail_at(0);
	holds_drop(&h->holds);
}

static void a_ticket_is_there_or_not_at_all(void **state)
{
	struct holder h = { .fails_at = 1 };
	struct weir_error error = { "" };

	(void)state;
	crewed_begin(&crewed);
	assert_true(tickets_open(&crewed.crew, &error));
	arena_init(&h.arena, NULL, 1 << 16);
	crewed_do(&crewed.workers[0], take_ticket, &h);
	assert_int_equal(h.ticket.id, 0);
	h.fails_at = 2;
	crewed_do(&crewed.workers[0], take_ticket, &h);
	assert_int_equal(h.ticket.id, 0);	/* there is a slot now, but nothing to hold it by */
	h.fails_at = 0;
	crewed_do(&crewed.workers[0], take_ticket, &h);
	assert_int_not_equal(h.ticket.id, 0);
	arena_reset(&h.arena);
	tickets_close();
	crewed_end(&crewed);
	tickets_fini();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_use_is_there_or_not_at_all),
		cmocka_unit_test(a_registry_without_memory_says_so),
		cmocka_unit_test(a_file_without_memory_is_loaded_the_next_time),
		cmocka_unit_test(a_ticket_is_there_or_not_at_all),
	};

	return cmocka_run_group_tests_name("no_memory", tests, NULL, NULL);
}
