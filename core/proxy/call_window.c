/* call_window.c - weir_call and weir_fetch: a plugin's request, to a service or to any URL. */
#include <weir/wait.h>

#include "core/base/clock.h"
#include "core/codec/fetch.h"
#include "core/fiber/wait.h"
#include "core/http/hop.h"
#include "core/http/url.h"
#include "core/plugin/today.h"
#include "core/plugin/waits.h"
#include "core/proxy/call.h"
#include "core/proxy/resolve.h"
#include "core/proxy/trace_fetch.h"

/* Memory of one answer: until weir_call_done(), or the end of the exchange it was asked for. */
struct call_memory {
	struct hold hold;
	struct hold_list *holds;	/* of the exchange; NULL: there is none */
	struct arena arena;
};

static void drop_answer(struct hold *h)
{
	arena_reset(&container_of(h, struct call_memory, hold)->arena);
}

static struct arena *arena_for(struct exchange *ex, size_t most, struct weir_call_reply *reply)
{
	struct call_memory *own = ex != NULL ? hold_new(&ex->holds, NULL, sizeof(*own), drop_answer)
					     : mem_alloc(sizeof(*own));

	if (own == NULL)
		return NULL;
	own->holds = ex != NULL ? &ex->holds : NULL;
	arena_init(&own->arena, ex != NULL ? &ex->proxy->worker->chunks : NULL,
		   most < SIZE_MAX - EXCHANGE_ARENA ? most + EXCHANGE_ARENA : SIZE_MAX);
	reply->hold = own;
	return &own->arena;
}

void call_reply_done(struct weir_call_reply *reply)
{
	struct call_memory *own = reply->hold;

	reply->hold = NULL;
	if (own == NULL)
		return;
	arena_reset(&own->arena);
	if (own->holds != NULL)
		hold_forget(own->holds, &own->hold);
	else
		mem_free(own);
}

static enum reason call_named(struct proxy *px, struct exchange *ex,
			      const struct weir_call_request *r, struct arena *arena,
			      struct weir_call_reply *reply)
{
	struct call_answer answer = { 0 };
	struct call c = {
		.service = snapshot_service(px->reader->snapshot, r->service),
		.method = r->method,
		.path = r->path,
		.headers = r->headers,
		.header_count = r->header_count,
		.body = r->body,
		.timeout = r->timeout_ns,
		.most = r->most,
		.via = ex != NULL ? headers_via(&ex->req.headers) : STR_ABSENT,
		.above = ex != NULL ? trace_below(ex) : (struct trace_context){ 0 },
	};
	enum reason why;

	if (c.service == NULL)
		return REASON_UNKNOWN_SERVICE;
	why = call_service(px, &c, arena, &answer);
	reply->status = answer.status;
	reply->body = answer.body;
	reply->headers = answer.headers;
	reply->header_count = answer.header_count;
	return why;
}

static bool fill_reply(struct arena *arena, const struct fetch_answer *answer,
		       struct weir_call_reply *reply)
{
	struct weir_field *fields =
		arena_take(arena, (answer->head.headers.count + 1u) * sizeof(*fields));

	if (fields == NULL)
		return false;
	reply->headers = fields;
	headers_for_each(field, &answer->head.headers)
		fields[reply->header_count++] = (struct weir_field){ field->name, field->value };
	reply->status = answer->head.status;
	reply->body = answer->body;
	return true;
}

/* Reading a file of authorities takes a while: once, and again when it has changed. */
struct trusting {
	const char *ca;
	struct tls_client *client;
	struct weir_error error;
};

static void trust_on_helper(void *arg)
{
	struct trusting *t = arg;

	t->client = tls_trust(t->ca, &t->error);
}

static struct tls_client *trust(struct arena *arena, struct weir_str ca, struct weir_str *detail)
{
	struct trusting t = { .ca = NULL };

	if (ca.len > 0) {
		char *path = arena_take(arena, ca.len + 1);

		if (path == NULL)
			return NULL;
		memcpy(path, ca.data, ca.len);
		path[ca.len] = '\0';
		t.ca = path;
	}
	(void)loop_offload(trust_on_helper, &t);
	if (t.client == NULL)
		*detail = arena_copy(arena, str_from(t.error.text));
	return t.client;
}

