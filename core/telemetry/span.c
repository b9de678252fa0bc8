/* span.c - a span from the record of an exchange. */
#include "core/telemetry/span.h"

#include <endian.h>

#include "core/telemetry/mask.h"

enum { URL_MOST = 4096, TEXT_MOST = 1024 };	/* bytes of one field */

bool record_failed(const struct record *r)
{
	const struct reason_row *row = reason_row(r->why);

	return r->status >= 500 ||
	       (r->why != REASON_NONE && row->side != SIDE_CLIENT && row->status >= 500);
}

static struct weir_str cut(struct weir_str s, size_t most)
{
	return s.len > most ? str_head(s, most) : s;
}

static struct weir_str word_of(enum reason why)
{
	return why != REASON_NONE ? reason_row(why)->word : STR_ABSENT;
}

static void put_id(uint8_t *at, uint64_t id)
{
	uint64_t big = htobe64(id);

	memcpy(at, &big, sizeof(big));
}

/* Monotonic times become those of the wall, as it was when the exchange began. */
static uint64_t wall_of(const struct record *r, uint64_t at)
{
	return at != 0 ? r->wall + (at > r->start ? at - r->start : 0) : 0;
}

/* The answer of the last one was used, if its head came: it goes on until the end, and what ended it
 * in the middle is its reason too. */
static void end_attempt(const struct record *r, bool last, struct weir_span_attempt *a,
			const struct record_attempt *from)
{
	bool used = last && from->status != 0 &&
		    (from->why == REASON_NONE || from->why == REASON_UPSTREAM_STATUS);

	a->end_ns = wall_of(r, used && r->end > from->start + from->ns ? r->end
								      : from->start + from->ns);
	if (used && from->why == REASON_NONE && reason_row(r->why)->side == SIDE_UPSTREAM)
		a->reason = word_of(r->why);
}

static void fill_attempt(const struct record *r, uint32_t i, struct weir_span_attempt *a)
{
	const struct record_attempt *from = &r->attempt[i];
	bool last = i + 1 == record_attempts_kept(r);

	*a = (struct weir_span_attempt){
		.start_ns = wall_of(r, from->start),
		.connected_ns = wall_of(r, from->connected),
		.secured_ns = wall_of(r, from->secured),
		.first_byte_ns = from->status != 0 ? wall_of(r, from->start + from->ns) : 0,
		.endpoint = from->endpoint,
		.reason = word_of(from->why),
		.number = last ? r->attempts : i + 1,
		.status = from->status,
		.reused = from->reused,
		.secure = from->secure,
	};
	put_id(a->span_id, from->span);
	end_attempt(r, last, a, from);
}

static void fill_request(struct weir_span *s, const struct record *r, struct span_room *room)
{
	s->method = cut(r->method, TEXT_MOST);
	s->scheme = r->scheme;
	s->host = cut(r->host, TEXT_MOST);
	s->path = cut(r->path, URL_MOST);
	if (r->query.data != NULL)
		s->query = mask_query(cut(r->query, URL_MOST), room->query, sizeof(room->query));
	s->protocol = r->protocol;
	s->client = r->client;
	s->identity = cut(r->identity, TEXT_MOST);
	s->user_agent = cut(r->user_agent, TEXT_MOST);
	s->request_id = r->request_id;
	s->listener = r->listener.name;
	s->route = r->route.name;
	s->service = r->service.name;
	s->endpoint = r->endpoint;
}

static void fill_values(struct weir_span *s, const struct record *r, struct span_room *room)
{
	for (uint32_t i = 0; i < r->extras; i++)
		room->values[i] = (struct weir_field){
			r->extra[i].key, mask_is_secret_header(r->extra[i].key)
				? STR("***") : cut(r->extra[i].value, TEXT_MOST) };
	s->values = room->values;
	s->value_count = r->extras;
}

struct weir_span span_of(const struct record *r, const struct span_origin *o,
			 struct span_room *room)
{
	struct weir_span s = {
		.size = sizeof(s),
		.kind = o->kind,
		.failed = record_failed(r),
		.flags = o->flags,
		.status = r->status,
		.state = cut(o->state, TEXT_MOST),
		.start_ns = r->wall,
		.end_ns = r->wall + record_total_ns(r),
		.pattern = o->pattern,
		.reason = word_of(r->why),
		.bytes_in = r->bytes_in,
		.bytes_out = r->bytes_out,
		.attempt_size = sizeof(struct weir_span_attempt),
		.attempts = room->attempts,
		.attempt_count = record_attempts_kept(r),
		.policies = o->policies,
		.policy_count = o->policy_count,
		.policy_size = sizeof(struct weir_span_policy),
	};

	put_id(s.trace_id, o->high);
	put_id(s.trace_id + 8, o->low);
	put_id(s.span_id, o->span);
	put_id(s.parent_id, o->parent);
	fill_request(&s, r, room);
	fill_values(&s, r, room);
	for (uint32_t i = 0; i < s.attempt_count; i++)
		fill_attempt(r, i, &room->attempts[i]);
	return s;
}
