/* test_tour.c - what docs/config shows is true: each YAML block loads, or says what stands below it. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/conf/folder.h"
#include "tests/conf/loading.h"

/* A fragment gets what it does not speak of, behind it, so that its lines keep their numbers. */
static const struct { const char *key, *text; } frame[] = {
	{ "listen:", "listen: 0.0.0.0:8080\n" },
	{ "services:", "services:\n  tariff-svc: {endpoints: ['h:1']}\n"
		       "  tariff-next: {endpoints: ['h:2']}\n  audit-svc: {endpoints: ['h:3']}\n" },
};

static const char *const names[] = { "README.md", "services.md", "../tracing.md" };
static struct weir_str pages[ARRAY_LEN(names)];
static struct folder folder;

/* Takes the block that begins at *rest with "```word", and leaves *rest behind it. */
static struct weir_str take_block(struct weir_str *rest, struct weir_str opening)
{
	struct weir_str inside = str_skip(*rest, opening.len);
	size_t end = str_find_str(inside, STR("```\n"));

	*rest = str_skip(inside, end + 4);
	return str_head(inside, end);
}

static bool begins_a_line(struct weir_str text, const char *key)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "\n%s", key);
	return str_starts(text, str_from(key)) ||
	       str_find_str(text, str_from(line)) < text.len;
}

static void assert_block(struct weir_str yaml, struct weir_str want)
{
	struct buffer text;
	struct loaded l;

	buffer_init(&text, 1 << 20);
	assert_true(buffer_add(&text, yaml));
	for (size_t i = 0; i < ARRAY_LEN(frame); i++)
		if (!begins_a_line(yaml, frame[i].key))
			assert_true(buffer_add(&text, str_from(frame[i].text)));
	assert_true(buffer_add(&text, STR("\0")));
	folder_write(&folder, "weir.yaml", text.data);

	l = load_file("weir.yaml");
	if (!str_eq(str_from(l.said.data), want))
		fail_msg("%.*s\nsays\n%s\ninstead of\n%.*s", STR_ARG(yaml), l.said.data,
			 STR_ARG(want));
	unload(&l);
	buffer_fini(&text);
}

static unsigned assert_page(struct weir_str rest)
{
	const struct weir_str yaml = STR("```yaml\n"), words = STR("```text\n");
	unsigned blocks = 0;

	for (;;) {
		struct weir_str block, after, want = STR("");

		rest = str_skip(rest, str_find_str(rest, yaml));
		if (rest.len == 0)
			return blocks;
		block = take_block(&rest, yaml);
		after = str_skip(rest, str_find_str(rest, STR("```")));
		if (str_starts(after, words))
			want = take_block(&after, words);
		assert_block(block, want);
		blocks++;
	}
}

static void every_block_of_the_tour_does_as_it_says(void **state)
{
	(void)state;
	assert_true(assert_page(pages[0]) > 15);
}

static void every_block_about_services_loads(void **state)
{
	(void)state;
	assert_true(assert_page(pages[1]) > 5);
}

static int begin(void **state)
{
	const char *source = getenv("WEIR_SOURCE");
	static struct arena arena;
	struct weir_error error;
	char path[1024];

	arena_init(&arena, NULL, 1 << 22);
	*state = &arena;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/docs/config/%s",
			       source != NULL ? source : ".", names[i]);
		if (!source_read(&arena, path, 1 << 20, true, &pages[i], &error))
			return -1;
	}
	folder = folder_make();
	folder_below(&folder, "conf.d");
	folder_write(&folder, "admin.token", "s3cret\n");
	return chdir(folder.path);
}

static int end(void **state)
{
	arena_reset(*state);
	folder_remove(&folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_of_the_tour_does_as_it_says),
		cmocka_unit_test(every_block_about_services_loads),
	};

	return cmocka_run_group_tests_name("tour", tests, begin, end);
}
