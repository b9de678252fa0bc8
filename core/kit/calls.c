/* calls.c - weir_call, weir_fetch and weir_resolve: answered by what the test has told. */
#include "core/kit/host_inside.h"

#include "core/base/clock.h"
#include "core/base/reason.h"
#include "core/kit/services.h"
#include "core/plugin/today.h"
#include "core/plugin/waits.h"

struct fake_called {
	struct fake_called *next;
	struct weir_call_request request;
};

static void remember(struct weir_fake *f, const struct weir_call_request *r)
{
	struct fake_called *c = fake_must(arena_zero(&f->arena, sizeof(*c)));
	struct weir_field *fields;

	c->request = *r;
	c->request.service = fake_copy(&f->arena, r->service);
	c->request.url = fake_copy(&f->arena, r->url);
	c->request.method = fake_copy(&f->arena, r->method);
	c->request.path = fake_copy(&f->arena, r->path);
	c->request.body = fake_copy(&f->arena, r->body);
	fields = fake_must(arena_take(&f->arena, (r->header_count + 1) * sizeof(*fields)));
	for (size_t i = 0; i < r->header_count; i++)
		fields[i] = (struct weir_field){ fake_copy(&f->arena, r->headers[i].name),
						 fake_copy(&f->arena, r->headers[i].value) };
	c->request.headers = fields;
	*f->called_end = c;
	f->called_end = &c->next;
}

const struct weir_call_request *weir_fake_call(const struct weir_fake *f, uint32_t at)
{
	const struct fake_called *c = f->called;

	for (; c != NULL && at > 0; at--)
		c = c->next;
	return c != NULL ? &c->request : NULL;
}

static enum weir_wait no_answer(struct weir_call_reply *reply, enum weir_wait how,
				struct weir_str reason)
{
	reply->reason = reason;
	return how;
}

/* The delay passes, and then there is an answer, or none. */
static enum weir_wait answered(struct weir_exchange *ex, const struct weir_call_request *r,
			       const struct weir_fake_answer *answer,
			       struct weir_call_reply *reply)
{
	bool late = answer->delay_ns > r->timeout_ns;
	enum weir_wait how = fake_wait(ex, "weir_call", late ? r->timeout_ns : answer->delay_ns);

	if (how == WEIR_CANCELLED)
		return no_answer(reply, how, STR("client-gone"));
	if (how != WEIR_OK || late)
		return no_answer(reply, how != WEIR_OK ? how : WEIR_TIMED_OUT, STR("timeout"));
	if (answer->reason.data != NULL)
		return no_answer(reply, wait_of_reason(reason_of_word(answer->reason)), answer->reason);
	if (answer->body.len > r->most)
		return no_answer(reply, WEIR_TOO_LARGE, STR("upstream-too-large"));
	reply->status = answer->status;
	reply->body = answer->body.data != NULL ? answer->body : STR("");
	reply->headers = answer->headers;
	reply->header_count = answer->header_count;
	return WEIR_OK;
}

static enum weir_wait call(struct weir_exchange *ex, const struct weir_call_request *given,
			   struct weir_call_reply *reply)
{
	struct weir_fake *f = fake_of(ex);
	struct weir_call_request r = call_request_today(given);
	struct weir_fake_answer answer = { 0 };
	struct weir_str whom = r.url.data != NULL ? r.url : r.service;

	if (ex != NULL && !fake_may_look(ex, "weir_call"))
		return WEIR_NOT_HERE;
	remember(f, &r);
	if (ex == NULL) {
		reply->hold = f;
		f->open_replies++;
	}
	if (!fake_service_answers(f, whom, &r, ex != NULL ? &ex->arena : &f->arena, &answer))
		return no_answer(reply, WEIR_UNKNOWN, r.url.data != NULL ? STR("connect-failed")
								       : STR("unknown-service"));
	return answered(ex, &r, &answer, reply);
}

static void call_done(struct weir_call_reply *reply)
{
	struct weir_fake *f = reply->hold;

	if (f != NULL)
		f->open_replies--;
	reply->hold = NULL;
}

/* Names ------------------------------------------------------------------------------ */

static enum weir_wait resolve(struct weir_exchange *ex, struct weir_str name, int kind,
			      struct weir_resolved *out)
{
	struct weir_fake *f = fake_of(ex);
	enum weir_wait how = fake_wait(ex, "weir_resolve", 0);
	const struct fake_name *found = fake_name_find(f, name, kind);

	if (how != WEIR_OK)
		return how;
	if (found == NULL)
		return WEIR_UNKNOWN;
	if (found->kind != kind || found->count == 0)
		return WEIR_NO_DATA;
	out->records = found->records;
	out->count = found->count;
	out->ttl = found->ttl;
	out->hold = f;
	f->open_names++;
	return WEIR_OK;
}

static void resolve_done(struct weir_resolved *resolved)
{
	struct weir_fake *f = resolved->hold;

	if (f != NULL)
		f->open_names--;
	resolved->hold = NULL;
}

void fake_look_for_leaks(struct weir_fake *f)
{
	if (f->open_replies > 0)
		fault_note(f, FAULT_LEAKED_CALL, NULL);
	if (f->open_names > 0)
		fault_note(f, FAULT_LEAKED_NAMES, NULL);
	f->open_replies = f->open_names = 0;
}

void fake_fill_calls(struct weir_host *host)
{
	host->call = call;
	host->call_done = call_done;
	host->resolve = resolve;
	host->resolve_done = resolve_done;
}
