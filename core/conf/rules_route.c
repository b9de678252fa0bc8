/* rules_route.c - rules of routes. */
#include "core/conf/rules.h"

#include "core/base/mem.h"
#include "core/conf/shape.h"

struct routes {
	struct conf *conf;
	struct diagnostics *out;
	struct map names;	/* of routes -> the route's conf_value */
	struct map listeners;	/* name -> its conf_entry */
	struct map listed;	/* listeners that some route names */
};

static const char *const actions[] = { "to", "split", "redirect", "respond" };

static void check_action(struct routes *r, const struct conf_values *route)
{
	const char *chosen = NULL;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (conf_get(route, actions[i]) == NULL)
			continue;
		if (chosen != NULL)
			diagnose(r->out, conf_place(route, actions[i]), "a route has one of to, "
				 "split, redirect and respond; this one has %s and %s",
				 chosen, actions[i]);
		chosen = actions[i];
	}
	if (chosen == NULL && !option_has_unknown(route))
		diagnose(r->out, route->place, "this route goes nowhere; write to: SERVICE, or "
			 "one of split, redirect and respond");
}

static bool check_name(struct routes *r, const struct conf_value *route)
{
	struct weir_str name = conf_text(route->object, "name");
	const struct conf_value *other;

	if (name.len == 0)
		return true;
	other = map_get(&r->names, name);
	if (other == NULL)
		return map_set(&r->names, name, (void *)route);
	return diagnose(r->out, conf_place(route->object, "name"), "name: the route at %s is "
			"named \"%s\" too", place_words(conf_place(other->object, "name")).text,
			shown(name).text) || true;
}

static void check_listener(struct routes *r, const struct conf_value *name)
{
	const struct conf_entry *listener = map_get(&r->listeners, name->text);
	struct nearest near;

	if (listener != NULL && conf_object(listener->value.object, "redirect") != NULL) {
		diagnose(r->out, name->place, "listeners: %s redirects and serves no routes",
			 shown(name->text).text);
	} else if (listener == NULL) {
		nearest_init(&near, name->text);
		map_for_each(entry, &r->listeners)
			nearest_try(&near, entry->key.data);
		diagnose(r->out, name->place, "there is no listener \"%s\"%s",
			 shown(name->text).text,
			 near.best != NULL ? nearest_words(&near).text :
					     "; listeners stand under `listen:`");
	}
}

static bool check_listeners(struct routes *r, const struct conf_values *route)
{
	uint32_t count;
	const struct conf_value *names = conf_items(route, "listeners", &count);

	for (uint32_t i = 0; i < count; i++) {
		check_listener(r, &names[i]);
		if (!map_set(&r->listed, names[i].text, (void *)&names[i]))
			return false;
	}
	return true;
}

static void check_split(struct routes *r, const struct conf_values *route)
{
	const struct conf_value *split = conf_get(route, "split");
	int64_t sum = 0;

	for (uint32_t i = 0; split != NULL && i < split->count; i++)
		sum += split->entries[i].value.integer;
	if (split != NULL && sum == 0)
		diagnose(r->out, split->place, "split: nothing is left to send anywhere; one "
			 "weight must be above 0");
	if (split == NULL && conf_given(route, "split_by"))
		diagnose(r->out, conf_place(route, "split_by"), "split_by: there is no split here");
}

static void check_answers(struct routes *r, const struct conf_values *route)
{
	const struct conf_values *redirect = conf_object(route, "redirect");
	const struct conf_values *respond = conf_object(route, "respond");
	static const char *const parts[] = { "scheme", "host", "port", "path" };
	int64_t status = conf_integer(redirect, "status");
	bool whole = redirect != NULL && conf_given(redirect, "to"), part = false;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		part |= redirect != NULL && conf_given(redirect, parts[i]);
	if (whole && part)
		diagnose(r->out, conf_place(redirect, "to"), "redirect: write either `to` or its "
			 "parts scheme, host, port and path");
	if (redirect != NULL && !whole && !part)
		diagnose(r->out, redirect->place, "redirect: this goes back to the same URL; "
			 "write to, scheme, host, port or path");
	if (status >= 304 && status <= 306)
		diagnose(r->out, conf_place(redirect, "status"), "status: %d does not redirect; "
			 "expected 301, 302, 303, 307 or 308", (int)status);
	if (conf_get(respond, "body") != NULL && conf_get(respond, "file") != NULL)
		diagnose(r->out, conf_place(respond, "file"), "respond: has both body and file; "
			 "keep one");
}

