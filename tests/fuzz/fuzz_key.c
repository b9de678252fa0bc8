/* fuzz_key.c - a key of several parts: no two different requests have the same text, whatever their values;
 * and what it says is missing is missing. */
#include "core/route/key.h"
#include "tests/fuzz/fuzz.h"

enum { PARTS = 3 };

/* What one request says to each part, in the order in which it is asked; absent where it begins with '-'. */
struct says {
	struct weir_str values[PARTS];
	unsigned at;
};

static struct weir_str part(void *arg, enum key_part what, struct weir_str name)
{
	struct says *s = arg;

	(void)what, (void)name;
	must(s->at < PARTS);
	return s->values[s->at++];
}

static const struct key_asker asker = { part };

static struct weir_str take_value(struct weir_str *in)
{
	struct weir_str line = str_head(*in, str_find(*in, '\n'));

	*in = str_skip(*in, line.len + 1);
	return line.len > 0 && line.data[0] == '-' ? STR_ABSENT : line.len > 0 ? line : STR("");
}

static bool is_missing(const struct says *s)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (s->values[i].data == NULL)
			return true;
	return false;
}

static bool same(const struct says *a, const struct says *b)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (!str_eq(a->values[i], b->values[i]))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct weir_str parts[PARTS] = { { "header.a", 8 }, { "claim.\"b c\"", 11 },
						      { "query.d", 7 } };
	struct weir_str in = str_of((const char *)data, size), out[2];
	struct weir_error error = { "" };
	struct says says[2] = { 0 };
	const struct key *key;
	struct arena arena;

	if (size > 4096)
		return 0;
	arena_init(&arena, NULL, 1 << 20);
	key = key_compile(&arena, parts, PARTS, &error);
	must(key != NULL);
	for (unsigned i = 0; i < 2 * PARTS; i++)
		says[i / PARTS].values[i % PARTS] = take_value(&in);
	for (unsigned i = 0; i < 2; i++)
		must(key_text(key, &asker, &says[i], &arena, &out[i]) != is_missing(&says[i]));
	must(str_eq(out[0], out[1]) == same(&says[0], &says[1]));
	arena_reset(&arena);
	return 0;
}
