/* fuzz_pattern.c - a table of one route takes a path exactly when its pattern does. The input is
 * the pattern ("~" before it: a regular expression), a line feed, and the path. */
#include "core/http/target.h"
#include "core/route/pattern.h"
#include "core/route/table.h"
#include "tests/fuzz/fuzz.h"

/* Slices of the path, and no name twice. */
static void check_captures(const struct route_found *found, struct weir_str path)
{
	must(found->capture_count <= ROUTE_CAPTURES);
	for (uint32_t i = 0; i < found->capture_count; i++) {
		struct weir_str value = found->captures[i].value;

		must(value.data >= path.data && value.data + value.len <= path.data + path.len);
		must(route_capture(found, found->captures[i].name).data != NULL);
	}
}

static void compare(struct arena *arena, const struct route_spec *spec, const struct pattern *p,
		    struct weir_str path)
{
	const struct route_spec *specs[] = { spec };
	struct request r = { .method = METHOD_GET, .method_text = STR("GET"), .path = path };
	struct route_ask ask = { .request = &r, .arena = arena };
	struct weir_error error = { "" };
	struct table *t = table_build(specs, 1, &error);
	struct route_found by_table, by_pattern;
	struct weir_str allowed;
	bool taken;

	must(t != NULL);
	headers_init(&r.headers, arena, 1);
	taken = table_find(t, &ask, &by_table, &allowed) == ROUTE_FOUND;
	must(taken == pattern_match(p, path, &by_pattern));
	if (taken) {
		must(by_table.capture_count == by_pattern.capture_count);
		check_captures(&by_table, path);
	}
	table_free(t);
}

static void run(struct arena *arena, struct weir_str pattern, struct weir_str path)
{
	struct route_spec spec = { .path = pattern };
	struct weir_error error = { "" };
	struct pattern *p;

	spec.path_is_regex = str_starts(pattern, STR("~"));
	if (spec.path_is_regex)
		spec.path = str_skip(pattern, 1);
	p = pattern_open(arena, spec.path, spec.path_is_regex, &error);
	must((p == NULL) == (error.text[0] != '\0'));
	if (p == NULL)
		return;
	if (path_normalise(arena, path, true, &path) == REASON_NONE)
		compare(arena, &spec, p, path);
	pattern_close(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str in = str_of((const char *)data, size);
	size_t cut = str_find(in, '\n');
	struct arena arena;

	if (size > 2048)
		return 0;
	arena_init(&arena, NULL, 1024 * 1024);
	run(&arena, str_head(in, cut), str_skip(in, cut + 1));
	arena_reset(&arena);
	return 0;
}
