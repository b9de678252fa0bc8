/* claims.c - what policies have learnt about the client of an exchange. */
#include "core/proxy/claims.h"

enum { CLAIMS_FIRST = 16, CLAIMS_MOST = 256 };

struct weir_str exchange_claim_at(const struct exchange *ex, struct weir_str name, uint32_t at)
{
	for (uint16_t i = 0; i < ex->claim_count; i++)
		if (str_eq(ex->claims[i].name, name) && at-- == 0)
			return ex->claims[i].value;
	return STR_ABSENT;
}

/* Values joined with a comma. */
static struct weir_str join(struct exchange *ex, struct weir_str name, size_t len)
{
	char *start = arena_take(&ex->arena, len), *at = start;

	for (uint16_t i = 0; start != NULL && i < ex->claim_count; i++) {
		const struct claim *c = &ex->claims[i];

		if (!str_eq(c->name, name))
			continue;
		if (at > start)
			*at++ = ',';
		memcpy(at, c->value.data, c->value.len);
		at += c->value.len;
	}
	return start != NULL ? str_between(start, at) : STR_ABSENT;
}

struct weir_str exchange_claim(struct exchange *ex, struct weir_str name)
{
	const struct claim *first = NULL;
	size_t len = 0, count = 0;

	for (uint16_t i = 0; i < ex->claim_count; i++) {
		if (!str_eq(ex->claims[i].name, name))
			continue;
		if (count++ == 0)
			first = &ex->claims[i];
		len += ex->claims[i].value.len + 1;
	}
	if (count < 2)
		return first != NULL ? first->value : STR_ABSENT;
	return join(ex, name, len);
}

static bool make_room(struct exchange *ex)
{
	uint16_t room = ex->claim_room > 0 ? (uint16_t)(ex->claim_room * 2) : CLAIMS_FIRST;
	struct claim *more;

	if (ex->claim_count < ex->claim_room)
		return true;
	if (room > CLAIMS_MOST)
		return false;
	more = arena_take(&ex->arena, room * sizeof(*more));
	if (more == NULL)
		return false;
	if (ex->claim_count > 0)
		memcpy(more, ex->claims, ex->claim_count * sizeof(*more));
	ex->claims = more;
	ex->claim_room = room;
	return true;
}

bool exchange_claim_add(struct exchange *ex, struct weir_str name, struct weir_str value)
{
	struct claim c = { arena_copy(&ex->arena, name), arena_copy(&ex->arena, value) };

	if (ex->arena.overflowed || !make_room(ex))
		return false;
	ex->claims[ex->claim_count++] = c;
	return true;
}

static void forget(struct exchange *ex, struct weir_str name)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < ex->claim_count; i++)
		if (!str_eq(ex->claims[i].name, name))
			ex->claims[kept++] = ex->claims[i];
	ex->claim_count = kept;
}

bool exchange_claim_set(struct exchange *ex, struct weir_str name, struct weir_str value)
{
	forget(ex, name);
	return exchange_claim_add(ex, name, value);
}
