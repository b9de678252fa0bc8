/* trace_fetch.c - a plugin's request to a URL becomes a span of its own. */
#include "core/proxy/trace_fetch.h"

#include "core/http/url.h"
#include "core/proxy/exchange.h"
#include "core/telemetry/tracing.h"

static bool has_field(const struct weir_call_request *r, struct weir_str name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (str_eq_nocase(r->headers[i].name, name))
			return true;
	return false;
}

/* As endpoints are told, but in a list of fields. */
static bool tell(struct exchange *ex, struct weir_call_request *r, uint64_t span)
{
	const struct trace_rules *rules = &ex->proxy->tracing->rules;
	struct trace_context c = trace_below(ex);
	struct weir_field *fields;
	struct headers h;
	size_t count = r->header_count;

	c.span = span;
	headers_init(&h, &ex->arena, 16);
	for (unsigned i = 0; i < rules->writes; i++)
		(void)trace_headers_set(&h, rules->write[i], &c);
	fields = arena_take(&ex->arena, (count + h.count) * sizeof(*fields));
	if (fields == NULL)
		return false;
	if (count > 0)
		memcpy(fields, r->headers, count * sizeof(*fields));
	headers_for_each(field, &h)
		if (!has_field(r, field->name))
			fields[count++] = (struct weir_field){ field->name, field->value };
	r->headers = fields;
	r->header_count = count;
	return true;
}

struct fetch_trace trace_fetch_begin(struct exchange *ex, struct weir_call_request *request)
{
	struct fetch_trace t = { 0 };

	if (ex == NULL || ex->trace.span == 0 || ex->proxy->tracing == NULL)
		return t;
	t.span = rng_next(&ex->proxy->worker->rng) | 1;
	if (!tell(ex, request, t.span))
		return (struct fetch_trace){ 0 };
	t.ex = ex;
	t.start = exchange_now(ex);
	return t;
}

/* Of what is no URL nothing is told: there may be a password in it. */
static void fill_url(struct record *r, struct weir_str text, struct arena *arena)
{
	struct url u;

	if (!url_read(arena, text, &u))
		return;
	r->scheme = u.secure ? STR("https") : STR("http");
	r->host = u.authority;
	r->path = u.path;
	r->query = u.query;
}

void trace_fetch_end(const struct fetch_trace *t, const struct weir_call_request *request,
		     unsigned status, enum reason why)
{
	struct exchange *ex = t->ex;
	struct span_room room;
	struct span_origin origin;
	struct weir_span span;
	struct record r;

	if (ex == NULL || !ex->trace.sampled || ex->proxy->tracing == NULL ||
	    !ex->proxy->tracing->rules.exports)
		return;
	record_init(&r);
	r.start = t->start;
	r.wall = ex->record.wall + (t->start - ex->record.start);
	r.end = exchange_now(ex);
	r.method = request->method;
	r.status = (uint16_t)status;
	r.why = why;
	fill_url(&r, request->url, &ex->arena);
	origin = (struct span_origin){ .kind = WEIR_SPAN_CLIENT,
				       .high = ex->trace.context.high,
				       .low = ex->trace.context.low,
				       .span = t->span, .parent = ex->trace.span, .flags = 1 };
	span = span_of(&r, &origin, &room);
	span.failed |= why != REASON_NONE;
	tracing_keep(ex->proxy->tracing, &span);
}
