/* assemble_route.c - routes of the configuration made into plans. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/conf/source.h"
#include "core/proxy/plan.h"
#include "core/route/key.h"
#include "core/upstream/service.h"
#include "core/weir/assemble.h"

struct planning {
	struct world *world;
	const struct conf_values *c;	/* the route */
	struct plan *plan;
	struct weir_str path;		/* "route tariff" */
	struct diagnostics *d;
};

static const struct template *compile(struct planning *p, const struct conf_values *c,
				      const char *name)
{
	struct weir_error error = { "" };
	const struct template *t;

	if (conf_text(c, name).data == NULL)
		return NULL;
	t = template_compile(&p->world->arena, conf_text(c, name), &error);
	if (t == NULL)
		diagnose(p->d, conf_place(c, name), "%s", error.text);
	return t;
}

static struct service *service_of(struct planning *p, struct weir_str name)
{
	return snapshot_service(&p->world->snapshot, name);
}

/* --- Header edits. ----------------------------------------------------------------------------- */

static bool edit_value(struct planning *p, struct header_edit *e, const struct conf_value *value)
{
	struct weir_error error = { "" };

	e->value = template_compile(&p->world->arena, value->text, &error);
	if (e->value == NULL)
		return diagnose(p->d, value->place, "%s", error.text);
	if (template_is_plain(e->value, &e->text))
		e->value = NULL;
	return true;
}

static bool edits_add(struct planning *p, struct header_edits *edits, const struct conf_values *c,
		      const char *name, int kind)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(c, name, &count);
	bool ok = true;

	for (uint32_t i = 0; i < count; i++) {
		struct header_edit *e = &edits->at[edits->count++];

		e->kind = kind;
		e->name = entries[i].key;
		ok &= edit_value(p, e, &entries[i].value);
	}
	return ok;
}

static void edits_remove(struct header_edits *edits, const struct conf_value *items, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct header_edit *e = &edits->at[edits->count++];

		e->kind = EDIT_REMOVE;
		e->name = items[i].text;
	}
}

static bool edits_of(struct planning *p, struct header_edits *edits, const char *name)
{
	const struct conf_values *c = conf_object(p->c, name);
	const struct conf_value *removed;
	uint32_t set, add, remove;

	if (c == NULL)
		return true;
	(void)conf_entries(c, "set", &set);
	(void)conf_entries(c, "add", &add);
	removed = conf_items(c, "remove", &remove);
	edits->at = arena_zero(&p->world->arena, (set + add + remove + 1) * sizeof(*edits->at));
	if (edits->at == NULL)
		return diagnose_memory(p->d);
	edits_remove(edits, removed, remove);
	return edits_add(p, edits, c, "set", EDIT_SET) && edits_add(p, edits, c, "add", EDIT_ADD);
}

/* --- Where it goes. ---------------------------------------------------------------------------- */

static bool plan_split(struct planning *p)
{
	struct plan *plan = p->plan;
	const struct conf_value *by = conf_get(p->c, "split_by");
	uint32_t count;
	const struct conf_entry *entries = conf_entries(p->c, "split", &count);

	plan->kind = PLAN_SPLIT;
	plan->shares = arena_zero(&p->world->arena, (count + 1) * sizeof(*plan->shares));
	if (plan->shares == NULL)
		return diagnose_memory(p->d);
	for (uint32_t i = 0; i < count; i++) {
		plan->share_total += (uint32_t)entries[i].value.integer;
		plan->shares[i].service = service_of(p, entries[i].key);
		plan->shares[i].upto = plan->share_total;
	}
	plan->share_count = count;
	if (plan->share_total == 0)
		return diagnose(p->d, conf_place(p->c, "split"),
				"every weight of this split is 0: nothing would be sent anywhere");
	if (by != NULL && by->count > 0) {
		struct weir_error error = { "" };
		struct weir_str *parts = arena_take(&p->world->arena, by->count * sizeof(*parts));

		for (uint32_t i = 0; parts != NULL && i < by->count; i++)
			parts[i] = by->items[i].text;
		plan->split_by = parts != NULL ? key_compile(&p->world->arena, parts, by->count,
							     &error) : NULL;
		if (plan->split_by == NULL)
			return diagnose(p->d, by->place, "%s", error.text);
	}
	return true;
}

