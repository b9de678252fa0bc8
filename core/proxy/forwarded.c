/* forwarded.c - the request's head as the upstream sees it: one hop's headers gone, ours added. */
#include "core/proxy/forwarded.h"

#include "core/http/hop.h"
#include "core/http/trace_context.h"
#include "core/proxy/secure.h"
#include "core/proxy/templates.h"

/* x_forwarded_for and its like: applications that turn '-' into '_' would believe them. */
static bool looks_trusted(struct weir_str name)
{
	static const struct weir_str prefix = { "x_forwarded_", 12 };

	return name.len > prefix.len && (name.data[1] == '_' || name.data[1] == '-') &&
	       (ascii_lower(name.data[0]) == 'x') && str_find(name, '_') < name.len &&
	       str_eq_nocase(str_of(name.data + 2, 9), STR("forwarded"));
}

static void drop_lookalikes(struct headers *h)
{
	headers_for_each(field, h)
		if (field->id == HEADER_OTHER && looks_trusted(field->name))
			field->gone = true;
}

static void set_forwarded_for(struct exchange *ex)
{
	struct headers *h = &ex->req.headers;
	struct weir_str before = ex->peer_trusted ? headers_joined(h, STR("x-forwarded-for"))
						  : STR_ABSENT;

	(void)headers_put_id(h, HEADER_X_FORWARDED_FOR,
			     header_list_add(&ex->arena, before, ex->peer_ip));
}

/* From a trusted proxy both are believed; from anyone else they are what this connection shows. */
static void set_forwarded(struct exchange *ex)
{
	struct headers *h = &ex->req.headers;

	set_forwarded_for(ex);
	secure_forward(ex);
	if (!ex->peer_trusted || !headers_has_id(h, HEADER_X_FORWARDED_PROTO))
		(void)headers_put_id(h, HEADER_X_FORWARDED_PROTO, exchange_scheme(ex));
	if (!ex->peer_trusted || !headers_has_id(h, HEADER_X_FORWARDED_HOST))
		(void)headers_put_id(h, HEADER_X_FORWARDED_HOST, ex->req.authority);
}

static bool id_acceptable(struct weir_str id)
{
	if (id.len == 0 || id.len > 128)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (id.data[i] <= ' ' || id.data[i] > '~' || id.data[i] == '"')
			return false;
	return true;
}

struct weir_str exchange_id(struct exchange *ex)
{
	struct weir_str given;
	char *text;

	if (ex->id_text.data != NULL)
		return ex->id_text;
	given = headers_get_id(&ex->req.headers, HEADER_X_REQUEST_ID);
	if (given.data != NULL && id_acceptable(given)) {
		ex->id_text = given;
		return given;
	}
	text = arena_take(&ex->arena, 32);
	if (text == NULL)
		return STR("");
	trace_put_id(trace_put_id(text, rng_next(&ex->proxy->worker->rng)), rng_next(&ex->proxy->worker->rng));
	ex->id_text = str_of(text, 32);
	return ex->id_text;
}

/* A template that has a query of its own has the request's behind it. */
static struct weir_str with_query(struct exchange *ex, struct weir_str path)
{
	struct weir_str query = ex->req.query;
	bool has_one = str_find(path, '?') < path.len;

	if (query.data == NULL)
		return path;
	if (path.data + path.len + 1 == query.data)	/* still as it lies in the target */
		return str_between(path.data, query.data + query.len);
	return arena_join(&ex->arena,
			  (struct weir_str[]){ path, has_one ? STR("&") : STR("?"), query }, 3);
}

static enum reason cannot_rewrite(struct exchange *ex, enum reason why, struct weir_str sentence)
{
	ex->detail = sentence;
	return ex->arena.overflowed ? REASON_OUT_OF_MEMORY : why;
}

/* What a request makes of a template may be nothing that can be sent. */
static enum reason rewrite_target(struct exchange *ex)
{
	const struct plan *plan = ex->plan;
	struct weir_str path = ex->req.path, host;

	if (plan->path != NULL && !ex->path_set && !rewritten_path(ex, plan->path, &path))
		return cannot_rewrite(ex, REASON_BAD_PATH, STR("the path that the route's `rewrite` "
				      "makes of this request is not valid"));
	if (plan->host != NULL && !rewritten_host(ex, plan->host, &host))
		return cannot_rewrite(ex, REASON_BAD_HOST, STR("the host that the route's `rewrite` "
				      "makes of this request is not valid"));
	if (plan->host != NULL)
		(void)headers_set_id(&ex->req.headers, HEADER_HOST, host);
	ex->path_and_query = with_query(ex, path);
	return REASON_NONE;
}

void header_edits_apply(struct exchange *ex, struct headers *h, const struct header_edits *edits)
{
	for (uint32_t i = 0; i < edits->count; i++) {
		const struct header_edit *e = &edits->at[i];
		struct weir_str value = e->value != NULL ? template_fill(ex, e->value) : e->text;

		switch (e->kind) {
		case EDIT_SET:		/* what the client or the upstream wrote there never stays */
			if (!headers_set(h, e->name, value))
				(void)headers_remove(h, e->name);
			break;
		case EDIT_ADD:
			(void)headers_add(h, e->name, value);
			break;
		case EDIT_REMOVE:
			(void)headers_remove(h, e->name);
			break;
		}
	}
}

enum reason exchange_forwarded_headers(struct exchange *ex)
{
	struct headers *h = &ex->req.headers;
	enum reason why;

	if (ex->forwarded)
		return REASON_NONE;
	ex->forwarded = true;
	headers_strip_hop_by_hop(h);
	headers_remove_id(h, HEADER_EXPECT);
	if (ex->peer_trusted)		/* anyone else's are gone already */
		drop_lookalikes(h);
	if (ex->session != NULL)
		set_forwarded(ex);
	headers_add_via(h, ex->req.minor == 0 ? STR("1.0 weir") : STR("1.1 weir"));
	if (exchange_id(ex).len > 0)
		(void)headers_put_id(h, HEADER_X_REQUEST_ID, ex->id_text);
	trace_tell(ex);
	why = rewrite_target(ex);
	if (why == REASON_NONE)
		header_edits_apply(ex, h, &ex->plan->request_headers);
	return why != REASON_NONE || !ex->arena.overflowed ? why : REASON_OUT_OF_MEMORY;
}
