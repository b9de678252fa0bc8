/* trace.c - an exchange's place in a trace. */
#include "core/proxy/trace.h"

#include <endian.h>

#include "core/base/clock.h"
#include "core/plugin/use.h"
#include "core/proxy/exchange.h"
#include "core/telemetry/tracing.h"

static struct rng *dice_of(const struct exchange *ex)
{
	return &ex->proxy->worker->rng;
}

static const struct trace_rules *rules_of(const struct exchange *ex)
{
	return ex->proxy->tracing != NULL ? &ex->proxy->tracing->rules : NULL;
}

/* --- The beginning. ------------------------------------------------------------------------------ */

static bool believes(const struct exchange *ex, const struct trace_rules *rules)
{
	return rules->parent == PARENT_FOLLOW ||
	       (rules->parent == PARENT_TRUSTED && ex->peer_trusted);
}

/* A trace that nobody knows yet; what was decided about it stays. */
static void begin_new(struct exchange *ex, struct trace_context *c)
{
	c->high = rng_next(dice_of(ex)) | 1;
	c->low = rng_next(dice_of(ex));
	c->span = 0;
	c->flags = 0;
}

static void decide(struct exchange *ex, const struct trace_rules *rules)
{
	struct trace_context *c = &ex->trace.context;

	if (c->decision == TRACE_UNDECIDED)
		c->decision = trace_samples(rules, c->low) ? TRACE_SAMPLED : TRACE_DROPPED;
	ex->trace.sampled = c->decision == TRACE_SAMPLED;
	ex->trace.hooks = ex->trace.sampled && rules->policies && rules->exports;
	ex->trace.span = rng_next(dice_of(ex)) | 1;
}

/* For the access log. */
static void note_ids(struct exchange *ex)
{
	const struct trace_context *c = &ex->trace.context;
	char *text = arena_take(&ex->arena, 48);

	if (text == NULL)
		return;
	(void)trace_put_id(trace_put_id(trace_put_id(text, c->high), c->low), ex->trace.span);
	ex->record.trace_id = str_of(text, 32);
	ex->record.span_id = str_of(text + 32, 16);
}

void trace_begin(struct exchange *ex)
{
	const struct trace_rules *rules = rules_of(ex);
	struct trace_context *c = &ex->trace.context;

	if (rules == NULL || ex->trace.span != 0)
		return;
	if (believes(ex, rules))
		(void)trace_headers_read(&ex->req.headers, rules->order, c);
	if (!trace_known(c))
		begin_new(ex, c);
	decide(ex, rules);
	note_ids(ex);
}

void trace_begin_inside(struct exchange *ex, const struct trace_context *above)
{
	const struct trace_rules *rules = rules_of(ex);
	struct trace_context *c = &ex->trace.context;

	if (rules == NULL)
		return;
	*c = *above;
	if (!trace_known(c)) {
		begin_new(ex, c);
		c->decision = TRACE_DROPPED;
	}
	decide(ex, rules);
}

struct trace_context trace_below(const struct exchange *ex)
{
	struct trace_context c = ex->trace.context;

	c.span = ex->trace.span;
	return c;
}

/* --- Endpoints. ---------------------------------------------------------------------------------- */

/* Nothing is traced here: a valid traceparent is passed on, otherwise a trace begins. */
static void tell_untraced(struct exchange *ex)
{
	struct headers *h = &ex->req.headers;
	struct weir_str given = headers_get_id(h, HEADER_TRACEPARENT);
	struct trace_context c = { 0 };
	char *span;

	if (given.data != NULL && trace_read_w3c(given, &c)) {
		ex->record.trace_id = str_of(given.data + 3, 32);
		return;
	}
	begin_new(ex, &c);
	c.span = rng_next(dice_of(ex)) | 1;
	c.decision = TRACE_SAMPLED;
	headers_remove_id(h, HEADER_TRACESTATE);
	span = trace_headers_set(h, TRACE_W3C, &c);
	if (span == NULL)
		return;
	ex->record.trace_id = str_of(span - 33, 32);
	ex->record.span_id = str_of(span, 16);
}