static struct weir_str location_parts(struct planning *p, const struct conf_values *c)
{
	struct weir_str scheme = conf_text(c, "scheme"), host = conf_text(c, "host");
	struct weir_str path = conf_text(c, "path");
	int64_t port = conf_integer(c, "port");
	char digits[24] = "";

	if (port > 0)
		(void)snprintf(digits, sizeof(digits), ":%lld", (long long)port);
	return arena_print(&p->world->arena, "%.*s://%.*s%s%.*s",
			   STR_ARG(scheme.data != NULL ? scheme : STR("http")),
			   STR_ARG(host.data != NULL ? host : STR("{host}")), digits,
			   STR_ARG(path.data != NULL ? path : STR("{*path}")));
}

static bool plan_redirect(struct planning *p, const struct conf_values *c)
{
	struct weir_error error = { "" };
	struct weir_str to = conf_find(c, "to") != NULL ? conf_text(c, "to") : STR_ABSENT;

	p->plan->kind = PLAN_REDIRECT;
	p->plan->status = (uint16_t)conf_integer(c, "status");
	if (to.data == NULL)
		to = location_parts(p, c);
	p->plan->whole_path = str_find_str(to, STR("{*path}")) < to.len;
	if (p->plan->whole_path)
		to = str_head(to, str_find_str(to, STR("{*path}")));
	p->plan->location = template_compile(&p->world->arena, to, &error);
	if (p->plan->location == NULL)
		return diagnose(p->d, c->place, "%s", error.text);
	return true;
}

static struct weir_str type_of_file(struct weir_str path)
{
	static const struct { const char *ending, *type; } known[] = {
		{ ".html", "text/html; charset=utf-8" }, { ".json", "application/json" },
		{ ".txt", "text/plain; charset=utf-8" }, { ".css", "text/css" },
		{ ".js", "text/javascript" }, { ".svg", "image/svg+xml" }, { ".png", "image/png" },
		{ ".ico", "image/x-icon" },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_ends(path, str_from(known[i].ending)))
			return str_from(known[i].type);
	return STR("application/octet-stream");
}

static bool plan_respond(struct planning *p)
{
	const struct conf_values *c = conf_object(p->c, "respond");
	struct weir_str file = conf_text(c, "file");
	struct weir_error error = { "" };
	struct header_edits *edits = &p->plan->respond_headers;
	uint32_t count;

	p->plan->kind = PLAN_RESPOND;
	p->plan->status = (uint16_t)conf_integer(c, "status");
	p->plan->content_type = STR("text/plain; charset=utf-8");
	p->plan->body = compile(p, c, "body");
	if (file.data != NULL) {
		if (!sources_read(&p->world->conf->sources, file.data, 16u << 20, true,
				  &p->plan->body_file, &error))
			return diagnose(p->d, conf_place(c, "file"), "%s", error.text);
		p->plan->content_type = type_of_file(file);
	}
	(void)conf_entries(c, "headers", &count);
	edits->at = arena_zero(&p->world->arena, (count + 1) * sizeof(*edits->at));
	if (edits->at == NULL)
		return diagnose_memory(p->d);
	return edits_add(p, edits, c, "headers", EDIT_SET);
}

static bool plan_target(struct planning *p)
{
	if (conf_object(p->c, "redirect") != NULL)
		return plan_redirect(p, conf_object(p->c, "redirect"));
	if (conf_object(p->c, "respond") != NULL)
		return plan_respond(p);
	if (conf_given(p->c, "split"))
		return plan_split(p);
	p->plan->kind = PLAN_SERVICE;
	p->plan->service = service_of(p, conf_text(p->c, "to"));
	return true;
}

/* --- What happens on the way. ------------------------------------------------------------------ */

