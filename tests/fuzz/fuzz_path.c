/* fuzz_path.c - a normalised path stays as it is, climbs nowhere and hides nothing. The first byte
 * chooses whether %2F may stand. */
#include "core/http/target.h"
#include "tests/fuzz/fuzz.h"

static bool has(struct weir_str path, const char *what)
{
	return str_find_str(path, str_from(what)) < path.len;
}

static void check_bytes(struct weir_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		must(c > 0x20 && c < 0x7f && strchr("#?\\\"<>^`{|}[]", c) == NULL);
	}
}

static void check_segments(struct weir_str path)
{
	struct weir_str rest = str_skip(path, 1);

	while (rest.len > 0) {
		size_t cut = str_find(rest, '/');
		struct weir_str segment = str_head(rest, cut);

		must(segment.len > 0);
		must(!str_eq(segment, STR(".")) && !str_eq(segment, STR("..")));
		must(!str_starts(segment, STR(".;")) && !str_starts(segment, STR("..;")));
		must(!str_starts(segment, STR("..%2F")) && !str_ends(segment, STR("%2F..")));
		rest = str_skip(rest, cut + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct weir_str out, again, in;
	bool keep = size > 0 && data[0] % 2 == 1;

	if (size == 0)
		return 0;
	in = str_of((const char *)data + 1, size - 1);
	arena_init(&arena, NULL, 1024 * 1024);
	if (path_normalise(&arena, in, keep, &out) == REASON_NONE) {
		must(out.len > 0 && out.data[0] == '/');
		must(!has(out, "//") && !has(out, "%00") && !has(out, "%5C"));
		must(keep || !has(out, "%2F"));
		must(out.len <= 3 * in.len);
		check_bytes(out);
		check_segments(out);
		must(path_normalise(&arena, out, keep, &again) == REASON_NONE);
		must(again.data == out.data && again.len == out.len);
	}
	arena_reset(&arena);
	return 0;
}
