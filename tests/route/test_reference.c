/* test_reference.c - the table says what the rules say, on thousands of random routes and
 * requests. */
#include "core/base/rng.h"
#include "tests/route/reference.h"
#include "tests/route/route.h"

enum { TABLES = 3000, REQUESTS = 30 };

static const char *const hosts[] = { "a.x", "b.x", "*.x", "*.a.x", "c", "*.c" };
static const char *const asked_hosts[] = {
	"a.x", "b.x", "q.x", "q.a.x", "p.q.a.x", "c", "q.c", "d",
};
static const char *const segments[] = { "a", "b", "{p}", "{q}", "c" };
static const char *const methods[] = { "GET", "POST", "PUT" };

/* Of a pattern (names, each once, and a star at the end) or of a request. */
static struct weir_str random_path(struct desk *d, struct rng *dice, bool pattern)
{
	bool used[5] = { false, false, !pattern, !pattern, false };
	struct weir_str path = STR("");

	for (uint32_t left = rng_below(dice, 4); left > 0; left--) {
		uint32_t pick = rng_below(dice, 5);

		if (used[pick])
			pick = 4;
		used[pick] = pick == 2 || pick == 3;
		path = arena_print(&d->arena, "%.*s/%s", STR_ARG(path), segments[pick]);
	}
	if (path.len == 0 || rng_below(dice, 5) == 0)
		path = arena_print(&d->arena, "%.*s/", STR_ARG(path));
	else if (pattern && rng_below(dice, 4) == 0)
		path = arena_print(&d->arena, "%.*s/%c", STR_ARG(path), '*');
	return path;
}

static void random_list(struct desk *d, struct rng *dice, const char *const *from, uint32_t of,
			const struct weir_str **list, uint32_t *count)
{
	struct weir_str *words_ = arena_zero(&d->arena, 2 * sizeof(*words_));
	uint32_t first = rng_below(dice, of);

	*list = words_;
	*count = rng_below(dice, 3);
	words_[0] = str_from(from[first]);
	words_[1] = str_from(from[(first + 1) % of]);
}

static void random_route(struct desk *d, struct rng *dice)
{
	struct route_spec *spec = add(d, NULL, NULL, NULL);

	random_list(d, dice, hosts, 6, &spec->hosts, &spec->host_count);
	random_list(d, dice, methods, 3, &spec->methods, &spec->method_count);
	switch (rng_below(dice, 8)) {
	case 0:
		break;
	case 1:
		spec->path = str_from(known_regexes[rng_below(dice, known_regex_count)].text);
		spec->path_is_regex = true;
		break;
	default:
		spec->path = random_path(d, dice, true);
	}
	if (rng_below(dice, 3) == 0)
		with(d, spec, ON_HEADER, TEST_IS, "x-one", rng_below(dice, 2) == 0 ? "1" : "2");
	if (rng_below(dice, 4) == 0)
		with(d, spec, ON_HEADER, TEST_PRESENT, "x-two", NULL);
}

static void same_methods(struct weir_str allow, uint32_t wanted)
{
	struct weir_str part;
	uint32_t got = 0;

	while (str_next(&allow, ',', &part))
		got |= 1u << method_of(part);
	assert_int_equal(got, wanted);
}

static enum route_result compare_once(struct desk *d, struct rng *dice, unsigned round)
{
	static const char *const fields[] = {
		"", "X-One: 1\r\n", "X-One: 2\r\nX-Two: \r\n", "X-Two: y\r\nX-One: 1\r\n",
	};
	struct weir_str path = random_path(d, dice, false);
	struct weir_str line = arena_print(&d->arena, "%s %.*s%c", methods[rng_below(dice, 3)],
					   STR_ARG(path), 0);
	enum route_result got = ask(d, line.data, asked_hosts[rng_below(dice, 8)],
				    fields[rng_below(dice, 4)]), want;
	uint32_t number = 0, allowed;

	want = reference_find(d->pointers, d->count, &d->request, &number, &allowed);
	if (got != want || (got == ROUTE_FOUND && d->found.number != number))
		fail_msg("table %u, %s on %.*s: got %d r%u, wanted %d r%u", round, line.data,
			 STR_ARG(d->request.host), got, d->found.number, want, number);
	if (got == ROUTE_METHOD)
		same_methods(d->allowed, allowed);
	return got;
}

static void clear(struct desk *d)
{
	table_free(d->table);
	arena_reset(&d->arena);
	memset(d->specs, 0, sizeof(d->specs));
	d->table = NULL;
	d->count = 0;
	d->error.text[0] = '\0';
}

static void the_table_says_what_the_rules_say(void **state)
{
	struct desk *d = *state;
	struct rng dice;
	unsigned twins = 0, results[3] = { 0 };

	rng_init_seed(&dice, 20261123);
	for (unsigned round = 0; round < TABLES; round++) {
		uint32_t count = 1 + rng_below(&dice, 12);

		clear(d);
		while (d->count < count) {
			random_route(d, &dice);
			if (reference_has_twins(d->pointers, d->count) && rng_below(&dice, 2) > 0)
				memset(&d->specs[--d->count], 0, sizeof(d->specs[0]));
		}
		d->table = table_build(d->pointers, d->count, &d->error);
		if ((d->table == NULL) != reference_has_twins(d->pointers, d->count))
			fail_msg("table %u: %s", round, d->error.text);
		twins += d->table == NULL;
		for (unsigned i = 0; i < REQUESTS && d->table != NULL; i++)
			results[compare_once(d, &dice, round)]++;
	}
	printf("%u tables, %u with twins; %u requests found a route, %u none, %u no method\n", TABLES,
	        twins, results[ROUTE_FOUND], results[ROUTE_NONE], results[ROUTE_METHOD]);
	assert_in_range(twins, 20, TABLES / 2);
	assert_true(results[ROUTE_FOUND] > 5000 && results[ROUTE_NONE] > 5000);
	assert_true(results[ROUTE_METHOD] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(the_table_says_what_the_rules_say),
	};

	return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