static bool plan_mirror(struct planning *p)
{
	const struct conf_values *c = conf_object(p->c, "mirror");
	struct mirror_rules *m = &p->plan->mirror;
	const struct conf_value *removed;
	uint32_t count;
	double share;

	if (c == NULL)
		return true;
	share = conf_number(c, "share");
	m->service = service_of(p, conf_text(c, "to"));
	m->share = share >= 1 ? UINT32_MAX : (uint32_t)(share * UINT32_MAX);
	m->body = (uint32_t)conf_size(c, "body");
	removed = conf_items(c, "remove", &count);
	m->edits.at = arena_zero(&p->world->arena, (count + 1) * sizeof(*m->edits.at));
	if (m->edits.at == NULL)
		return diagnose_memory(p->d);
	edits_remove(&m->edits, removed, count);
	return true;
}

static bool plan_rewrite(struct planning *p)
{
	const struct conf_values *c = conf_object(p->c, "rewrite");

	if (c == NULL)
		return true;
	p->plan->path = compile(p, c, "path");
	p->plan->host = compile(p, c, "host");
	return true;
}

static void plan_limits(struct planning *p)
{
	const struct conf_values *c = conf_object(p->c, "limits");

	if (c == NULL)
		return;
	if (conf_given(c, "body")) {
		p->plan->body_limit = conf_size(c, "body");
		p->plan->body_limited = true;
	}
	if (conf_given(c, "header_bytes"))
		p->plan->head_limit = (uint32_t)conf_size(c, "header_bytes");
	if (conf_given(c, "headers"))
		p->plan->header_limit = (uint32_t)conf_integer(c, "headers");
}

static bool plan_one(struct planning *p)
{
	const struct conf_values *timeout = conf_object(p->c, "timeout");
	uint32_t count;
	const struct conf_slot *policies = conf_slots(p->c, "policies", &count);
	bool ok = plan_target(p);

	p->plan->head_timeout = conf_duration(timeout, "head");
	p->plan->all_timeout = conf_duration(timeout, "all");
	plan_limits(p);
	ok &= edits_of(p, &p->plan->request_headers, "request_headers");
	ok &= edits_of(p, &p->plan->response_headers, "response_headers");
	ok &= plan_rewrite(p);
	ok &= plan_mirror(p);
	ok &= assemble_retry(p->world, &p->plan->retry, p->c, p->path, p->d);
	ok &= assemble_chain(p->world, &p->plan->chain, policies, count, p->path,
			     &p->world->listener_chain, p->d);
	return ok;
}

static bool name_route(struct planning *p, uint32_t number)
{
	struct weir_error error = { "" };
	struct weir_str name = conf_text(p->c, "name");

	if (name.data == NULL)
		name = arena_print(&p->world->arena, "route-%u", number + 1);
	p->path = arena_print(&p->world->arena, "route %.*s", STR_ARG(name));
	if (p->world->gateway != NULL &&
	    !slots_take(&p->world->gateway->route_slots, name, &p->plan->slot, &error))
		return diagnose(p->d, p->c->place, "%s", error.text);
	p->plan->name = name;
	return true;
}

static bool add_route(struct world *w, const struct conf_values *c, uint32_t number,
		      struct diagnostics *d)
{
	struct plan *plan = arena_zero(&w->arena, sizeof(*plan));
	struct planning p = { .world = w, .c = c, .plan = plan, .d = d };
	struct route_spec *spec = &w->specs[number];

	if (plan == NULL)
		return diagnose_memory(d);
	w->snapshot.plans[number] = plan;
	plan->conf = c;
	if (!name_route(&p, number))
		return false;
	*spec = (struct route_spec){ .number = number, .name = plan->name };
	if (!match_spec(&w->arena, conf_object(c, "match"), spec))
		return diagnose_memory(d);
	if (!spec->path_is_regex)
		plan->pattern = spec->path;
	return plan_one(&p);
}

bool assemble_routes(struct world *w, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);
	bool ok = true;

	w->snapshot.plans = arena_zero(&w->arena, (count + 1) * sizeof(struct plan *));
	w->specs = arena_zero(&w->arena, (count + 1) * sizeof(*w->specs));
	if (w->snapshot.plans == NULL || w->specs == NULL)
		return diagnose_memory(d);
	w->snapshot.plan_count = count;
	for (uint32_t i = 0; i < count; i++)
		ok &= add_route(w, routes[i].object, i, d);
	return ok;
}
