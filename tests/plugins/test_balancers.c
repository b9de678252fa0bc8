/* test_balancers.c - what every balancer must do, asked of each through the window. */
#include "tests/plugins/loaded.h"

enum { MEMBERS = 5, PICKS = 4000 };

/* What the host knows during a pick; the plugin sees the first member. */
struct host_pick {
	struct weir_pick pick;
	bool out[MEMBERS];
	uint32_t in_flight[MEMBERS];
	uint64_t key;
	bool has_key;
};

static const struct weir_endpoint members[MEMBERS] = {
	{ .address = WEIR_STR("10.0.0.1:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.2:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.3:80"), .weight = 2 },
	{ .address = WEIR_STR("10.0.0.4:80"), .weight = 1 },
	{ .address = WEIR_STR("10.0.0.5:80"), .weight = 0 },
};

static bool usable(const struct weir_pick *pick, uint32_t i)
{
	return !((const struct host_pick *)(const void *)pick)->out[i];
}

static uint32_t in_flight(const struct weir_pick *pick, uint32_t i)
{
	return ((const struct host_pick *)(const void *)pick)->in_flight[i];
}

static uint32_t weight(const struct weir_pick *pick, uint32_t i)
{
	(void)pick;
	return 1000 * (members[i].weight > 0 ? members[i].weight : 1);
}

static bool key_hash(const struct weir_pick *pick, const struct weir_key *key, uint64_t *hash)
{
	const struct host_pick *p = (const struct host_pick *)(const void *)pick;

	(void)key;
	*hash = p->has_key ? p->key : 77;
	return p->has_key;
}

/* A balancer with a table of the first `count` members, and one worker's state. */
struct world {
	struct loaded loaded;
	const struct weir_balancer *b;
	struct host_pick ask;
	void *table, *state;
};

static void build(struct world *w, uint32_t count)
{
	struct weir_error error = { "" };
	size_t size;

	w->table = NULL;
	assert_true(w->b->build == NULL ||
		    w->b->build(&w->loaded.here, members, count, &w->table, &error));
	size = w->b->state_size != NULL ? w->b->state_size(&w->loaded.here, w->table, count) : 0;
	w->state = calloc(1, size + 1);
	if (w->b->state_init != NULL)
		w->b->state_init(&w->loaded.here, w->table, w->state, count, 12345);
	w->ask.pick = (struct weir_pick){ .size = sizeof(struct weir_pick), .count = count,
					  .attempt = 1, .state = size > 0 ? w->state : NULL };
}

static void drop(struct world *w)
{
	if (w->b->table_free != NULL)
		w->b->table_free(w->table);
	free(w->state);
}

static void begin(struct world *w, const char *name, const char *options)
{
	struct weir_host *host = window_table();

	*w = (struct world){ .ask = { .has_key = true } };
	host->pick_usable = usable;
	host->pick_in_flight = in_flight;
	host->pick_weight = weight;
	host->pick_key = key_hash;
	loaded_open(&w->loaded, name, options);
	assert_true(w->loaded.open);
	w->b = w->loaded.kind->plugin.balancer;
	assert_non_null(w->b);
	build(w, MEMBERS);
}

static void end(struct world *w)
{
	drop(w);
	loaded_close(&w->loaded);
}

static uint32_t pick(struct world *w)
{
	return w->b->pick(&w->loaded.here, w->table, &w->ask.pick);
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

		for (uint64_t i = 0; i < PICKS; i++) {
			w.ask.key = i * 0x9e3779b97f4a7c15ull;
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
		w.ask.out[0] = w.ask.out[2] = true;
		for (uint64_t i = 0; i < PICKS; i++) {
			uint32_t got;

			w.ask.key = i * 0x9e3779b97f4a7c15ull;
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
		memset(w.ask.out, true, sizeof(w.ask.out));
		assert_int_equal(pick(&w), WEIR_PICK_NONE);
		w.ask.out[3] = false;
		for (int i = 0; i < 50; i++)
			assert_int_equal(pick(&w), 3);
	}
}

static void an_empty_set_is_a_set(void **state)
{
	struct world w;

	(void)state;
	for_each_balancer(&w) {
		drop(&w);
		build(&w, 0);
		assert_int_equal(pick(&w), WEIR_PICK_NONE);
		drop(&w);
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
	w.ask.in_flight[1] = 50;
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
	w.ask.key = 4711;
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
	w.ask.has_key = false;
	first = pick(&w);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pick(&w), first);
	end(&w);

	begin(&w, "ring_hash", "{key: header.x-user, missing: spread}");
	w.ask.has_key = false;
	for (int i = 0; i < 200; i++)
		other |= pick(&w) != first;
	assert_true(other);
	end(&w);
}

static uint64_t time_of_test;

static uint64_t now(void)
{
	return time_of_test;
}

/* What is learnt survives a change of the set, under the name it was learnt of. */
static void the_slow_one_is_avoided_and_remembered(void **state)
{
	struct world w, before;
	uint32_t got[MEMBERS] = { 0 };

	(void)state;
	window_table()->now = now;
	time_of_test = 1000000000;
	begin(&w, "latency", "{decay: 10s}");
	for (uint32_t i = 0; i < MEMBERS; i++)
		w.b->report(&w.loaded.here, w.table, w.state, i, i == 1 ? 500000000 : 5000000, true);
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_int_equal(got[1], 0);	/* whoever it is drawn with is faster */

	before = w;
	build(&w, 3);
	w.b->state_carry(&w.loaded.here, w.table, w.state, before.table, before.state);
	drop(&before);
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
	window_table()->now = now;
	time_of_test = 1000000000;
	begin(&w, "latency", "{}");
	for (uint32_t i = 0; i < MEMBERS; i++)
		w.b->report(&w.loaded.here, w.table, w.state, i, i == 3 ? 20000 : 5000000, i != 3);
	for (int i = 0; i < PICKS; i++)
		got[pick(&w)]++;
	assert_int_equal(got[3], 0);
	end(&w);
}

static void options_out_of_reason_are_refused(void **state)
{
	struct loaded l;

	(void)state;
	loaded_open(&l, "latency", "{decay: 1us}");
	assert_false(l.open);
	assert_string_equal(l.error.text, "`decay` must be between 1ms and 1h");
	loaded_close(&l);
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