/* An address in brackets is verified without them. */
static struct weir_str name_of(const struct url *u)
{
	if (u->host.len > 2 && u->host.data[0] == '[')
		return str_of(u->host.data + 1, u->host.len - 2);
	return u->host;
}

/* Whoever is asked may be a Weir too. */
static struct weir_str via_of(const struct exchange *ex, struct arena *arena)
{
	struct weir_str before = ex != NULL ? headers_via(&ex->req.headers) : STR_ABSENT;

	return header_list_add(arena, before, STR("1.1 weir"));
}

static enum reason fetch_url(const struct exchange *ex, const struct weir_call_request *r,
			     const struct url *u, struct tls_client *tls, struct arena *arena,
			     struct weir_call_reply *reply)
{
	struct fetch_answer answer;
	struct address to;
	struct fetch f;
	enum reason why;

	if (!resolve_host(u->host, u->port, &to))
		return REASON_CONNECT_FAILED;
	f = (struct fetch){ .to = &to, .host = u->authority, .method = r->method, .path = u->target,
			    .headers = r->headers, .header_count = r->header_count,
			    .body = r->body, .most = r->most, .via = via_of(ex, arena),
			    .tls = tls, .server_name = name_of(u) };
	why = fetch_run(worker_self(), &f, arena, &answer);
	if (why == REASON_NONE && !fill_reply(arena, &answer, reply))
		why = REASON_OUT_OF_MEMORY;
	if (answer.words.text[0] != '\0')
		reply->detail = arena_copy(arena, str_from(answer.words.text));
	return why;
}

static enum reason call_url(const struct exchange *ex, const struct weir_call_request *r,
			    struct arena *arena, struct weir_call_reply *reply)
{
	struct tls_client *tls = NULL;
	enum reason why;
	struct url u;

	if (!url_read(arena, r->url, &u)) {
		reply->detail = STR("this is no URL of http:// or https:// without user and password");
		return REASON_CONNECT_FAILED;
	}
	if (u.secure) {
		tls = trust(arena, r->ca, &reply->detail);
		if (tls == NULL)
			return REASON_TLS_VERIFY;
	}
	why = fetch_url(ex, r, &u, tls, arena, reply);
	tls_client_unref(tls);
	return why;
}

/* For an exchange, it is part of its trace. */
static enum reason call_traced(struct exchange *ex, struct weir_call_request *r, struct arena *arena,
			       struct weir_call_reply *reply)
{
	struct fetch_trace trace = trace_fetch_begin(ex, r);
	enum reason why = call_url(ex, r, arena, reply);

	trace_fetch_end(&trace, r, reply->status, why);
	return why;
}

enum weir_wait call_from_window(struct weir_exchange *ex, const struct weir_call_request *given,
				struct weir_call_reply *reply)
{
	struct weir_call_request r = call_request_today(given);
	struct worker *w = worker_self();
	struct proxy *px = w != NULL ? proxy_of(w) : NULL;
	struct exchange *for_whom = ex != NULL ? exchange_of(ex) : NULL;
	struct arena *arena;
	struct deadline d;
	enum reason why;

	if (!wait_allowed() || px == NULL || (r.url.data == NULL && px->reader == NULL))
		return WEIR_NOT_HERE;
	arena = arena_for(for_whom, r.most, reply);
	if (arena == NULL)
		return WEIR_NO_MEMORY;
	deadline_enter(&d, clock_after(loop_now(&w->loop), r.timeout_ns), REASON_TIMEOUT);
	why = r.url.data != NULL ? call_traced(for_whom, &r, arena, reply)
				 : call_named(px, for_whom, &r, arena, reply);
	deadline_leave(&d);
	if (why == REASON_CLIENT_GONE && !fiber_cancelled(fiber_self()))
		why = REASON_UPSTREAM_RESET;
	reply->reason = why != REASON_NONE ? reason_row(why)->word : STR_ABSENT;
	return wait_of_reason(why);
}
