/* test_hidden.c - routes that no request can reach. */
#include "tests/route/route.h"

struct told {
	uint32_t hidden[MOST_ROUTES], by[MOST_ROUTES], count;
};

static void note(void *arg, uint32_t hidden, uint32_t by)
{
	struct told *t = arg;

	t->hidden[t->count] = hidden;
	t->by[t->count++] = by;
}

static struct told told(struct desk *d)
{
	struct told t = { .count = 0 };

	build(d);
	assert_true(table_hidden(d->table, note, &t));
	return t;
}

static void hides(struct desk *d, uint32_t hidden, uint32_t by)
{
	struct told t = told(d);

	assert_int_equal(t.count, 1);
	assert_int_equal(t.hidden[0], hidden);
	assert_int_equal(t.by[0], by);
}

static void hides_none(struct desk *d)
{
	struct told t = told(d);

	assert_int_equal(t.count, 0);
}

static void fewer_methods_behind_more_are_hidden(void **state)
{
	add(*state, "a.example", "/x", "GET HEAD");
	add(*state, "a.example", "/x", "GET");
	hides(*state, 1, 0);
}

static void more_methods_behind_fewer_are_not(void **state)
{
	add(*state, "a.example", "/x", "GET");
	add(*state, "a.example", "/x", "GET POST");
	hides_none(*state);
}

static void methods_without_a_number_count_too(void **state)
{
	add(*state, NULL, "/x", "GET PURGE");
	add(*state, NULL, "/x", "PURGE");
	add(*state, NULL, "/x", "PURGE BAN");
	hides(*state, 1, 0);
}

static void what_is_more_precise_is_never_hidden(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/*", NULL);
	add(d, NULL, "/x/*", NULL);
	add(d, NULL, "/x", NULL);
	add(d, NULL, "/x/{y}", NULL);
	add(d, "*.example", "/x", NULL);
	add(d, "a.example", "/x", NULL);
	with(d, add(d, NULL, "/*", NULL), ON_HEADER, TEST_PRESENT, "x-a", NULL);
	hides_none(d);
}

static void a_value_behind_its_presence_is_hidden(void **state)
{
	struct desk *d = *state;

	with(d, add(d, NULL, "/", NULL), ON_HEADER, TEST_PRESENT, "x-a", NULL);
	with(d, add(d, NULL, "/", NULL), ON_HEADER, TEST_IS, "X-A", "1");
	hides(d, 1, 0);
}

static void presence_behind_a_value_is_not(void **state)
{
	struct desk *d = *state;

	with(d, add(d, NULL, "/", NULL), ON_HEADER, TEST_IS, "x-a", "1");
	with(d, add(d, NULL, "/", NULL), ON_HEADER, TEST_PRESENT, "x-a", NULL);
	with(d, add(d, NULL, "/", NULL), ON_HEADER, TEST_ABSENT, "x-a", NULL);
	with(d, add(d, NULL, "/", NULL), ON_QUERY, TEST_PRESENT, "x-a", NULL);
	hides_none(d);
}

static void a_value_that_a_regex_takes_is_hidden_behind_it(void **state)
{
	struct desk *d = *state;

	with(d, add(d, NULL, "/", NULL), ON_QUERY, TEST_REGEX, "v", "^2");
	with(d, add(d, NULL, "/", NULL), ON_QUERY, TEST_IS, "v", "21");
	with(d, add(d, NULL, "/", NULL), ON_QUERY, TEST_IS, "v", "12");
	hides(d, 1, 0);
}

static void what_is_hidden_at_one_host_alone_is_reached_at_the_other(void **state)
{
	struct desk *d = *state;

	add(d, "a.example", "/x", "GET HEAD");
	add(d, "a.example b.example", "/x", "GET");
	hides_none(d);
	table_free(d->table);
	add(d, "b.example", "/x", "GET POST");	/* behind it */
	hides_none(d);
}

static void two_together_may_hide_a_third(void **state)
{
	struct desk *d = *state;

	add(d, "a.example", "/x", "GET HEAD");
	add(d, "b.example", "/x", "GET POST");
	add(d, "a.example b.example", "/x", "GET");
	hides(d, 2, 1);
}

static void regular_expressions_hide_their_like_alone(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/x/.*", "GET HEAD")->path_is_regex = true;
	add(d, NULL, "/x/.*", "GET")->path_is_regex = true;
	add(d, NULL, "/x/y.*", "GET")->path_is_regex = true;
	hides(d, 1, 0);
}

/* All of them, against the finder itself: who is told to be hidden is never found. */
static void nobody_who_is_told_is_ever_found(void **state)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "PURGE" };
	static const char *const fields[] = { NULL, "X-A: 1\r\n", "X-A: 2\r\n" };
	struct desk *d = *state;
	struct told t;

	for (unsigned i = 0; i < 8; i++) {
		struct route_spec *spec = add(d, i & 1 ? "h" : NULL, "/", i & 2 ? "GET PUT" : "GET");

		with(d, spec, ON_HEADER, i & 4 ? TEST_IS : TEST_PRESENT, "x-a", "1");
		spec->number = 7 - i;	/* the narrow ones last */
	}
	t = told(d);
	assert_true(t.count > 0);
	for (unsigned m = 0; m < ARRAY_LEN(methods); m++) {
		for (unsigned f = 0; f < ARRAY_LEN(fields); f++) {
			struct weir_str line = arena_print(&d->arena, "%s /%c", methods[m], '\0');

			if (ask(d, line.data, "h", fields[f]) != ROUTE_FOUND)
				continue;
			for (uint32_t i = 0; i < t.count; i++)
				assert_int_not_equal(d->found.number, t.hidden[i]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fewer_methods_behind_more_are_hidden),
		TEST(more_methods_behind_fewer_are_not),
		TEST(methods_without_a_number_count_too),
		TEST(what_is_more_precise_is_never_hidden),
		TEST(a_value_behind_its_presence_is_hidden),
		TEST(presence_behind_a_value_is_not),
		TEST(a_value_that_a_regex_takes_is_hidden_behind_it),
		TEST(what_is_hidden_at_one_host_alone_is_reached_at_the_other),
		TEST(two_together_may_hide_a_third),
		TEST(regular_expressions_hide_their_like_alone),
		TEST(nobody_who_is_told_is_ever_found),
	};

	return cmocka_run_group_tests_name("hidden", tests, NULL, NULL);
}
