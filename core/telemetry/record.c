/* record.c - what one exchange was. */
#include "core/telemetry/record.h"

#include <stddef.h>
#include <string.h>

void record_init(struct record *r)
{
	memset(r, 0, offsetof(struct record, attempt));
	r->extras = 0;
	r->listener.slot = r->route.slot = r->service.slot = RECORD_NO_SLOT;
}

void record_add_attempt(struct record *r, const struct record_attempt *a)
{
	r->attempts++;
	r->attempt[record_attempts_kept(r) - 1] = *a;
}

/* So that a key can stand in any format as it is, and two of them are never written alike. */
static bool key_valid(struct weir_str key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = ascii_lower(key.data[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_digit(c) && c != '_' && c != '-' && c != '.')
			return false;
	}
	return key.len > 0 && key.len <= RECORD_KEY;
}

bool record_add_extra(struct record *r, struct weir_str key, struct weir_str value)
{
	if (!key_valid(key))
		return false;
	for (uint32_t i = 0; i < r->extras; i++) {
		if (str_eq(r->extra[i].key, key)) {
			r->extra[i].value = value;
			return true;
		}
	}
	if (r->extras >= RECORD_EXTRAS)
		return false;
	r->extra[r->extras++] = (struct record_extra){ key, value };
	return true;
}

/* A moment that did not come, or a clock that was read late, counts as no time at all. */
static uint64_t span(uint64_t from, uint64_t to)
{
	return from != 0 && to > from ? to - from : 0;
}

/* `end` may be of a loop's turn that began before `answered`. */
uint64_t record_total_ns(const struct record *r)
{
	return span(r->start, r->end > r->answered ? r->end : r->answered);
}

uint64_t record_upstream_ns(const struct record *r)
{
	return span(r->first_attempt, r->upstream_head);
}

uint64_t record_gateway_ns(const struct record *r)
{
	uint64_t until = r->answered != 0 ? r->answered : r->end;
	uint64_t all = span(r->head_read, until), upstream = record_upstream_ns(r);

	return all > upstream ? all - upstream : 0;
}