void trace_tell(struct exchange *ex)
{
	const struct trace_rules *rules = rules_of(ex);
	struct trace_context c = trace_below(ex);
	struct headers *h = &ex->req.headers;

	if (rules == NULL || ex->trace.span == 0) {
		tell_untraced(ex);
		return;
	}
	trace_headers_strip(h, c.format == TRACE_W3C && ex->trace.context.span != 0);
	for (unsigned i = 0; i < rules->writes; i++)
		ex->trace.told[i] = trace_headers_set(h, rules->write[i], &c);
}

void trace_attempt(struct exchange *ex)
{
	if (ex->trace.span == 0)
		return;
	ex->attempt.span = rng_next(dice_of(ex)) | 1;
	for (unsigned i = 0; i < TRACE_FORMATS && ex->trace.told[i] != NULL; i++)
		(void)trace_put_id(ex->trace.told[i], ex->attempt.span);
}

/* --- Policies. ----------------------------------------------------------------------------------- */

enum { POLICIES_KEPT = 16 };

static uint64_t wall_at(const struct exchange *ex, uint64_t at)
{
	return ex->record.wall + (at > ex->record.start ? at - ex->record.start : 0);
}

void trace_hook(struct exchange *ex, const struct link *l, bool response, uint64_t began,
		enum weir_verdict verdict)
{
	static const char *const words[] = { [WEIR_NEXT] = "next", [WEIR_ANSWERED] = "answered",
					     [WEIR_REFUSED] = "refused", [WEIR_FAILED] = "failed" };
	uint64_t id = htobe64(rng_next(dice_of(ex)) | 1);
	struct weir_span_policy *p;

	if (ex->trace.policies == NULL)
		ex->trace.policies = arena_take(&ex->arena, POLICIES_KEPT * sizeof(*p));
	if (ex->trace.policies == NULL || ex->trace.policy_count == POLICIES_KEPT)
		return;
	p = &ex->trace.policies[ex->trace.policy_count++];
	*p = (struct weir_span_policy){
		.start_ns = wall_at(ex, began), .end_ns = wall_at(ex, clock_now()),
		.name = l->use->name, .place = l->use->path,
		.verdict = str_from((unsigned)verdict <= WEIR_FAILED ? words[verdict] : "failed"),
		.response = response,
	};
	memcpy(p->span_id, &id, sizeof(id));
}

/* --- The end. ------------------------------------------------------------------------------------ */

static bool is_kept(const struct exchange *ex)
{
	const struct trace_rules *rules = rules_of(ex);

	return rules != NULL && rules->exports && ex->trace.span != 0 &&
	       (ex->trace.sampled || (rules->failures && record_failed(&ex->record)));
}

static struct span_origin origin_of(struct exchange *ex, enum weir_span_kind kind)
{
	const struct trace_context *c = &ex->trace.context;

	return (struct span_origin){
		.kind = kind,
		.high = c->high, .low = c->low,
		.span = ex->trace.span, .parent = c->span,
		.flags = (uint8_t)(c->flags | 1),
		.state = c->format == TRACE_W3C && c->span != 0
				 ? headers_joined(&ex->req.headers, STR("tracestate")) : STR_ABSENT,
		.pattern = ex->plan != NULL ? ex->plan->pattern : STR_ABSENT,
		.policies = ex->trace.policies,
		.policy_count = ex->trace.policy_count,
	};
}

static void keep(struct exchange *ex, enum weir_span_kind kind)
{
	struct span_origin origin = origin_of(ex, kind);
	struct span_room room;
	struct weir_span span = span_of(&ex->record, &origin, &room);

	tracing_keep(ex->proxy->tracing, &span);
}

void trace_finish(struct exchange *ex)
{
	if (ex->proxy->tracing == NULL)
		return;
	/* It ended before it was admitted; or it began untraced, before a reload: endpoints that were
	 * told something else must not stand in a trace. */
	if (ex->trace.span == 0 && ex->record.attempts == 0 && ex->req.headers.arena != NULL)
		trace_begin(ex);
	if (is_kept(ex))
		keep(ex, WEIR_SPAN_SERVER);
}

void trace_finish_inside(struct exchange *ex)
{
	if (is_kept(ex))
		keep(ex, WEIR_SPAN_INTERNAL);
}
