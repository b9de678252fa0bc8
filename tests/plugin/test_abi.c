/* test_abi.c - descriptors of any age. */
#include <stdlib.h>

#include "core/plugin/abi.h"
#include "tests/test.h"

static const struct weir_host *slot;
static struct arena arena;
static struct weir_plugin out;
static struct kind_roles roles;
static struct weir_error error;

static enum weir_verdict next(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static void done(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
}

static uint32_t pick(const struct weir_here *here, const void *table, struct weir_pick *p)
{
	(void)here, (void)table, (void)p;
	return 0;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = next, .on_done = done);

static struct weir_plugin descriptor(void)
{
	return (struct weir_plugin){
		.size = sizeof(struct weir_plugin), .major = WEIR_API_MAJOR,
		.minor = WEIR_API_NEWEST, .option_size = sizeof(struct weir_option),
		.host = &slot, .name = "test", .policy = &policy,
	};
}

static bool reads(const void *found)
{
	error.text[0] = '\0';
	return abi_read(found, &arena, &out, &roles, &error);
}

static int start(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void one_of_today_is_taken_as_it_is(void **state)
{
	struct weir_plugin p = descriptor();

	(void)state;
	assert_true(reads(&p));
	assert_ptr_equal(out.policy, &roles.policy);
	assert_ptr_equal(out.policy->on_request, next);
	assert_null(out.balancer);
}

/* What stands behind the end of an old struct is not its. */
static void an_old_role_lacks_what_came_later(void **state)
{
	struct weir_plugin p = descriptor();
	struct weir_policy old = policy;

	(void)state;
	old.size = offsetof(struct weir_policy, on_done);
	p.policy = &old;
	assert_true(reads(&p));
	assert_ptr_equal(out.policy->on_request, next);
	assert_null(out.policy->on_done);
	assert_int_equal(out.policy->size, sizeof(struct weir_policy));
}

/* A plugin that was built with larger structs, but asks for no newer calls. */
static void what_we_do_not_know_is_left_out(void **state)
{
	struct { struct weir_plugin known; void *unknown[4]; } p = { .known = descriptor() };
	struct { struct weir_policy known; void *unknown[4]; } role = { .known = policy };

	(void)state;
	memset(p.unknown, 0xff, sizeof(p.unknown));
	memset(role.unknown, 0xff, sizeof(role.unknown));
	p.known.size = sizeof(p);
	role.known.size = sizeof(role);
	p.known.policy = &role.known;
	assert_true(reads(&p));
	assert_int_equal(out.size, sizeof(out));
	assert_ptr_equal(out.policy->on_done, done);
}

static void rows_of_another_size_are_read_by_their_own(void **state)
{
	struct row { struct weir_option known; void *unknown[3]; };
	static const struct row fields[] = {
		{ .known = { .name = "inner", .type = WEIR_SIZE } }, { .known = { 0 } },
	};
	static const struct row rows[] = {
		{ .known = { .name = "first", .type = WEIR_TEXT }, .unknown = { "x", "y", "z" } },
		{ .known = { .name = "second", .type = WEIR_OBJECT, .fields = &fields[0].known } },
		{ .known = { 0 } },
	};
	struct weir_plugin p = descriptor();

	(void)state;
	p.options = &rows[0].known;
	p.option_size = sizeof(struct row);
	assert_true(reads(&p));
	assert_string_equal(out.options[0].name, "first");
	assert_string_equal(out.options[1].name, "second");
	assert_string_equal(out.options[1].fields[0].name, "inner");
	assert_int_equal(out.options[1].fields[0].type, WEIR_SIZE);
	assert_null(out.options[1].fields[1].name);
	assert_null(out.options[2].name);
}

static void refused(struct weir_plugin p, const char *sentence)
{
	assert_false(reads(&p));
	assert_string_equal(error.text, sentence);
}

static void another_time_is_refused(void **state)
{
	struct weir_plugin p = descriptor();

	(void)state;
	p.major = 2;
	refused(p, "it was built for plugin API 2, and this Weir has 1; build it again with the "
		   "headers of this Weir");
	p = descriptor();
	p.minor = 7;
	refused(p, "it was built for plugin API 1.7, and this Weir has 1.0; use a newer Weir, or "
		   "build it with -DWEIR_API_MINOR=0");
	p = descriptor();
	p.size = 40;
	refused(p, "its descriptor is not whole; end its main file with WEIR_PLUGIN(name, ...)");
}

static void one_that_can_do_nothing_is_refused(void **state)
{
	static const struct weir_balancer no_pick = { .size = sizeof(no_pick) };
	static const struct weir_balancer by_hand = { .size = sizeof(by_hand), .pick = pick };
	static const struct weir_policy no_hooks = { .size = sizeof(no_hooks) };
	struct weir_plugin p = descriptor();

	(void)state;
	p.policy = NULL;
	refused(p, "it plays no role; give its descriptor a .policy, .balancer, .discovery, .retry or "
		   ".tracer");
	p.balancer = &no_pick;
	refused(p, "its balancer has no `pick`, without which it can do nothing");
	p.balancer = &by_hand;
	refused(p, "its balancer has no `endpoint_size`, without which it can do nothing");
	p = descriptor();
	p.policy = &no_hooks;
	refused(p, "its policy has no `on_request`, without which it can do nothing");
}

static void names_are_words_of_the_configuration(void **state)
{
	static const char *const bad[] = { "", "Stamp", "9lives", "a-b", "a.b", "use", "any", "when",
					   "as", "on_error", "isolate" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(plugin_name_valid(str_from(bad[i])));
	assert_true(plugin_name_valid(STR("rate_limit2")));
	assert_true(plugin_name_valid(STR("users")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_of_today_is_taken_as_it_is, start, stop),
		cmocka_unit_test_setup_teardown(an_old_role_lacks_what_came_later, start, stop),
		cmocka_unit_test_setup_teardown(what_we_do_not_know_is_left_out, start, stop),
		cmocka_unit_test_setup_teardown(rows_of_another_size_are_read_by_their_own, start,
						stop),
		cmocka_unit_test_setup_teardown(another_time_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(one_that_can_do_nothing_is_refused, start, stop),
		cmocka_unit_test(names_are_words_of_the_configuration),
	};

	return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
