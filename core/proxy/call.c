/* call.c - requests that Weir makes itself: an exchange without a client. */
#include "core/proxy/call.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/http/target.h"
#include "core/proxy/collect.h"
#include "core/upstream/service.h"

static struct exchange *open_inner(struct proxy *px, bool once)
{
	struct exchange *ex = slab_take(&px->exchanges);

	if (ex == NULL)
		return NULL;
	exchange_clear(ex);
	ex->proxy = px;
	ex->fiber = fiber_self();
	ex->reader = snapshot_pin(px->reader);
	ex->listener = ex->reader->snapshot->call_listener;
	ex->plan = once ? ex->reader->snapshot->mirror_plan : ex->reader->snapshot->call_plan;
	ex->record.start = ex->record.head_read = exchange_now(ex);
	ex->record.wall = px->worker->loop.wall;
	arena_init(&ex->arena, &px->worker->chunks, EXCHANGE_ARENA);
	px->exchange_count++;
	return ex;
}

/* As finish does for a client's. */
static void fill_record(struct exchange *ex, enum reason why)
{
	struct record *r = &ex->record;

	r->method = ex->req.method_text;
	r->host = ex->req.host;
	r->path = ex->req.path;
	r->query = ex->req.query;
	r->service.name = ex->service != NULL ? ex->service->name : STR_ABSENT;
	r->status = ex->res.status;
	r->why = why;
	r->end = exchange_now(ex);
}

static void close_inner(struct exchange *ex, enum reason why)
{
	struct proxy *px = ex->proxy;

	fill_record(ex, why);
	trace_finish_inside(ex);
	exchange_let_go(ex);
	arena_reset(&ex->arena);
	snapshot_unpin(ex->reader);
	slab_give(&px->exchanges, ex);
	px->exchange_count--;
}

static bool build_request(struct exchange *ex, const struct call *c)
{
	struct request *r = &ex->req;
	size_t query = str_find(c->path, '?');

	if (!request_line_valid(c->method, c->path) || method_of(c->method) == METHOD_CONNECT)
		return false;
	r->method_text = c->method;
	r->method = method_of(c->method);
	r->minor = 1;
	r->keep_alive = true;
	r->authority = r->host = c->host.data != NULL ? c->host : c->service->name;
	r->path = str_head(c->path, query);
	r->query = query < c->path.len ? str_skip(c->path, query + 1) : STR_ABSENT;
	headers_init(&r->headers, &ex->arena, 100);
	(void)headers_set_id(&r->headers, HEADER_HOST, r->authority);
	for (size_t i = 0; i < c->header_count; i++) {
		if (!header_name_valid(c->headers[i].name) ||
		    !header_value_valid(c->headers[i].value))
			return false;
		if (str_eq_nocase(c->headers[i].name, STR("host")))	/* one, not two */
			(void)headers_set_id(&r->headers, HEADER_HOST, c->headers[i].value);
		else
			(void)headers_add(&r->headers, c->headers[i].name, c->headers[i].value);
	}
	if (c->via.len > 0)
		(void)headers_add(&r->headers, STR("via"), c->via);
	exchange_set_body(ex, c->body);
	ex->service = c->service;
	return !ex->arena.overflowed;
}

/* What outlives the inner exchange is copied into the caller's arena. */
static bool copy_answer(struct exchange *ex, struct arena *arena, struct weir_str body,
			struct call_answer *answer)
{
	size_t count = 0;

	answer->status = ex->res.status;
	answer->body = arena_copy(arena, body);
	answer->headers = arena_take(arena, ex->res.headers.count * sizeof(*answer->headers));
	if (answer->headers == NULL)
		return false;
	headers_for_each(field, &ex->res.headers)
		answer->headers[count++] = (struct weir_field){
			arena_copy(arena, field->name), arena_copy(arena, field->value) };
	answer->header_count = count;
	return !arena->overflowed;
}

static enum reason run(struct exchange *ex, const struct call *c, struct arena *arena,
		       struct call_answer *answer)
{
	struct weir_str body;
	enum reason why;

	ex->route_until = clock_after(exchange_now(ex), c->timeout);
	why = exchange_forward(ex);
	if (why == REASON_NONE)
		why = exchange_collect_answer(ex, c->most, &body);
	if (why == REASON_NONE && !copy_answer(ex, arena, body, answer))
		why = REASON_OUT_OF_MEMORY;
	attempt_end(ex, why);
	return why;
}

enum reason call_service(struct proxy *px, const struct call *call, struct arena *arena,
			 struct call_answer *answer)
{
	struct exchange *ex = open_inner(px, call->once);
	struct deadline all;
	enum reason why = REASON_BAD_REQUEST;

	if (ex == NULL)
		return REASON_OUT_OF_MEMORY;
	deadline_enter(&all, clock_after(exchange_now(ex), call->timeout), REASON_TIMEOUT);
	trace_begin_inside(ex, &call->above);
	if (build_request(ex, call))
		why = run(ex, call, arena, answer);
	deadline_leave(&all);
	close_inner(ex, why);
	return why;
}
