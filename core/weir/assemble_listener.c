/* assemble_listener.c - listeners of the configuration: what they tell their sessions, and their tables. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/route/key.h"
#include "core/telemetry/record.h"
#include "core/weir/assemble_tls.h"

static uint64_t time_of(const struct world *w, const struct conf_values *c, const char *name)
{
	(void)w;
	return conf_duration(conf_object(c, "timeouts"), name);
}

static void limits_of(const struct conf_values *c, struct listener_plan *lp)
{
	const struct conf_values *limits = conf_object(c, "limits");
	int64_t connections = conf_integer(limits, "connections");

	lp->limits.head_bytes = conf_size(limits, "header_bytes");
	lp->limits.headers = (uint16_t)conf_integer(limits, "headers");
	lp->head_limit = lp->limits.head_bytes;
	lp->header_limit = lp->limits.headers;
	lp->limits.target.longest = conf_size(limits, "target");
	lp->limits.target.keep_encoded_slash = conf_is(c, "encoded_slash", "keep");
	lp->body_limit = conf_size(limits, "body");
	lp->connections = connections > UINT32_MAX ? UINT32_MAX : (uint32_t)connections;
}

/* A listener whose requests all go to another scheme has one plan, and no table. */
static bool redirect_of(struct world *w, const struct conf_values *c, struct listener_plan *lp,
			struct diagnostics *d)
{
	const struct conf_values *r = conf_object(c, "redirect");
	struct plan *plan;
	struct weir_error error = { "" };
	int64_t port;
	char text[96], digits[24] = "";

	if (r == NULL)
		return true;
	plan = arena_zero(&w->arena, sizeof(*plan));
	if (plan == NULL)
		return diagnose_memory(d);
	port = conf_integer(r, "port");
	if (port > 0)
		(void)snprintf(digits, sizeof(digits), ":%lld", (long long)port);
	(void)snprintf(text, sizeof(text), "%.*s://{host}%s", STR_ARG(conf_text(r, "scheme")),
		       digits);
	plan->kind = PLAN_REDIRECT;
	plan->status = (uint16_t)conf_integer(r, "status");
	plan->location = template_compile(&w->arena, str_from(text), &error);
	plan->whole_path = true;
	plan->slot = RECORD_NO_SLOT;		/* it is no route of the file */
	plan->retry = (struct retry_rules){ .attempts = 1, .per_try = CLOCK_NEVER };
	plan->head_timeout = plan->all_timeout = CLOCK_NEVER;
	if (plan->location == NULL)
		return diagnose(d, r->place, "%s", error.text);
	lp->redirect = plan;
	return true;
}

static bool fill(struct world *w, const struct conf_entry *entry, struct listener_plan *lp,
		 struct diagnostics *d)
{
	const struct conf_values *c = entry->value.object;
	struct weir_str path = arena_print(&w->arena, "listener %.*s", STR_ARG(entry->key));
	uint32_t count;
	const struct conf_slot *policies = conf_slots(c, "policies", &count);
	const struct conf_value *trusted;

	lp->name = entry->key;
	lp->head_timeout = time_of(w, c, "head");
	lp->body_timeout = time_of(w, c, "body");
	lp->idle_timeout = time_of(w, c, "idle");
	lp->tell_reasons = conf_is(c, "reasons", "on");
	lp->named_only = conf_is(c, "routes", "named");
	limits_of(c, lp);
	if (conf_object(c, "tls") != NULL) {
		lp->tls_timeout = time_of(w, c, "tls");
		lp->forward_client_cert = conf_boolean(conf_object(c, "tls"), "forward_client_cert");
		lp->tls = assemble_tls_server(w, entry, d);
		if (lp->tls == NULL)
			return false;
	}
	if (!assemble_chain(w, &lp->chain, policies, count, path, NULL, d))
		return false;
	trusted = conf_items(c, "trusted_proxies", &count);
	if (count > 0)
		lp->trusted = networks_of(&w->arena, trusted, count);
	if (lp->chain.numbers > w->listener_chain.numbers)
		w->listener_chain.numbers = lp->chain.numbers;
	return redirect_of(w, c, lp, d);
}

static bool take_slot(struct world *w, const struct conf_entry *entry, uint32_t number,
		      uint32_t *slot, struct diagnostics *d)
{
	struct weir_error error = { "" };

	*slot = number;
	if (w->gateway == NULL)
		return true;
	if (!slots_take(&w->gateway->listener_slots, entry->key, slot, &error))
		return diagnose(d, entry->key_place, "%s", error.text);
	return true;
}

/* Slots of the process are dense but may exceed the count of this configuration. */
static bool make_room(struct world *w, uint32_t count, struct diagnostics *d)
{
	struct snapshot *s = &w->snapshot;
	uint32_t slots = count;

	if (w->gateway != NULL)
		slots += slots_count(&w->gateway->listener_slots);
	s->listeners = arena_zero(&w->arena, (slots + 1) * sizeof(struct listener_plan *));
	if (s->listeners == NULL)
		return diagnose_memory(d);
	s->listener_slots = slots;
	return true;
}

static struct plan *new_call_plan(struct world *w, const char *name)
{
	struct plan *plan = arena_zero(&w->arena, sizeof(*plan));

	if (plan == NULL)
		return NULL;
	plan->name = str_from(name);
	plan->head_timeout = plan->all_timeout = CLOCK_NEVER;
	plan->retry = (struct retry_rules){ .attempts = 1, .per_try = CLOCK_NEVER };
	return plan;
}

/* Within which limits, and how, requests go out that no client has made. Calls are tried again by the
 * rules of `defaults.route`. */
