/* key.c - keys: what tells requests apart for limits, splits and balancing. */
#include "core/route/key.h"

#include "core/base/error.h"
#include "core/route/part.h"

enum { MOST_PARTS = 8 };

struct key {
	uint32_t count;
	struct part parts[MOST_PARTS];
};

static bool read_part(struct part *part, struct weir_str text, struct arena *arena,
		      struct weir_error *error)
{
	struct weir_str copy = arena_copy(arena, text);

	if (arena->overflowed)
		return fail_memory(error);
	return part_read_key(part, copy, error);
}

const struct key *key_compile(struct arena *arena, const struct weir_str *parts, uint32_t count,
			      struct weir_error *error)
{
	struct key *k = arena_zero(arena, sizeof(*k));

	if (k == NULL) {
		fail_memory(error);
		return NULL;
	}
	if (count == 0 || count > MOST_PARTS) {
		fail(error, "a key has 1 to %d parts, this one has %u", MOST_PARTS, count);
		return NULL;
	}
	for (; k->count < count; k->count++)
		if (!read_part(&k->parts[k->count], parts[k->count], arena, error))
			return NULL;
	return k;
}

/* Each with its length before it, so that no value can play two. */
static bool join(const struct key *k, const struct key_asker *asker, void *arg, struct arena *arena,
		 struct weir_str *out)
{
	struct weir_str pieces[3 * MOST_PARTS];
	char digits[MOST_PARTS][20];
	bool all = true, captured;

	for (uint32_t i = 0; i < k->count; i++) {
		struct weir_str value = part_value(&k->parts[i], asker, arg, arena, &captured);

		all &= value.data != NULL;
		pieces[3 * i] = str_between(digits[i], str_put_u64(digits[i], value.len));
		pieces[3 * i + 1] = STR(":");
		pieces[3 * i + 2] = value;
	}
	*out = arena_join(arena, pieces, 3 * k->count);
	return all;
}

bool key_text(const struct key *k, const struct key_asker *asker, void *arg, struct arena *arena,
	      struct weir_str *out)
{
	bool captured;

	if (k->count > 1)
		return join(k, asker, arg, arena, out);
	*out = part_value(&k->parts[0], asker, arg, arena, &captured);
	if (out->data != NULL)
		return true;
	*out = STR("");
	return false;
}

bool key_asks(const struct key *k, enum key_part part)
{
	for (uint32_t i = 0; i < k->count; i++)
		if (k->parts[i].what == part)
			return true;
	return false;
}
