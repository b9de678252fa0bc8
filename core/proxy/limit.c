/* limit.c - how large a request may be. */
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