static bool make_call_side(struct world *w, struct diagnostics *d)
{
	struct listener_plan *lp = arena_zero(&w->arena, sizeof(*lp));
	struct snapshot *s = &w->snapshot;

	s->call_plan = new_call_plan(w, "call");
	s->mirror_plan = new_call_plan(w, "mirror");
	if (lp == NULL || s->call_plan == NULL || s->mirror_plan == NULL)
		return diagnose_memory(d);
	*lp = (struct listener_plan){ .name = STR("call"), .body_limit = UINT64_MAX };
	lp->limits = (struct h1_limits){ .head_bytes = 32768, .headers = 100,
					 .target = { .longest = 8192 } };
	s->call_listener = lp;
	return assemble_retry(w, &s->call_plan->retry, w->conf->calls, STR("calls"), d);
}

bool assemble_listeners(struct world *w, struct diagnostics *d)
{
	uint32_t count, slot;
	const struct conf_entry *entries = conf_entries(w->conf->top, "listen", &count);
	bool ok = true;

	if (!make_room(w, count, d) || !make_call_side(w, d))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct listener_plan *lp = arena_zero(&w->arena, sizeof(*lp));

		if (lp == NULL)
			return diagnose_memory(d);
		if (!take_slot(w, &entries[i], i, &slot, d))
			return false;
		lp->slot = slot;
		w->snapshot.listeners[slot] = lp;
		ok = fill(w, &entries[i], lp, d) && ok;
	}
	return ok;
}

/* --- Tables. ------------------------------------------------------------------------------------ */

bool listener_serves(const struct listener_plan *lp, const struct conf_values *route)
{
	uint32_t count;
	const struct conf_value *names = conf_items(route, "listeners", &count);

	if (count == 0)
		return !lp->named_only;
	for (uint32_t i = 0; i < count; i++)
		if (str_eq(names[i].text, lp->name))
			return true;
	return false;
}

static bool same_selection(const struct route_spec *const *a, uint32_t a_count,
			   const struct route_spec *const *b, uint32_t b_count)
{
	return a_count == b_count && memcmp(a, b, a_count * sizeof(*a)) == 0;
}

enum { FAULTS_MOST = 10 };	/* of one table that are told */

struct selection {
	const struct route_spec **specs;
	uint32_t count;
	struct table *table;
};

static bool select_routes(struct world *w, const struct listener_plan *lp, struct selection *s)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);

	s->specs = arena_take(&w->arena, (count + 1) * sizeof(*s->specs));
	s->count = 0;
	s->table = NULL;
	for (uint32_t i = 0; s->specs != NULL && i < count; i++)
		if (listener_serves(lp, routes[i].object))
			s->specs[s->count++] = &w->specs[i];
	return s->specs != NULL;
}

/* Heads are read before their route is known. */
static void widen(const struct snapshot *snapshot, struct listener_plan *lp, const struct selection *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct plan *plan = snapshot->plans[s->specs[i]->number];

		if (plan->head_limit > lp->limits.head_bytes)
			lp->limits.head_bytes = plan->head_limit;
		if (plan->header_limit > lp->limits.headers)
			lp->limits.headers = (uint16_t)plan->header_limit;
	}
}

/* The first route with which it cannot be built: the second of two that are the same. Its index. Those before
 * `fine` are. */
static uint32_t faulty(const struct selection *s, uint32_t fine)
{
	uint32_t faulty = s->count;

	while (fine + 1 < faulty) {
		uint32_t middle = fine + (faulty - fine) / 2;
		struct table *t = table_build(s->specs, middle, NULL);

		if (t != NULL)
			fine = middle;
		else
			faulty = middle;
		table_free(t);
	}
	return faulty - 1;
}

/* Tells what is wrong with one route, and goes on without it, so that all of them are told. */
static void tell_faults(const struct world *w, struct selection *s, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);
	uint32_t at = 0;

	for (int i = 0; i < FAULTS_MOST && s->count > 0; i++) {
		struct weir_error error = { "" };
		struct table *t;

		at = faulty(s, at);
		t = table_build(s->specs, at + 1, &error);
		if (t == NULL)
			diagnose(d, routes[s->specs[at]->number].place, "%s", error.text);
		table_free(t);
		if (t != NULL)
			return;
		s->count--;
		memmove(&s->specs[at], &s->specs[at + 1], (s->count - at) * sizeof(*s->specs));
	}
}

/* Two listeners with the same routes share a table. */
static bool build_table(struct world *w, struct selection *all, uint32_t at, struct diagnostics *d)
{
	struct selection *s = &all[at];

	for (uint32_t i = 0; i < at && s->table == NULL; i++)
		if (all[i].table != NULL &&
		    same_selection(s->specs, s->count, all[i].specs, all[i].count))
			s->table = all[i].table;
	if (s->table != NULL)
		return true;
	s->table = table_build(s->specs, s->count, NULL);
	if (s->table == NULL) {
		tell_faults(w, s, d);
		return diagnostics_fine(d) ? diagnose_memory(d) : false;
	}
	if (!world_keep_table(w, s->table)) {
		table_free(s->table);
		return diagnose_memory(d);
	}
	return true;
}

bool assemble_tables(struct world *w, struct diagnostics *d)
{
	struct snapshot *s = &w->snapshot;
	struct selection *all = arena_zero(&w->arena, (s->listener_slots + 1) * sizeof(*all));
	uint32_t count = 0;

	if (all == NULL)
		return diagnose_memory(d);
	for (uint32_t i = 0; i < s->listener_slots; i++) {
		struct listener_plan *lp = s->listeners[i];

		if (lp == NULL || lp->redirect != NULL)
			continue;
		if (!select_routes(w, lp, &all[count]))
			return diagnose_memory(d);
		if (!build_table(w, all, count, d))
			return false;
		widen(s, lp, &all[count]);
		lp->routes = all[count++].table;
	}
	return true;
}
