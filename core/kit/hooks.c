/* hooks.c - the hooks of a policy, called as the gateway calls them, and their verdicts judged. */
#include "core/kit/inside.h"

#include "core/base/json_write.h"
#include "core/http/message.h"
#include "core/kit/services.h"

/* This use's bytes in this exchange, with a canary behind them. */
static void *scratch_of(struct weir_fake_use *use, struct weir_exchange *ex)
{
	size_t size = use->plugin.policy != NULL ? use->plugin.policy->exchange_size : 0;
	struct fake_scratch *s;

	if (size == 0 || ex == NULL)
		return NULL;
	for (s = ex->scratch; s != NULL; s = s->next)
		if (s->use == use)
			return s->bytes;
	s = fake_must(arena_zero(&ex->arena, sizeof(*s) + size + FAKE_CANARY));
	s->use = use;
	s->size = size;
	memset(s->bytes + size, 0xc5, FAKE_CANARY);
	s->next = ex->scratch;
	ex->scratch = s;
	return s->bytes;
}

struct weir_here weir_fake_here(struct weir_fake_use *use, struct weir_exchange *ex)
{
	struct weir_here here = use->here;

	here.exchange = scratch_of(use, ex);
	return here;
}

/* Verdicts ----------------------------------------------------------------------- */

static void judge(struct weir_exchange *ex, enum weir_verdict verdict)
{
	struct weir_fake *f = ex->fake;

	if ((unsigned)verdict > WEIR_FAILED)
		fault_note(f, FAULT_BAD_VERDICT, NULL);
	if (ex->replies > 1)
		fault_note(f, FAULT_ANSWERED_TWICE, NULL);
	if (ex->cancelled)
		return;	/* what it says has no weight */
	if (verdict == WEIR_ANSWERED && ex->replies == 0)
		fault_note(f, FAULT_NO_REPLY, NULL);
	if (verdict == WEIR_REFUSED && ex->refusals == 0)
		fault_note(f, FAULT_NO_REFUSAL, NULL);
	if (verdict != WEIR_ANSWERED && ex->replies > 0)
		fault_note(f, FAULT_REPLY_DROPPED, NULL);
	if (verdict != WEIR_REFUSED && ex->refusals > 0)
		fault_note(f, FAULT_REFUSAL_DROPPED, NULL);
}

/* The problem document that Weir makes of a refusal or a failure. */
static void answer_for(struct weir_exchange *ex, uint16_t status, struct weir_str reason)
{
	struct headers *h = &ex->headers[WEIR_RESPONSE];
	char room[2048];
	struct json_write w;

	weir_fake_answered(ex, status, reason);
	json_write_init(&w, room, sizeof(room) - 1);
	json_write_open(&w, STR_ABSENT, '{');
	json_write_u64(&w, STR("status"), status);
	json_write_str(&w, STR("title"), status_phrase(status));
	if (ex->why.data != NULL)
		json_write_str(&w, STR("detail"), ex->why);
	json_write_str(&w, STR("reason"), reason);
	json_write_str(&w, STR("request_id"), ex->parts[WEIR_PART_ID]);
	json_write_close(&w);
	*w.at++ = '\n';
	weir_fake_set_body(ex, WEIR_RESPONSE, json_write_text(&w));
	(void)headers_add(h, STR("content-type"), STR("application/problem+json"));
	(void)headers_add(h, STR("weir-reason"), ex->parts[WEIR_PART_REASON]);
	(void)headers_add(h, STR("x-request-id"), ex->parts[WEIR_PART_ID]);
	(void)headers_add(h, STR("cache-control"), STR("no-store"));
}

static void refused(struct weir_exchange *ex)
{
	answer_for(ex, ex->refused_status != 0 ? ex->refused_status : 403,
		   ex->refused_reason.data != NULL ? ex->refused_reason : STR("refused"));
	for (size_t i = 0; i < ex->refused_count; i++)
		(void)headers_add(&ex->headers[WEIR_RESPONSE], ex->refused_headers[i].name,
				  ex->refused_headers[i].value);
}

static void settle(struct weir_exchange *ex, enum weir_verdict verdict)
{
	if (ex->cancelled)
		answer_for(ex, 499, STR("client-gone"));
	else if (verdict == WEIR_REFUSED)
		refused(ex);
	else if (verdict == WEIR_FAILED || (verdict == WEIR_ANSWERED && ex->replies == 0))
		answer_for(ex, 500, ex->failed_reason.data != NULL ? ex->failed_reason
								   : STR("policy-error"));
}

typedef enum weir_verdict hook_fn(const struct weir_here *here, struct weir_exchange *ex);

static enum weir_verdict run(struct weir_fake_use *use, struct weir_exchange *ex, enum hook hook,
			     hook_fn *fn)
{
	struct fake_frame before;
	struct weir_here here;
	enum weir_verdict verdict;

	if (fn == NULL)
		return WEIR_NEXT;
	here = weir_fake_here(use, ex);
	before = fake_enter(use, hook, ex);
	ex->replies = ex->refusals = 0;
	verdict = fn(&here, ex);
	judge(ex, verdict);
	settle(ex, verdict);
	fake_look_for_leaks(use->fake);
	fake_leave(use->fake, before);
	return verdict;
}

enum weir_verdict weir_fake_on_request(struct weir_fake_use *use, struct weir_exchange *ex)
{
	ex->stage = STAGE_REQUEST;	/* a test may ask twice */
	ex->status = 0;
	ex->why = ex->refused_reason = ex->failed_reason = WEIR_ABSENT;
	return run(use, ex, HOOK_REQUEST, use->plugin.policy->on_request);
}

enum weir_verdict weir_fake_on_response(struct weir_fake_use *use, struct weir_exchange *ex)
{
	if (ex->status == 0)
		weir_fake_answered(ex, 200, WEIR_ABSENT);
	return run(use, ex, HOOK_RESPONSE, use->plugin.policy->on_response);
}

void weir_fake_on_done(struct weir_fake_use *use, struct weir_exchange *ex)
{
	struct weir_here here = weir_fake_here(use, ex);
	struct fake_frame before = fake_enter(use, HOOK_DONE, ex);

	ex->stage = STAGE_DONE;
	if (use->plugin.policy->on_done != NULL)
		use->plugin.policy->on_done(&here, ex);
	fake_look_for_leaks(use->fake);
	fake_leave(use->fake, before);
}

uint16_t weir_fake_run(struct weir_fake_use *use, struct weir_exchange *ex)
{
	if (weir_fake_on_request(use, ex) == WEIR_NEXT && !ex->cancelled)
		weir_fake_forward(ex);
	if (!ex->cancelled)
		(void)weir_fake_on_response(use, ex);
	while (!ex->cancelled && weir_fake_again(ex)) {
		weir_fake_forward(ex);
		(void)weir_fake_on_response(use, ex);
	}
	weir_fake_on_done(use, ex);
	return ex->status;
}
