/* templates.c - what keys and templates are for one exchange. */
#include "core/proxy/templates.h"

#include "core/base/hash.h"
#include "core/http/target.h"
#include "core/proxy/claims.h"
#include "core/upstream/service.h"

struct weir_str exchange_param(const struct exchange *ex, struct weir_str name)
{
	return route_capture(&ex->found, name);
}

struct weir_str exchange_service_name(const struct exchange *ex)
{
	if (ex->service != NULL)
		return ex->service->name;
	if (ex->plan != NULL && ex->plan->service != NULL)
		return ex->plan->service->name;
	return STR_ABSENT;
}

static struct weir_str ask(void *arg, enum key_part part, struct weir_str name)
{
	struct exchange *ex = arg;

	switch (part) {
	case KEY_CLIENT_IP:
		return ex->client_ip;
	case KEY_CLIENT_IDENTITY:
		return ex->identity;
	case KEY_HEADER:
		return headers_joined(&ex->req.headers, name);
	case KEY_COOKIE:
		return cookie_get(headers_joined(&ex->req.headers, STR("cookie")), name);
	case KEY_QUERY:
		return query_get(&ex->arena, ex->req.query, name);
	case KEY_PATH:
	case KEY_CAPTURE:
		return exchange_param(ex, name);
	case KEY_CLAIM:
		return exchange_claim(ex, name);
	case KEY_HOST:
		return ex->req.host;
	case KEY_METHOD:
		return ex->req.method_text;
	case KEY_ROUTE:
		return ex->plan != NULL ? ex->plan->name : STR_ABSENT;
	case KEY_SERVICE:
		return exchange_service_name(ex);
	case KEY_LISTENER:
		return ex->listener->name;
	}
	return STR_ABSENT;
}

static const struct key_asker asker = { .part = ask };

struct weir_str template_fill(struct exchange *ex, const struct template *t)
{
	return template_text(t, &asker, ex, &ex->arena);
}

bool rewritten_path(struct exchange *ex, const struct template *t, struct weir_str *out)
{
	return template_path(t, &asker, ex, &ex->arena, out);
}

bool rewritten_host(struct exchange *ex, const struct template *t, struct weir_str *out)
{
	struct weir_str host;
	uint16_t port;

	return authority_read(&ex->arena, template_fill(ex, t), out, &host, &port);
}

bool exchange_key_text(struct exchange *ex, const struct key *key, struct weir_str *out)
{
	return key_text(key, &asker, ex, &ex->arena, out);
}

uint64_t exchange_key_hash(struct exchange *ex, const struct key *key)
{
	struct weir_str text;

	(void)exchange_key_text(ex, key, &text);
	return hash64(0, text);
}
