/* window_parts.c - what a plugin sees of an exchange and may change in it: parts, names, headers. */
#include <weir/exchange.h>

#include "core/base/error.h"
#include "core/http/hop.h"
#include "core/http/rewrite.h"
#include "core/proxy/claims.h"
#include "core/proxy/forwarded.h"
#include "core/proxy/secure.h"
#include "core/proxy/templates.h"
#include "core/proxy/trailers.h"
#include "core/proxy/window_exchange.h"
#include "core/upstream/endpoint.h"

static struct weir_str part(const struct weir_exchange *wex, enum weir_part which)
{
	struct exchange *ex = exchange_of(wex);
	const struct request *req = &ex->req;

	switch (which) {
	case WEIR_PART_METHOD:
		return req->method_text;
	case WEIR_PART_SCHEME:
		return exchange_scheme(ex);
	case WEIR_PART_HOST:
		return req->host;
	case WEIR_PART_PATH:
		return req->path;
	case WEIR_PART_QUERY:
		return req->query;
	case WEIR_PART_TARGET:
		return req->target;
	case WEIR_PART_CLIENT:
		return ex->client_ip;
	case WEIR_PART_IDENTITY:
		return ex->identity;
	case WEIR_PART_ID:
		return exchange_id(ex);
	case WEIR_PART_ROUTE:
		return ex->plan != NULL ? ex->plan->name : STR_ABSENT;
	case WEIR_PART_SERVICE:
		return exchange_service_name(ex);
	case WEIR_PART_LISTENER:
		return ex->listener->name;
	case WEIR_PART_PROTOCOL:
		return req->minor == 0 ? STR("HTTP/1.0") : STR("HTTP/1.1");
	case WEIR_PART_ENDPOINT:
		return ex->record.endpoint;
	case WEIR_PART_REASON:
		return ex->why != REASON_NONE ? reason_row(ex->why)->word : STR_ABSENT;
	}
	return STR_ABSENT;
}

/* What is rewritten is what will be sent: once that has happened, it is too late. */
static bool part_rewrite(struct weir_exchange *wex, enum weir_part which, struct weir_str value,
			 struct weir_error *error)
{
	struct exchange *ex = exchange_of(wex);
	const struct target_rules *rules = &ex->listener->limits.target;
	struct request *req = &ex->req;
	struct weir_str whole, host;

	if (ex->forwarded)
		return fail(error, "the request has been sent");
	switch (which) {
	case WEIR_PART_PATH:
		if (!rewrite_path(&ex->arena, value, req->query, rules, &req->path, error))
			return false;
		ex->path_set = true;
		return true;
	case WEIR_PART_QUERY:
		return rewrite_query(&ex->arena, value, req->path, rules, &req->query, error);
	case WEIR_PART_HOST:
		return rewrite_host(&ex->arena, value, &whole, &host, error) &&
		       headers_set_id(&req->headers, HEADER_HOST, whole);
	default:
		return fail(error, "of a request only path, query and host can be set");
	}
}

static bool part_set(struct weir_exchange *wex, enum weir_part which, struct weir_str value)
{
	return part_rewrite(wex, which, value, NULL);
}

static struct weir_str named(const struct weir_exchange *wex, enum weir_named which,
			     struct weir_str name)
{
	struct exchange *ex = exchange_of(wex);

	switch (which) {
	case WEIR_NAMED_PARAM:
		return exchange_param(ex, name);
	case WEIR_NAMED_QUERY:
		return query_get(&ex->arena, ex->req.query, name);
	case WEIR_NAMED_COOKIE:
		return cookie_get(headers_joined(&ex->req.headers, STR("cookie")), name);
	case WEIR_NAMED_CLAIM:
		return exchange_claim(ex, name);
	}
	return STR_ABSENT;
}

static bool claim_set(struct weir_exchange *wex, struct weir_str name, struct weir_str value)
{
	return exchange_claim_set(exchange_of(wex), name, value);
}

static bool claim_add(struct weir_exchange *wex, struct weir_str name, struct weir_str value)
{
	return exchange_claim_add(exchange_of(wex), name, value);
}

static struct weir_str claim_at(const struct weir_exchange *wex, struct weir_str name, uint32_t at)
{
	return exchange_claim_at(exchange_of(wex), name, at);
}

static struct weir_str san_at(const struct tls_peer *p, enum tls_san kind, uint32_t at)
{
	for (uint32_t i = 0; i < p->name_count; i++)
		if (p->names[i].kind == kind && at-- == 0)
			return p->names[i].text;
	return STR_ABSENT;
}

static struct weir_str peer_one(const struct tls_peer *p, enum weir_peer which)
{
	switch (which) {
	case WEIR_PEER_SUBJECT:
		return p->subject;
	case WEIR_PEER_FINGERPRINT:
		return p->fingerprint;
	case WEIR_PEER_SERIAL:
		return p->serial;
	case WEIR_PEER_SPIFFE:
		return p->spiffe;
	default:
		return STR_ABSENT;
	}
}

