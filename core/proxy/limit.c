/* limit.c - how many requests may be at work, and how large each may be. */
#include "core/proxy/limit.h"

enum reason limit_requests(struct exchange *ex)
{
	struct shared_limit *l = ex->proxy->requests;

	if (l == NULL)
		return REASON_NONE;
	ex->counted = true;
	return shared_limit_enter(l) ? REASON_NONE : REASON_OVERLOADED;
}

void limit_release(struct exchange *ex)
{
	if (ex->counted)
		shared_limit_leave(ex->proxy->requests);
	ex->counted = false;
}

enum reason limit_head(const struct exchange *ex)
{
	const struct plan *plan = ex->plan;
	size_t bytes = plan != NULL && plan->head_limit > 0 ? plan->head_limit
							    : ex->listener->head_limit;
	size_t headers = plan != NULL && plan->header_limit > 0 ? plan->header_limit
								: ex->listener->header_limit;

	return ex->client_h1.head_bytes > bytes || ex->header_count > headers
	       ? REASON_HEAD_TOO_LARGE : REASON_NONE;
}

static uint64_t most(const struct exchange *ex)
{
	uint64_t limit = ex->listener != NULL ? ex->listener->body_limit : UINT64_MAX;

	/* A route's own word counts more than the listener's, in both directions. */
	if (ex->plan != NULL && ex->plan->body_limited)
		limit = ex->plan->body_limit;
	return limit;
}

enum reason limit_declared(const struct exchange *ex)
{
	const struct framing *f = &ex->req.framing;

	return f->kind == FRAMING_LENGTH && f->length > most(ex) ? REASON_BODY_TOO_LARGE : REASON_NONE;
}

enum reason limit_body(const struct exchange *ex)
{
	return ex->client->body_in > most(ex) ? REASON_BODY_TOO_LARGE : REASON_NONE;
}
