/* test_balancers.c - what every balancer must do, asked of each in the fake world. */
#include <weir/fake_roles.h>

#include "tests/test.h"

enum { MEMBERS = 5, PICKS = 4000 };

static const struct weir_endpoint members[MEMBERS] = {
	{ .address = WEIR_STR("10.0.0.1:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.2:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.3:80"), .weight = 2 },
	{ .address = WEIR_STR("10.0.0.4:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.5:80"), .weight = 0 },
};

/* A balancer with a table of some of the members, and a request that is to be placed. */
struct world {
	struct weir_fake *fake;
	struct weir_fake_use *use;
	struct weir_fake_table *table;
	struct weir_exchange *ex;
	struct weir_error error;
};

static void build(struct world *w, uint32_t count)
{
	w->table = weir_fake_build(w->use, members, count, &w->error);
	assert_non_null(w->table);
}

static void begin_with(struct world *w, const char *name, const char *options)
{
	const struct weir_plugin *plugin;
	char path[128];

	*w = (struct world){ .fake = weir_fake_new() };
	(void)snprintf(path, sizeof(path), "plugins/%s/%s.so", name, name);
	plugin = weir_fake_load(path, &w->error);
	if (plugin == NULL)
		fail_msg("%s", w->error.text);
	w->use = weir_fake_open(w->fake, plugin, options, &w->error);
	w->ex = weir_fake_exchange(w->fake, "GET", "/");
}

static void begin(struct world *w, const char *name, const char *options)
{
	begin_with(w, name, options);
	if (w->use == NULL)
		fail_msg("%s", w->error.text);
	build(w, MEMBERS);
}

static void end(struct world *w)
{
	assert_true(weir_fake_free(w->fake));
}

static uint32_t pick(struct world *w)
{
	return weir_fake_pick(w->table, w->ex);
}

/* Another client for each number. */
static void comes_from(struct world *w, unsigned n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	weir_fake_set_part(w->ex, WEIR_PART_CLIENT, weir_str_from(text));
}

static void all_are_out(struct world *w)
{
	for (uint32_t i = 0; i < MEMBERS; i++)
		weir_fake_set_usable(w->table, i, false);
}

static const struct { const char *name, *options; } all[] = {
	{ "round_robin", "{}" }, { "random", "{}" }, { "least_request", "{}" },
	{ "ring_hash", "{key: client.ip}" }, { "latency", "{}" },
};

#define for_each_balancer(w) \
	for (size_t n = 0; n < sizeof(all) / sizeof(all[0]); n++) \
		for (bool once = (begin(w, all[n].name, all[n].options), true); once; \
		     once = false, end(w))

static void everybody_gets_something(void **state)
{
	struct world w;

	(void)state;
	for_each_balancer(&w) {
		uint32_t got[MEMBERS] = { 0 };

		for (unsigned i = 0; i < PICKS; i++) {
			comes_from(&w, i);
			got[pick(&w)]++;
		}
		for (int i = 0; i < MEMBERS; i++)
			if (got[i] < PICKS / 20)
				fail_msg("%s gave %u of %d to %d", all[n].name, got[i], PICKS, i);
	}
}

static void what_may_not_be_used_is_not_given(void **state)
{
	struct world w;

	(void)state;
	for_each_balancer(&w) {
		weir_fake_set_usable(w.table, 0, false);
		weir_fake_set_usable(w.table, 2, false);
		for (unsigned i = 0; i < PICKS; i++) {
			uint32_t got;

			comes_from(&w, i);
			got = pick(&w);
			if (got == 0 || got == 2 || got >= MEMBERS)
				fail_msg("%s gave %u", all[n].name, got);
		}
	}
}

static void the_last_one_is_found_and_none_is_said(void **state)
{
	struct world w;

	(void)state;
	for_each_balancer(&w) {
		all_are_out(&w);
		assert_int_equal(pick(&w), WEIR_PICK_NONE);
		weir_fake_set_usable(w.table, 3, true);
		for (int i = 0; i < 50; i++)
			assert_int_equal(pick(&w), 3);
	}
}