static struct weir_str peer(const struct weir_exchange *wex, enum weir_peer which, uint32_t at)
{
	const struct tls_peer *p = exchange_peer(exchange_of(wex));

	if (p == NULL)
		return STR_ABSENT;
	switch (which) {
	case WEIR_PEER_URI:
		return san_at(p, TLS_SAN_URI, at);
	case WEIR_PEER_DNS:
		return san_at(p, TLS_SAN_DNS, at);
	case WEIR_PEER_EMAIL:
		return san_at(p, TLS_SAN_EMAIL, at);
	case WEIR_PEER_IP:
		return san_at(p, TLS_SAN_IP, at);
	default:
		return at == 0 ? peer_one(p, which) : STR_ABSENT;
	}
}

static struct headers *headers_of(const struct weir_exchange *wex, enum weir_side side)
{
	struct exchange *ex = exchange_of(wex);
	struct headers *h = side == WEIR_REQUEST ? &ex->req.headers
			  : side == WEIR_RESPONSE ? &ex->res.headers : &ex->trailers;

	return h->arena != NULL ? h : NULL;
}

static struct weir_str header(const struct weir_exchange *wex, enum weir_side side,
			      struct weir_str name)
{
	struct headers *h = headers_of(wex, side);

	return h != NULL ? headers_joined(h, name) : STR_ABSENT;
}

static struct weir_str header_at(const struct weir_exchange *wex, enum weir_side side,
				 struct weir_str name, uint32_t at)
{
	struct headers *h = headers_of(wex, side);

	return h != NULL ? headers_get_at(h, name, at) : STR_ABSENT;
}

static uint32_t header_count(const struct weir_exchange *wex, enum weir_side side,
			     struct weir_str name)
{
	struct headers *h = headers_of(wex, side);

	return h != NULL ? headers_count(h, name) : 0;
}

static bool header_nth(const struct weir_exchange *wex, enum weir_side side, uint32_t n,
		       struct weir_field *out)
{
	struct headers *h = headers_of(wex, side);
	const struct header *field = h != NULL ? headers_nth(h, n) : NULL;

	if (field == NULL)
		return false;
	*out = (struct weir_field){ field->name, field->value };
	return true;
}

/* What somebody may want to know before the body comes too late behind it. */
static struct headers *trailers_for(struct exchange *ex, enum header_id id)
{
	if (ex->res.status == 0 || ex->head_sent || id != HEADER_OTHER)
		return NULL;
	if (ex->trailers.arena == NULL)
		headers_init(&ex->trailers, &ex->arena, 32);
	return &ex->trailers;
}

static struct headers *editable(struct exchange *ex, enum weir_side side, enum header_id id,
				struct weir_str name)
{
	struct headers *h = headers_of(exchange_window(ex), side);

	if ((id == HEADER_OTHER && !header_name_valid(name)) || header_frames(id))
		return NULL;
	if (side == WEIR_TRAILERS)
		return trailers_for(ex, id);
	if (h == NULL || (side == WEIR_RESPONSE && ex->head_sent))
		return NULL;
	if (side == WEIR_REQUEST)
		exchange_touch(ex, name);
	return h;
}

typedef bool write_header(struct headers *h, enum header_id id, struct weir_str name,
			  struct weir_str value);

/* What a plugin writes is checked once, and copied. */
static inline bool edit(struct exchange *ex, enum weir_side side, struct weir_str name,
			struct weir_str value, write_header *write)
{
	enum header_id id = header_id_of(name);
	struct headers *h = editable(ex, side, id, name);
	char *copy;

	if (h == NULL)
		return false;
	if (!header_value_valid(value) && !header_value_valid(value = str_trim(value)))
		return false;
	copy = arena_take(&ex->arena, name.len + value.len);
	if (copy == NULL)
		return false;
	memcpy(copy, name.data, name.len);
	if (value.len > 0)
		memcpy(copy + name.len, value.data, value.len);
	return write(h, id, str_of(copy, name.len), str_of(copy + name.len, value.len));
}

static bool header_set(struct weir_exchange *wex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return edit(exchange_of(wex), side, name, value, headers_set_checked);
}

static bool header_add(struct weir_exchange *wex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return edit(exchange_of(wex), side, name, value, headers_add_checked);
}

static uint32_t header_remove(struct weir_exchange *wex, enum weir_side side, struct weir_str name)
{
	struct headers *h = editable(exchange_of(wex), side, header_id_of(name), name);

	return h != NULL ? headers_remove(h, name) : 0;
}

void window_fill_parts(struct weir_host *host)
{
	host->part = part;
	host->part_set = part_set;
	host->part_rewrite = part_rewrite;
	host->named = named;
	host->claim_set = claim_set;
	host->claim_add = claim_add;
	host->claim_at = claim_at;
	host->peer = peer;
	host->header = header;
	host->header_at = header_at;
	host->header_count = header_count;
	host->header_nth = header_nth;
	host->header_set = header_set;
	host->header_add = header_add;
	host->header_remove = header_remove;
}
