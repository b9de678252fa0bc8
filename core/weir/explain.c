/* explain.c - what would happen to a request. */
#include "core/weir/explain.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/net/network.h"
#include "core/route/explain.h"
#include "core/upstream/describe.h"
#include "core/weir/explain_policies.h"

struct asking {
	const struct world *world;
	const struct admin_question *question;
	struct arena arena;
	struct request request;
	const struct listener_plan *listener;
	struct peer client;
	json_t *routes;
	const struct plan *plan;
};

static json_t *text(struct weir_str s)
{
	return s.data != NULL ? json_stringn(s.data, s.len) : json_null();
}

/* --- The question made into a request. ---------------------------------------------------------- */

static struct weir_str claim_of(void *arg, struct weir_str name, uint32_t n)
{
	const struct asking *a = arg;

	for (unsigned i = 0; i < a->question->claim_count; i++)
		if (str_eq(a->question->claims[i].name, name) && n-- == 0)
			return a->question->claims[i].value;
	return STR_ABSENT;
}

static bool client_in(void *arg, const void *networks)
{
	const struct asking *a = arg;

	return network_list_contains(networks, &a->client);
}

/* "http://" of http://host/path; 0: it begins with the path. */
static size_t scheme_length(struct weir_str url)
{
	if (str_starts_nocase(url, STR("http://")))
		return 7;
	return str_starts_nocase(url, STR("https://")) ? 8 : 0;
}

static bool split_url(struct asking *a, struct weir_error *error)
{
	struct request *r = &a->request;
	struct weir_str url = a->question->url, rest = str_skip(url, scheme_length(url));
	struct target_rules rules = { .longest = 65536 };
	size_t cut = 0;

	r->target = url;
	if (rest.len < url.len) {
		while (cut < rest.len && rest.data[cut] != '/' && rest.data[cut] != '?')
			cut++;
		if (!headers_has_id(&r->headers, HEADER_HOST))	/* else it overrules, as in curl */
			(void)headers_add(&r->headers, STR("host"), str_head(rest, cut));
		r->target = str_skip(rest, cut);
		if (cut == rest.len || rest.data[cut] == '?')
			r->target = arena_join(&a->arena, (struct weir_str[]){ STR("/"), r->target }, 2);
	} else if (!headers_has_id(&r->headers, HEADER_HOST)) {
		(void)headers_add(&r->headers, STR("host"), STR("localhost"));
	}
	if (target_read(r, &rules) != REASON_NONE)
		return fail(error, "\"%.*s\" is not a URL that a request can have; write "
				   "http://HOST/PATH or /PATH", STR_ARG(url));
	return true;
}

static bool build_request(struct asking *a, struct weir_error *error)
{
	const struct admin_question *q = a->question;
	struct request *r = &a->request;

	r->method_text = q->method.data != NULL ? q->method : STR("GET");
	r->method = method_of(r->method_text);
	r->minor = 1;
	if (!header_name_valid(r->method_text))		/* both are tokens */
		return fail(error, "\"%.*s\" is not a method; write GET, POST or another",
			    STR_ARG(r->method_text));
	headers_init(&r->headers, &a->arena, 100);
	for (unsigned i = 0; i < q->header_count; i++) {
		if (!header_name_valid(q->headers[i].name))
			return fail(error, "\"%.*s\" is not a header's name; write NAME: VALUE",
				    STR_ARG(q->headers[i].name));
		(void)headers_add(&r->headers, q->headers[i].name, q->headers[i].value);
	}
	if (q->client.data != NULL && !peer_parse_ip(&a->client, q->client))
		return fail(error, "client \"%.*s\" is not an IP address", STR_ARG(q->client));
	return split_url(a, error);
}

static bool choose_listener(struct asking *a, struct weir_error *error)
{
	const struct snapshot *s = &a->world->snapshot;
	struct weir_str name = a->question->listener;

	for (uint32_t i = 0; i < s->listener_slots; i++) {
		const struct listener_plan *lp = s->listeners[i];

		if (lp == NULL || (name.data != NULL && !str_eq(lp->name, name)))
			continue;
		if (name.data == NULL && lp->redirect != NULL && a->listener == NULL)
			a->listener = lp;	/* only if nothing better comes */
		else if (name.data != NULL || a->listener == NULL ||
			 a->listener->redirect != NULL)
			a->listener = lp;
	}
	if (a->listener == NULL)
		return fail(error, "there is no listener \"%.*s\"", STR_ARG(name));
	return true;
}

/* --- The answer. -------------------------------------------------------------------------------- */

static void on_route(void *arg, uint32_t number, bool matched, struct weir_str why)
{
	struct asking *a = arg;
	const struct plan *plan = a->world->snapshot.plans[number];

	json_array_append_new(a->routes, json_pack("{s:o,s:b,s:o}", "route", text(plan->name),
						   "matched", matched, "why", text(why)));
}

struct wanted_service {
	struct weir_str name;
	json_t *endpoints;
};

