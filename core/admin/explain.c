/* explain.c - GET /explain: where a request would go, and why. */
#include "core/admin/paths.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/http/target.h"

/* "x-user: ann" or "sub=ann". */
static bool add_pair(struct admin_pair *pairs, unsigned *count, struct weir_str given,
		     char separator, struct weir_error *error)
{
	size_t cut = str_find(given, separator);
	struct weir_str name = str_trim(str_head(given, cut));

	if (cut == given.len || name.len == 0)
		return fail(error, "\"%.*s\" is no NAME%cVALUE", STR_ARG(str_head(given, 200)),
			    separator);
	if (*count == ADMIN_PAIRS)
		return fail(error, "at most %d headers and %d claims can be asked for", ADMIN_PAIRS,
			    ADMIN_PAIRS);
	pairs[(*count)++] = (struct admin_pair){ name, str_trim(str_skip(given, cut + 1)) };
	return true;
}

static bool take(struct admin_question *q, struct weir_str name, struct weir_str value,
		 struct weir_error *error)
{
	const struct { struct weir_str name, *into; } single[] = {
		{ STR("method"), &q->method }, { STR("url"), &q->url },
		{ STR("listener"), &q->listener }, { STR("client"), &q->client },
		{ STR("identity"), &q->identity },
	};

	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		if (!str_eq(name, single[i].name))
			continue;
		if (single[i].into->data != NULL)
			return fail(error, "%.*s is given twice", STR_ARG(name));
		*single[i].into = value;
		return true;
	}
	if (str_eq(name, STR("header")))
		return add_pair(q->headers, &q->header_count, value, ':', error);
	if (str_eq(name, STR("claim")))
		return add_pair(q->claims, &q->claim_count, value, '=', error);
	return fail(error, "\"%.*s\" is not known here; ask with method, url, header (NAME: VALUE), "
		    "listener, client, identity and claim (NAME=VALUE)", STR_ARG(str_head(name, 200)));
}

static bool read_question(struct visit *v, struct admin_question *q, struct weir_error *error)
{
	struct weir_str rest = v->query, name, value;

	while (query_next(&rest, &name, &value)) {
		if (!take(q, query_decode(&v->arena, name), query_decode(&v->arena, value), error))
			return false;
		if (v->arena.overflowed)
			return fail(error, "this question is too long");
	}
	if (q->url.len == 0)
		return fail(error, "say which request: /explain?method=GET&url=http://HOST/PATH");
	if (q->method.len == 0)
		q->method = STR("GET");
	return true;
}

void visit_explain(struct visit *v)
{
	struct admin_question q = { .method = STR_ABSENT };
	struct weir_error error = { "" };
	json_t *explanation;

	if (v->world->explain == NULL) {
		visit_not_here(v);
		return;
	}
	if (!read_question(v, &q, &error)) {
		visit_problem(v, 400, NULL, "%s", error.text);
		return;
	}
	explanation = v->world->explain(v->world->self, &q, &error);
	if (explanation != NULL)
		visit_json(v, 200, explanation);
	else
		visit_problem(v, 400, NULL, "%s", error.text);
}
