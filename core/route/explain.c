/* explain.c - why each route did, or did not, match a request. */
#include "core/route/explain.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/route/inside.h"

/* A route as this request sees it. */
struct seen {
	const struct route *route;
	size_t precision;	/* of the host */
	struct weir_str why;	/* absent: it matches */
};

static struct weir_str hosts_of(const struct route *r, struct arena *arena)
{
	struct weir_str text = STR("");

	for (uint32_t i = 0; i < r->host_count; i++)
		text = arena_print(arena, "%.*s%s%s%.*s", STR_ARG(text), i > 0 ? ", " : "",
				   r->hosts[i].below ? "*." : "", STR_ARG(r->hosts[i].name));
	return text;
}

static struct weir_str methods_of(const struct route *r, struct arena *arena)
{
	struct weir_str text = STR("");

	for (enum method m = METHOD_GET; m <= METHOD_PATCH; m++)
		if ((r->methods >> m & 1) != 0)
			text = arena_print(arena, "%.*s%s%.*s", STR_ARG(text),
					   text.len > 0 ? ", " : "", STR_ARG(method_text(m)));
	for (uint32_t i = 0; i < r->other_count; i++)
		text = arena_print(arena, "%.*s%s%.*s", STR_ARG(text), text.len > 0 ? ", " : "",
				   STR_ARG(r->others[i]));
	return text;
}

static struct weir_str why_not_host(const struct route *r, const struct route_ask *ask)
{
	struct weir_str hosts = hosts_of(r, ask->arena), host = ask->request->host;

	if (host.data == NULL)
		return arena_print(ask->arena, "host: there is none, and it wants %.*s",
				   STR_ARG(hosts));
	return arena_print(ask->arena, "host: %.*s is not %.*s", STR_ARG(host), STR_ARG(hosts));
}

static struct weir_str why_not_rest(const struct route *r, const struct route_ask *ask)
{
	for (uint32_t i = 0; i < r->predicate_count; i++)
		if (!predicate_holds(&r->predicates[i], ask))
			return predicate_why_not(&r->predicates[i], ask);
	return STR_ABSENT;
}

static struct weir_str why_not(const struct route *r, const struct route_ask *ask,
			       size_t *precision)
{
	const struct request *request = ask->request;

	if (!route_takes_host(r, request->host, precision))
		return why_not_host(r, ask);
	if (!pattern_match(r->pattern, request->path, NULL))
		return arena_print(ask->arena, "path: %.*s is not %.*s%s", STR_ARG(request->path),
				   STR_ARG(r->pattern->text),
				   r->pattern->regex != NULL ? " (regular expression)" : "");
	if (!route_takes_method(r, request))
		return arena_print(ask->arena, "method: %.*s is not %.*s",
				   STR_ARG(request->method_text),
				   STR_ARG(methods_of(r, ask->arena)));
	return why_not_rest(r, ask);
}

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

static int compare_paths(const struct pattern *a, const struct pattern *b)
{
	for (uint32_t i = 0;; i++) {
		enum pattern_rank x = pattern_rank(a, i), y = pattern_rank(b, i);

		if (x != y || x == RANK_END || x == RANK_REGEX || x == RANK_REST)
			return ORDER(x, y);
	}
}

/* The first difference between two that match; NULL when there is none but the position. */
static const char *difference(const struct seen *a, const struct seen *b, int *order)
{
	*order = ORDER(b->precision, a->precision);
	if (*order != 0)
		return "host";
	*order = compare_paths(a->route->pattern, b->route->pattern);
	if (*order != 0)
		return "path";
	*order = ORDER(b->route->weight, a->route->weight);
	if (*order != 0)
		return "number of conditions";
	*order = ORDER(a->route->number, b->route->number);
	return "position";
}

static int best_first(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	bool x_fails = x->why.data != NULL, y_fails = y->why.data != NULL;
	int order;

	if (x_fails != y_fails)
		return x_fails ? 1 : -1;
	if (x_fails)
		return ORDER(x->route->number, y->route->number);
	difference(x, y, &order);
	return order;
}

static struct weir_str sentence(const struct seen *best, const struct seen *s, struct arena *arena)
{
	int order;

	if (s->why.data != NULL)
		return s->why;
	if (s == best)
		return STR("it is the most precise that matches");
	return arena_print(arena, "it is less precise than route %.*s (%s)",
			   STR_ARG(best->route->name), difference(best, s, &order));
}

void table_explain(const struct table *t, const struct route_ask *ask,
		   void (*line)(void *arg, uint32_t number, bool matched, struct weir_str why),
		   void *arg)
{
	struct seen *all = arena_zero(ask->arena, t->count * sizeof(*all));

	if (all == NULL || t->count == 0)
		return;
	for (uint32_t i = 0; i < t->count; i++) {
		all[i].route = &t->routes[i];
		all[i].why = why_not(&t->routes[i], ask, &all[i].precision);
	}
	qsort(all, t->count, sizeof(*all), best_first);
	for (uint32_t i = 0; i < t->count; i++)
		line(arg, all[i].route->number, all[i].why.data == NULL,
		     sentence(&all[0], &all[i], ask->arena));
}