static void on_service(void *arg, const struct service_row *row)
{
	struct wanted_service *want = arg;

	if (!str_eq(row->name, want->name))
		return;
	for (uint32_t i = 0; i < row->endpoint_count; i++) {
		const struct endpoint_row *e = &row->endpoints[i];

		json_array_append_new(want->endpoints,
				      json_pack("{s:o,s:o,s:o,s:b}", "address", text(e->address),
						"state", text(e->state), "why", text(e->why),
						"used", e->used));
	}
}

static void configured_endpoints(const struct world *w, struct wanted_service *want)
{
	const struct conf_entry *entry = conf_service(w->conf, want->name);
	const struct conf_value *items;
	uint32_t count;

	if (entry == NULL)
		return;
	items = conf_items(entry->value.object, "endpoints", &count);
	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(want->endpoints,
				      json_pack("{s:o}", "address",
						text(conf_text(items[i].object, "address"))));
}

static json_t *services(const struct asking *a, struct upstreams *upstreams)
{
	json_t *list = json_array();
	const struct conf_values *route = a->plan != NULL ? a->plan->conf : NULL;
	struct weir_str names[64];
	uint32_t count = 0;

	if (route != NULL && conf_text(route, "to").data != NULL)
		names[count++] = conf_text(route, "to");
	if (route != NULL) {
		uint32_t shares;
		const struct conf_entry *split = conf_entries(route, "split", &shares);

		for (uint32_t i = 0; i < shares && count < ARRAY_LEN(names); i++)
			names[count++] = split[i].key;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct wanted_service want = { names[i], json_array() };

		if (upstreams != NULL)
			upstreams_describe(upstreams, on_service, &want);
		else
			configured_endpoints(a->world, &want);
		json_array_append_new(list, json_pack("{s:o,s:o}", "service", text(names[i]),
						      "endpoints", want.endpoints));
	}
	return list;
}

static struct route_ask ask_of(struct asking *a)
{
	return (struct route_ask){ .request = &a->request, .claim = claim_of,
				   .identity = a->question->identity, .client_in = client_in, .arg = a, .arena = &a->arena };
}

static const char *find(struct asking *a, json_t *answer)
{
	const struct route_ask ask = ask_of(a);
	struct route_found found;
	struct weir_str allowed = STR_ABSENT;

	if (a->listener->redirect != NULL)
		return "redirect";
	table_explain(a->listener->routes, &ask, on_route, a);
	switch (table_find(a->listener->routes, &ask, &found, &allowed)) {
	case ROUTE_FOUND:
		a->plan = a->world->snapshot.plans[found.number];
		json_object_set_new(answer, "route", text(a->plan->name));
		if (a->plan->kind == PLAN_RESPOND || a->plan->kind == PLAN_REDIRECT)
			json_object_set_new(answer, "status", json_integer(a->plan->status));
		return "route";
	case ROUTE_METHOD:
		json_object_set_new(answer, "allow", text(allowed));
		return "method-not-allowed";
	case ROUTE_NONE:
		break;
	}
	return "no-route";
}

static const struct weir_field *fields(struct arena *arena, const struct admin_pair *pairs,
				       unsigned count)
{
	struct weir_field *all = arena_take(arena, (count + 1) * sizeof(*all));

	for (unsigned i = 0; all != NULL && i < count; i++)
		all[i] = (struct weir_field){ pairs[i].name, pairs[i].value };
	return all;
}

static json_t *policies(struct asking *a)
{
	const struct admin_question *q = a->question;
	const struct weir_question question = {
		.size = sizeof(question), .method = a->request.method_text, .host = a->request.host,
		.path = a->request.path, .query = a->request.query, .client = q->client,
		.identity = q->identity, .listener = a->listener->name,
		.headers = fields(&a->arena, q->headers, q->header_count),
		.claims = fields(&a->arena, q->claims, q->claim_count),
		.header_count = q->header_count, .claim_count = q->claim_count,
	};
	const struct route_ask ask = ask_of(a);

	return explain_policies(a->world, a->listener, a->plan, &ask, &question);
}

static json_t *answer_of(struct asking *a, struct upstreams *upstreams)
{
	json_t *answer = json_object();

	a->routes = json_array();
	json_object_set_new(answer, "method", text(a->request.method_text));
	json_object_set_new(answer, "host", text(a->request.host));
	json_object_set_new(answer, "path", text(a->request.path));
	json_object_set_new(answer, "listener", text(a->listener->name));
	json_object_set_new(answer, "result", json_string(find(a, answer)));
	json_object_set_new(answer, "routes", a->routes);
	json_object_set_new(answer, "policies", policies(a));
	json_object_set_new(answer, "services", services(a, upstreams));
	return answer;
}

json_t *explain(const struct world *w, struct upstreams *upstreams,
		const struct admin_question *question, struct weir_error *error)
{
	struct asking a = { .world = w, .question = question };
	json_t *answer = NULL;

	arena_init(&a.arena, NULL, 4 << 20);
	if (build_request(&a, error) && choose_listener(&a, error))
		answer = answer_of(&a, upstreams);
	arena_reset(&a.arena);
	return answer;
}