static void an_empty_set_is_a_set(void **state)
{
	struct world w;

	(void)state;
	for_each_balancer(&w) {
		build(&w, 0);
		assert_int_equal(pick(&w), WEIR_PICK_NONE);
		build(&w, 1);
		assert_int_equal(pick(&w), 0);
	}
}

static void a_double_weight_is_a_double_share(void **state)
{
	struct world w;

	(void)state;
	for (int n = 0; n < 3; n++) {	/* those that keep to weights exactly */
		uint32_t got[MEMBERS] = { 0 };

		begin(&w, all[n].name, all[n].options);
		for (int i = 0; i < 6 * PICKS; i++)
			got[pick(&w)]++;
		assert_in_range(got[2], 2 * PICKS * 9 / 10, 2 * PICKS * 11 / 10);
		assert_in_range(got[4], PICKS * 9 / 10, PICKS * 11 / 10);
		end(&w);
	}
}

static void the_less_busy_are_preferred(void **state)
{
	struct world w;
	uint32_t got[MEMBERS] = { 0 };

	(void)state;
	begin(&w, "least_request", "{}");
	weir_fake_set_in_flight(w.table, 1, 50);
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_in_range(got[1], 0, PICKS / 50);
	end(&w);
}

static void the_same_key_goes_to_the_same_endpoint(void **state)
{
	struct world w;
	uint32_t first;

	(void)state;
	begin(&w, "ring_hash", "{key: header.x-user}");
	weir_fake_add_header(w.ex, WEIR_REQUEST, "x-user", WEIR_STR("ada"));
	first = pick(&w);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pick(&w), first);
	end(&w);
}

static void what_has_no_key_stays_together_or_spreads(void **state)
{
	struct world w;
	uint32_t first;
	bool other = false;

	(void)state;
	begin(&w, "ring_hash", "{key: header.x-user}");
	first = pick(&w);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pick(&w), first);
	end(&w);

	begin(&w, "ring_hash", "{key: header.x-user, missing: spread}");
	for (int i = 0; i < 200; i++)
		other |= pick(&w) != first;
	assert_true(other);
	end(&w);
}

/* What is learnt survives a change of the set, under the name it was learnt of. */
static void the_slow_one_is_avoided_and_remembered(void **state)
{
	struct world w;
	uint32_t got[MEMBERS] = { 0 };

	(void)state;
	begin(&w, "latency", "{decay: 10s}");
	for (uint32_t i = 0; i < MEMBERS; i++)
		weir_fake_report(w.table, i, i == 1 ? 500000000 : 5000000, true);
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_int_equal(got[1], 0);	/* whoever it is drawn with is faster */

	w.table = weir_fake_build_after(w.table, members, 3, &w.error);
	memset(got, 0, sizeof(got));
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_int_equal(got[1], 0);
	end(&w);
}

static void one_that_fails_at_once_is_not_fast(void **state)
{
	struct world w;
	uint32_t got[MEMBERS] = { 0 };

	(void)state;
	begin(&w, "latency", "{}");
	for (uint32_t i = 0; i < MEMBERS; i++)
		weir_fake_report(w.table, i, i == 3 ? 20000 : 5000000, i != 3);
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_int_equal(got[3], 0);
	end(&w);
}

static void options_out_of_reason_are_refused(void **state)
{
	struct world w;

	(void)state;
	begin_with(&w, "latency", "{decay: 1us}");
	assert_null(w.use);
	assert_string_equal(w.error.text, "`decay` must be between 1ms and 1h");
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_gets_something),
		cmocka_unit_test(what_may_not_be_used_is_not_given),
		cmocka_unit_test(the_last_one_is_found_and_none_is_said),
		cmocka_unit_test(an_empty_set_is_a_set),
		cmocka_unit_test(a_double_weight_is_a_double_share),
		cmocka_unit_test(the_less_busy_are_preferred),
		cmocka_unit_test(the_same_key_goes_to_the_same_endpoint),
		cmocka_unit_test(what_has_no_key_stays_together_or_spreads),
		cmocka_unit_test(the_slow_one_is_avoided_and_remembered),
		cmocka_unit_test(one_that_fails_at_once_is_not_fast),
		cmocka_unit_test(options_out_of_reason_are_refused),
	};

	return cmocka_run_group_tests_name("balancers", tests, NULL, NULL);
}
