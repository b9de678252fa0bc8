/* fixed.c - routes that answer by themselves: `redirect` and `respond`. */
#include "core/proxy/fixed.h"

#include "core/proxy/answer.h"
#include "core/proxy/exchange.h"
#include "core/proxy/forwarded.h"
#include "core/proxy/templates.h"

/* The query is kept, unless the location has one of its own. */
static struct weir_str location(struct exchange *ex)
{
	struct weir_str to = template_fill(ex, ex->plan->location);

	if (ex->plan->whole_path)
		to = arena_join(&ex->arena, (struct weir_str[]){ to, ex->req.path }, 2);
	if (ex->req.query.data == NULL || str_find(to, '?') < to.len)
		return to;
	return arena_join(&ex->arena, (struct weir_str[]){ to, STR("?"), ex->req.query }, 3);
}

static struct weir_str body(struct exchange *ex)
{
	const struct plan *plan = ex->plan;

	if (plan->body_file.data != NULL)
		return plan->body_file;
	return plan->body != NULL ? template_fill(ex, plan->body) : STR("");
}

static bool redirect(struct exchange *ex)
{
	struct weir_str to = location(ex);

	if (!header_value_valid(to)) {
		ex->detail = STR("the location that the route's `redirect` makes of this request is "
				 "not valid");
		return false;
	}
	answer_reply(ex, ex->plan->status, STR_ABSENT, STR(""));
	(void)headers_set_id(&ex->res.headers, HEADER_LOCATION, to);
	return true;
}

enum reason fixed_answer(struct exchange *ex)
{
	const struct plan *plan = ex->plan;

	if (plan->kind == PLAN_REDIRECT) {
		if (!redirect(ex))
			return REASON_BAD_PATH;
	} else {
		answer_reply(ex, plan->status, plan->content_type, body(ex));
		header_edits_apply(ex, &ex->res.headers, &plan->respond_headers);
	}
	header_edits_apply(ex, &ex->res.headers, &plan->response_headers);
	return REASON_NONE;
}
