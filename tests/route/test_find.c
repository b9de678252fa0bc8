/* test_find.c - finding a route costs the same among ten and ten thousand, and no memory. */
#include "core/base/rng.h"
#include "tests/route/route.h"

/* This program is linked with --wrap, so that every allocation of ours passes here. */
static unsigned long allocations, fail_at;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

static bool fails(void)
{
	return ++allocations == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

/* `count` routes over a thousand hosts, with names and stars, and the table of them. */
struct many {
	struct arena arena;
	struct table *table;
};

static void build_many(struct many *m, uint32_t count)
{
	const struct route_spec **pointers;
	struct weir_error error = { "" };
	struct route_spec *specs;

	arena_init(&m->arena, NULL, 1 << 28);
	specs = arena_zero(&m->arena, count * sizeof(*specs));
	pointers = arena_zero(&m->arena, count * sizeof(*pointers));
	for (uint32_t i = 0; i < count; i++) {
		static const char *const paths[] = {
			"/service%u/{id}", "/service%u/*", "/service%u/list", "/v1/{x}/item%u",
		};
		struct weir_str *host = arena_zero(&m->arena, sizeof(*host));

		*host = arena_print(&m->arena, i % 3 == 0 ? "*.h%u.example" : "h%u.example",
				    i % 1000);
		specs[i].number = i;
		specs[i].name = arena_print(&m->arena, "route %u", i);
		specs[i].path = arena_print(&m->arena, paths[i % 4], i);
		specs[i].hosts = host;
		specs[i].host_count = i % 7 != 0;
		pointers[i] = &specs[i];
	}
	m->table = table_build(pointers, count, &error);
	if (m->table == NULL)
		fail_msg("%s", error.text);
}

static void drop_many(struct many *m)
{
	table_free(m->table);
	arena_reset(&m->arena);
}

/* The most steps that any of these requests takes. */
static uint32_t most_steps(struct desk *d, uint32_t count)
{
	static const char *const lines[] = {
		"GET /service%u/17", "GET /service%u/a/b/c", "GET /service%u/list",
		"GET /v1/z/item%u", "GET /none/%u",
	};
	struct many m;
	uint32_t most = 0;

	build_many(&m, count);
	d->table = m.table;
	for (uint32_t i = 0; i < 1000; i++) {
		char line[100], host[100];

		snprintf(line, sizeof(line), lines[i % 5], i % count);
		snprintf(host, sizeof(host), "%sh%u.example", i % 2 == 0 ? "a.b." : "", i % count);
		ask(d, line, host, NULL);
		if (d->found.steps > most)
			most = d->found.steps;
	}
	d->table = NULL;
	drop_many(&m);
	return most;
}

static void ten_thousand_routes_take_no_more_steps_than_ten(void **state)
{
	struct desk *d = *state;
	uint32_t few = most_steps(d, 10), many = most_steps(d, 10000);

	printf("most steps: %u among 10 routes, %u among 10,000\n", few, many);
	assert_in_range(many, 1, 60);	/* linear would be thousands; runs of slots vary a little */
	assert_in_range(few, 1, 60);
}

static void finding_allocates_nothing(void **state)
{
	struct desk *d = *state;
	unsigned long before;

	add(d, "*.x", "/a/{n}/*", NULL);
	add(d, NULL, "/r/([0-9]+)/.*", NULL)->path_is_regex = true;
	with(d, add(d, NULL, "/a/*", NULL), ON_QUERY, TEST_IS, "b", "1");
	build(d);
	ask(d, "GET /r/17/x", "h", NULL);	/* a thread's first match takes its memory */

	before = allocations;
	assert_int_equal(table_find(d->table, &d->ask, &d->found, &d->allowed), ROUTE_FOUND);
	assert_int_equal(d->found.number, 1);
	d->request.path = STR("/a/b/c");
	d->request.query = STR("b=1");
	assert_int_equal(table_find(d->table, &d->ask, &d->found, &d->allowed), ROUTE_FOUND);
	d->request.host = STR("a.b.x");
	assert_int_equal(table_find(d->table, &d->ask, &d->found, &d->allowed), ROUTE_FOUND);
	d->request.path = STR("/none");
	assert_int_equal(table_find(d->table, &d->ask, &d->found, &d->allowed), ROUTE_NONE);

	assert_int_equal(allocations, before);
}

static void a_host_of_many_labels_is_looked_up_no_deeper_than_wildcards_go(void **state)
{
	struct desk *d = *state;
	char host[256] = "";

	add(d, "*.b.x", NULL, NULL);
	build(d);
	for (size_t i = 0; i < 120; i++)
		memcpy(host + 2 * i, "a.", 3);
	strcat(host, "x");
	goes_nowhere(d, "GET /", host, NULL);

	assert_in_range(d->found.steps, 1, 10);
}

static void a_path_of_many_segments_is_walked_no_deeper_than_routes_go(void **state)
{
	struct desk *d = *state;
	char line[2000] = "GET ";

	add(d, NULL, "/{a}/{b}/c", NULL);
	build(d);
	for (size_t i = 0; i < 900; i++)
		memcpy(line + 4 + 2 * i, "/a", 3);
	goes_nowhere(d, line, "h", NULL);

	assert_in_range(d->found.steps, 1, 20);
}

/* Every path of `depth` segments, each an "a" or a name: all but one lead one step too far. */
static struct table *build_forks(struct arena *arena, unsigned depth, struct weir_error *error)
{
	uint32_t count = 1u << depth;
	struct route_spec *specs = arena_zero(arena, count * sizeof(*specs));
	const struct route_spec **pointers = arena_zero(arena, count * sizeof(*pointers));

	for (uint32_t i = 0; i < count; i++) {
		struct weir_str path = STR("");

		for (unsigned bit = 0; bit < depth; bit++)
			path = (i >> bit & 1) != 0
				? arena_print(arena, "%.*s/a", STR_ARG(path))
				: arena_print(arena, "%.*s/{n%u}", STR_ARG(path), bit);
		specs[i].number = i;
		specs[i].name = STR("fork");
		specs[i].path = arena_print(arena, "%.*s/end", STR_ARG(path));
		pointers[i] = &specs[i];
	}
	return table_build(pointers, count, error);
}

static void forks_in_the_path_are_bounded(void **state)
{
	struct desk *d = *state;
	struct arena arena;

	arena_init(&arena, NULL, 1 << 28);
	d->table = build_forks(&arena, 10, &d->error);
	assert_non_null(d->table);
	goes_nowhere(d, "GET /a/a/a/a/a/a/a/a/a/a/x", "h", NULL);
	printf("forks: %u steps\n", d->found.steps);
	assert_in_range(d->found.steps, 1024, 8192);

	assert_null(build_forks(&arena, 12, &d->error));
	assert_string_equal(d->error.text, "too many paths have both a {name} and a text at the same "
			    "place, segment after segment; no request can be told apart quickly");
	arena_reset(&arena);
}

static void a_build_without_memory_fails_cleanly_wherever_it_runs_out(void **state)
{
	struct desk *d = *state;
	unsigned long n = 1;

	with(d, add(d, "a *.b", "/a/{x}/*", "GET PURGE"), ON_HEADER, TEST_REGEX, "x", "a+");
	add(d, NULL, "/r/.*", NULL)->path_is_regex = true;
	for (int i = 0; i < 20; i++)
		add(d, NULL, arena_print(&d->arena, "/p%d/{x}%c", i, 0).data, NULL);
	for (; d->table == NULL && n < 1000; n++) {
		struct weir_error error = { "" };

		allocations = 0;
		fail_at = n;
		d->table = table_build(d->pointers, d->count, &error);
		fail_at = 0;
		if (d->table == NULL && strstr(error.text, "out of memory") == NULL)
			fail_msg("allocation %lu: %s", n, error.text);
	}

	assert_non_null(d->table);
	assert_in_range(n, 10, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(ten_thousand_routes_take_no_more_steps_than_ten),
		desk_test(finding_allocates_nothing),
		desk_test(a_host_of_many_labels_is_looked_up_no_deeper_than_wildcards_go),
		desk_test(a_path_of_many_segments_is_walked_no_deeper_than_routes_go),
		desk_test(forks_in_the_path_are_bounded),
		desk_test(a_build_without_memory_fails_cleanly_wherever_it_runs_out),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
