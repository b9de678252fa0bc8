/* admit.c - is the request one that we serve, from whom is it, and which route is its? */
#include "core/base/clock.h"
#include "core/http/hop.h"
#include "core/net/network.h"
#include "core/proxy/claims.h"
#include "core/proxy/exchange.h"
#include "core/proxy/limit.h"
#include "core/proxy/secure.h"
#include "core/proxy/templates.h"
#include "core/route/table.h"

enum { PASSES_MOST = 16 };	/* Weirs that one request may pass */

/* The rightmost address that no trusted proxy has written: what is to the left of it anybody can forge. */
static struct weir_str forwarded_client(struct exchange *ex)
{
	struct weir_str list = headers_joined(&ex->req.headers, STR("x-forwarded-for"));
	struct weir_str client = ex->peer_ip;

	while (list.len > 0) {
		size_t cut = list.len;
		struct weir_str one;
		struct peer p;

		while (cut > 0 && list.data[cut - 1] != ',')
			cut--;
		one = str_trim(str_skip(list, cut));
		list.len = cut > 0 ? cut - 1 : 0;
		if (!peer_parse_ip(&p, one))
			break;
		client = one;
		if (!network_list_contains(ex->listener->trusted, &p))
			break;
	}
	return client;
}

static void learn_client(struct exchange *ex)
{
	ex->client_ip = ex->peer_ip;
	ex->peer_trusted = network_list_contains(ex->listener->trusted, &ex->session->peer);
	if (!ex->peer_trusted)
		headers_strip_trusted(&ex->req.headers);	/* before any policy believes it */
	else if (headers_has_id(&ex->req.headers, HEADER_X_FORWARDED_FOR))
		ex->client_ip = forwarded_client(ex);
}

/* Each Weir adds itself to Via: many of them are a circle. */
static bool goes_in_circles(struct exchange *ex)
{
	struct weir_str via = headers_via(&ex->req.headers), one;
	unsigned passes = 0;

	while (str_next(&via, ',', &one))
		passes += str_ends(one, STR(" weir"));
	return passes >= PASSES_MOST;
}

/* Upgrading to HTTP/2 may be ignored (RFC 9110 7.8); anything else the client counts on. */
static bool upgrade_refused(const struct exchange *ex)
{
	return ex->req.upgrade.data != NULL && !str_eq_nocase(ex->req.upgrade, STR("h2c")) &&
	       !str_starts_nocase(ex->req.upgrade, STR("h2c,"));
}

bool exchange_client_in(const struct exchange *ex, const struct network_list *networks)
{
	struct peer p;

	return peer_parse_ip(&p, ex->client_ip) && network_list_contains(networks, &p);
}

enum reason exchange_admit(struct exchange *ex)
{
	enum reason why;

	learn_client(ex);
	why = secure_admit(ex);
	if (why != REASON_NONE)
		return why;
	ex->continue_owed = ex->req.expects_continue;
	if (upgrade_refused(ex))
		return REASON_UPGRADE_REFUSED;
	if (goes_in_circles(ex))
		return REASON_LOOP;
	return limit_requests(ex);
}

static struct weir_str claim_of(void *arg, struct weir_str name, uint32_t n)
{
	return exchange_claim_at(arg, name, n);
}

static bool client_in(void *arg, const void *networks)
{
	return exchange_client_in(arg, networks);
}

static enum reason take_plan(struct exchange *ex, const struct plan *plan)
{
	ex->plan = plan;
	ex->route_until = clock_after(ex->record.start, plan->head_timeout);
	ex->all_until = clock_after(ex->record.start, plan->all_timeout);
	return limit_head(ex) == REASON_NONE ? limit_declared(ex) : REASON_HEAD_TOO_LARGE;
}

static enum reason no_plan(const struct exchange *ex, enum reason why)
{
	return limit_head(ex) == REASON_NONE ? why : REASON_HEAD_TOO_LARGE;
}

enum reason exchange_route(struct exchange *ex)
{
	const struct listener_plan *lp = ex->listener;
	const struct route_ask ask = {
		.request = &ex->req,
		.claim = ex->claim_count > 0 ? claim_of : NULL,
		.identity = ex->identity,
		.client_in = client_in,
		.arg = ex,
		.arena = &ex->arena,
	};

	if (lp->redirect != NULL)
		return take_plan(ex, lp->redirect);
	switch (table_find(lp->routes, &ask, &ex->found, &ex->allow)) {
	case ROUTE_FOUND:
		return take_plan(ex, ex->reader->snapshot->plans[ex->found.number]);
	case ROUTE_METHOD:
		return no_plan(ex, REASON_METHOD_NOT_ALLOWED);
	case ROUTE_NONE:
		break;
	}
	return no_plan(ex, REASON_NO_ROUTE);
}
