/* fuzz_template.c - keys and templates are refused with a sentence or filled in; what goes into a
 * path stays a path, and what comes from elsewhere stays within its segment. */
#include "core/http/target.h"
#include "core/route/key.h"
#include "tests/fuzz/fuzz.h"

/* What every key says: the end of the input, so that the fuzzer chooses it too. */
struct values {
	struct weir_str outside;
};

static struct weir_str part(void *arg, enum key_part what, struct weir_str name)
{
	const struct values *v = arg;

	must(name.len > 0 || what == KEY_CLIENT_IP);
	if (what == KEY_CAPTURE || what == KEY_PATH)
		return name.len % 2 == 0 ? STR_ABSENT : STR("a/b%20c");
	return what == KEY_LISTENER ? STR_ABSENT : v->outside;
}

static const struct key_asker asker = { part };

static unsigned count(struct weir_str s, char c)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.data[i] == c;
	return n;
}

static void try_key(struct arena *arena, struct weir_str text, struct values *values)
{
	struct weir_str twice[] = { text, text }, out, both;
	struct weir_error error = { "" };
	const struct key *one = key_compile(arena, twice, 1, &error), *two;

	must((one == NULL) == (error.text[0] != '\0'));
	if (one == NULL)
		return;
	key_text(one, &asker, values, arena, &out);
	must(out.data != NULL);
	two = key_compile(arena, twice, 2, &error);
	must(two != NULL);
	key_text(two, &asker, values, arena, &both);
	must(both.len >= 2 * out.len + 4);
}

static void check_path(struct weir_str path, struct arena *arena)
{
	struct weir_str head = str_head(path, str_find(path, '?')), same;

	must(path_normalise(arena, head, true, &same) == REASON_NONE && str_eq(head, same));
}

static void try_template(struct arena *arena, struct weir_str text, struct values *values)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(arena, text, &error);
	struct weir_str out, name;
	uint32_t n = 0;

	must((t == NULL) == (error.text[0] != '\0'));
	if (t == NULL)
		return;
	if (template_is_plain(t, &out))
		must(str_eq(out, template_text(t, &asker, values, arena)));
	while (template_capture_name(t, n, &name))
		must(name.len > 0 && n++ < 64);
	if (!template_path(t, &asker, values, arena, &out))
		return;
	check_path(out, arena);
	must(count(out, '/') <= count(text, '/') + 64);
	if (count(text, '?') == 0)
		must(count(out, '?') == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str in = str_of((const char *)data, size);
	struct values values = { str_skip(in, str_find(in, '\n') + 1) };
	struct arena arena;

	if (size > 4096)
		return 0;
	arena_init(&arena, NULL, 4 * 1024 * 1024);
	try_key(&arena, str_head(in, str_find(in, '\n')), &values);
	try_template(&arena, str_head(in, str_find(in, '\n')), &values);
	arena_reset(&arena);
	return 0;
}