/* One test, and no more. */
static void check_test(struct routes *r, const struct conf_values *test, const char *what)
{
	static const char *const ways[] = { "is", "present", "regex" };
	unsigned given = 0;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		given += conf_get(test, ways[i]) != NULL;
	if (given != 1)
		diagnose(r->out, test->place, "%s: expected one of is, present and regex", what);
}

static void check_values_of(struct routes *r, const struct conf_values *match, const char *name)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(match, name, &count);

	for (uint32_t i = 0; i < count; i++)
		check_test(r, entries[i].value.object, shown(entries[i].key).text);
}

static void check_match(struct routes *r, const struct conf_values *match)
{
	const struct conf_values *path = conf_object(match, "path");

	if (path != NULL && (conf_get(path, "is") != NULL) == (conf_get(path, "regex") != NULL))
		diagnose(r->out, path->place, "path: expected either a path or {regex: \"...\"}");
	check_values_of(r, match, "header");
	check_values_of(r, match, "query");
	check_values_of(r, match, "claim");
	if (conf_object(match, "identity") != NULL)
		check_test(r, conf_object(match, "identity"), "identity");
}

static bool check_condition(void *context, struct conf_slot *slot)
{
	check_match(context, slot->when);
	return true;
}

static void check_tries(struct routes *r, const struct conf_values *route)
{
	const struct conf_values *timeout = conf_object(route, "timeout");
	const struct conf_values *retry = conf_object(route, "retry");
	uint64_t head = conf_duration(timeout, "head"), per_try = conf_duration(retry, "per_try");

	if (conf_given(retry, "per_try") && conf_given(timeout, "head") && per_try > head)
		diagnose_warning(r->out, conf_place(retry, "per_try"), "per_try: one try may take "
				 "longer than the route's timeout, so a slow one is never "
				 "followed by another");
	if (conf_duration(timeout, "all") < head && conf_given(timeout, "all") &&
	    conf_given(timeout, "head"))
		diagnose_warning(r->out, conf_place(timeout, "all"), "all: this ends before the "
				 "time for the head does");
}

static bool check_route(struct routes *r, const struct conf_value *route)
{
	if (!check_name(r, route) || !check_listeners(r, route->object))
		return false;
	check_action(r, route->object);
	check_split(r, route->object);
	check_answers(r, route->object);
	check_match(r, conf_object(route->object, "match"));
	check_tries(r, route->object);
	return true;
}

static void check_unserved(struct routes *r)
{
	map_for_each(entry, &r->listeners) {
		const struct conf_entry *listener = entry->value;

		if (conf_is(listener->value.object, "routes", "named") &&
		    map_get(&r->listed, entry->key) == NULL)
			diagnose_warning(r->out, listener->key_place, "the listener %s serves "
					 "only routes that list it, and none does",
					 entry->key.data);
	}
}

static bool check_all(struct routes *r)
{
	uint32_t count;
	const struct conf_entry *listeners = conf_entries(r->conf->top, "listen", &count);
	const struct conf_value *routes;

	for (uint32_t i = 0; i < count; i++)
		if (!map_set(&r->listeners, listeners[i].key, (void *)&listeners[i]))
			return false;
	routes = conf_items(r->conf->top, "routes", &count);
	for (uint32_t i = 0; i < count; i++)
		if (!check_route(r, &routes[i]))
			return false;
	check_unserved(r);
	return conf_visit_slots(r->conf, check_condition, r);
}

bool rules_check_routes(struct conf *conf, struct diagnostics *d)
{
	struct routes r = { .conf = conf, .out = d };
	bool done;

	map_init(&r.names);
	map_init(&r.listeners);
	map_init(&r.listed);
	done = check_all(&r);
	map_fini(&r.names);
	map_fini(&r.listeners);
	map_fini(&r.listed);
	return done;
}
