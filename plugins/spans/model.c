/* model.c - spans by OpenTelemetry's semantic conventions for HTTP (1.29: the stable ones). */
#include "plugins/spans/model.h"

#include <stddef.h>
#include <string.h>

#define S(literal) WEIR_STR(literal)

/* --- Putting together. --------------------------------------------------------------------------- */

/* The parts one after the other, in the room of the span; cut when that is used up. */
static struct weir_str join(struct model_span *m, const struct weir_str *parts, size_t count)
{
	struct weir_str all = { m->room + m->used, 0 };

	for (size_t i = 0; i < count; i++) {
		size_t left = MODEL_ROOM - m->used;
		size_t n = parts[i].len < left ? parts[i].len : left;

		if (n > 0)
			memcpy(m->room + m->used, parts[i].data, n);
		m->used += n;
		all.len += n;
	}
	return all;
}
#define JOIN(m, ...) join(m, (struct weir_str[]){ __VA_ARGS__ }, \
			  sizeof((struct weir_str[]){ __VA_ARGS__ }) / sizeof(struct weir_str))

static struct weir_str decimal(struct model_span *m, unsigned n)
{
	char digits[12], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return JOIN(m, { at, (size_t)(digits + sizeof(digits) - at) });
}

static struct model_attribute *add(struct model_span *m, struct weir_str key)
{
	static struct model_attribute nowhere;
	struct model_attribute *a;

	if (m->attribute_count == MODEL_ATTRIBUTES)
		return &nowhere;
	a = &m->attributes[m->attribute_count++];
	*a = (struct model_attribute){ .key = key };
	return a;
}

static void add_text(struct model_span *m, struct weir_str key, struct weir_str text)
{
	if (text.len > 0)
		add(m, key)->text = text;
}

static void add_number(struct model_span *m, struct weir_str key, int64_t n)
{
	struct model_attribute *a = add(m, key);

	a->type = ATTRIBUTE_NUMBER;
	a->number = n;
}

static void add_boolean(struct model_span *m, struct weir_str key, bool value)
{
	struct model_attribute *a = add(m, key);

	a->type = ATTRIBUTE_BOOLEAN;
	a->number = value;
}

static void add_event(struct model_span *m, const char *name, uint64_t at_ns)
{
	if (at_ns != 0 && m->event_count < MODEL_EVENTS)
		m->events[m->event_count++] = (struct model_event){ name, at_ns };
}

/* --- What both have. ----------------------------------------------------------------------------- */

static bool is_known_method(struct weir_str method)
{
	static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT",
					     "OPTIONS", "TRACE", "PATCH", "QUERY" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (weir_str_eq(method, weir_str_from(known[i])))
			return true;
	return false;
}

/* Anybody can make methods up: they come neither into names nor into what is counted by. */
static struct weir_str add_method(struct model_span *m, struct weir_str method)
{
	if (is_known_method(method)) {
		add_text(m, S("http.request.method"), method);
		return method;
	}
	add_text(m, S("http.request.method"), S("_OTHER"));
	add_text(m, S("http.request.method_original"), method);
	return S("HTTP");
}

/* "HTTP/1.1" */
static void add_protocol(struct model_span *m, struct weir_str protocol)
{
	if (protocol.len > 5)
		add_text(m, S("network.protocol.version"),
			 (struct weir_str){ protocol.data + 5, protocol.len - 5 });
}

static void add_result(struct model_span *m, unsigned status, unsigned error_from,
		       struct weir_str reason)
{
	if (status != 0)
		add_number(m, S("http.response.status_code"), status);
	if (status >= error_from)
		add_text(m, S("error.type"), decimal(m, status));
	else if (reason.len > 0 && m->error)
		add_text(m, S("error.type"), reason);
	add_text(m, S("weir.reason"), reason);
	if (m->error)
		m->message = reason;
}

static bool all_zero(const uint8_t *id, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (id[i] != 0)
			return false;
	return true;
}

static void begin(struct model_span *m, const struct weir_span *s, enum model_kind kind)
{
	memset(m, 0, offsetof(struct model_span, attributes));
	m->kind = kind;
	m->trace_id = s->trace_id;
	m->flags = s->flags;
	m->state = s->state;
}

static struct weir_str full_url(struct model_span *m, const struct weir_span *s,
				struct weir_str scheme)
{
	return JOIN(m, scheme, S("://"), s->host, s->path,
		    s->query.data != NULL ? S("?") : S(""), s->query);
}

/* --- The exchange. ------------------------------------------------------------------------------- */

static void add_request(struct model_span *m, const struct weir_span *s)
{
	add_text(m, S("url.scheme"), s->scheme);
	add_text(m, S("url.path"), s->path);
	add_text(m, S("url.query"), s->query);
	add_text(m, S("server.address"), s->host);
	add_text(m, S("client.address"), s->client);
	add_text(m, S("user_agent.original"), s->user_agent);
	add_protocol(m, s->protocol);
	add_number(m, S("http.request.body.size"), (int64_t)s->bytes_in);
	add_number(m, S("http.response.body.size"), (int64_t)s->bytes_out);
}

static void add_ours(struct model_span *m, const struct weir_span *s)
{
	add_text(m, S("weir.listener"), s->listener);
	add_text(m, S("weir.route"), s->route);
	add_text(m, S("weir.service"), s->service);
	add_text(m, S("weir.identity"), s->identity);
	add_text(m, S("weir.request_id"), s->request_id);
	if (s->attempt_count > 0)
		add_number(m, S("weir.attempts"),
			   weir_span_attempt_at(s, s->attempt_count - 1)->number);
	for (uint32_t i = 0; i < s->value_count; i++)
		add_text(m, JOIN(m, S("weir.log."), s->values[i].name), s->values[i].value);
}

static void fill_server(struct model_span *m, const struct weir_span *s)
{
	struct weir_str method = add_method(m, s->method);

	m->name = s->pattern.len > 0 ? JOIN(m, method, S(" "), s->pattern) : method;
	add_text(m, S("http.route"), s->pattern);
	add_request(m, s);
	add_ours(m, s);
	m->error = s->failed;
	add_result(m, s->status, 500, s->reason);
}

/* A fetch of a plugin. */
static void fill_client(struct model_span *m, const struct weir_span *s)
{
	uint16_t port;

	m->name = add_method(m, s->method);
	m->peer = s->host;
	add_text(m, S("server.address"), model_address(s->host, &port));
	if (port != 0)
		add_number(m, S("server.port"), port);
	add_text(m, S("url.full"), full_url(m, s, s->scheme));
	m->error = s->reason.len > 0 || s->status >= 400;
	add_result(m, s->status, 400, s->reason);
}

/* A call of a policy, or a mirror's copy; its attempts stand below it. */
static void fill_internal(struct model_span *m, const struct weir_span *s)
{
	m->name = JOIN(m, S("call "), s->service);
	add_text(m, S("url.path"), s->path);
	add_text(m, S("url.query"), s->query);
	(void)add_method(m, s->method);
	add_ours(m, s);
	m->error = s->reason.len > 0 || s->status >= 500;
	add_result(m, s->status, 500, s->reason);
}

void model_of_span(const struct weir_span *s, struct model_span *m)
{
	begin(m, s, s->kind == WEIR_SPAN_SERVER ? MODEL_SERVER :
		    s->kind == WEIR_SPAN_CLIENT ? MODEL_CLIENT : MODEL_INTERNAL);
	m->span_id = s->span_id;
	m->parent_id = all_zero(s->parent_id, sizeof(s->parent_id)) ? NULL : s->parent_id;
	m->remote_parent = s->kind == WEIR_SPAN_SERVER;
	m->start_ns = s->start_ns;
	m->end_ns = s->end_ns;
	if (s->kind == WEIR_SPAN_SERVER)
		fill_server(m, s);
	else if (s->kind == WEIR_SPAN_CLIENT)
		fill_client(m, s);
	else
		fill_internal(m, s);
}

/* --- Attempts. ----------------------------------------------------------------------------------- */

static bool to_port(struct weir_str digits, uint16_t *port)
{
	unsigned n = 0;

	if (digits.len == 0 || digits.len > 5)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
		n = n * 10 + (unsigned)(digits.data[i] - '0');
	}
	*port = (uint16_t)n;
	return n <= UINT16_MAX;
}

struct weir_str model_address(struct weir_str endpoint, uint16_t *port)
{
	size_t colon = endpoint.len;
	struct weir_str host;

	*port = 0;
	while (colon > 0 && endpoint.data[colon - 1] != ':' && endpoint.data[colon - 1] != ']')
		colon--;
	if (colon == 0 || endpoint.data[colon - 1] == ']' ||
	    !to_port((struct weir_str){ endpoint.data + colon, endpoint.len - colon }, port)) {
		*port = 0;
		return endpoint;
	}
	host = (struct weir_str){ endpoint.data, colon - 1 };
	if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		host = (struct weir_str){ host.data + 1, host.len - 2 };
	return host;
}

static void add_peer(struct model_span *m, struct weir_str endpoint)
{
	uint16_t port;
	struct weir_str address = model_address(endpoint, &port);

	m->peer = endpoint;
	add_text(m, S("server.address"), address);
	add_text(m, S("network.peer.address"), address);
	if (port == 0)
		return;
	add_number(m, S("server.port"), port);
	add_number(m, S("network.peer.port"), port);
}

static void add_attempt(struct model_span *m, const struct weir_span_attempt *a)
{
	if (a->number > 1)
		add_number(m, S("http.request.resend_count"), a->number - 1);
	add_number(m, S("weir.attempt"), a->number);
	add_boolean(m, S("weir.connection.reused"), a->reused);
	add_event(m, "weir.picked", a->start_ns);
	add_event(m, "weir.connected", a->connected_ns);
	add_event(m, "weir.tls", a->secured_ns);
	add_event(m, "weir.first_byte", a->first_byte_ns);
}

void model_of_attempt(const struct weir_span *s, uint32_t i, struct model_span *m)
{
	const struct weir_span_attempt *a = weir_span_attempt_at(s, i);

	begin(m, s, MODEL_CLIENT);
	m->span_id = a->span_id;
	m->parent_id = s->span_id;
	m->start_ns = a->start_ns;
	m->end_ns = a->end_ns;
	m->name = add_method(m, s->method);
	add_peer(m, a->endpoint);
	add_text(m, S("url.full"), full_url(m, s, a->secure ? S("https") : S("http")));
	add_text(m, S("weir.service"), s->service);
	add_attempt(m, a);
	m->error = a->reason.len > 0 || a->status >= 400;
	add_result(m, a->status, 400, a->reason);
}

/* --- Policies, and all of them. ------------------------------------------------------------------ */

void model_of_policy(const struct weir_span *s, uint32_t i, struct model_span *m)
{
	const struct weir_span_policy *p = weir_span_policy_at(s, i);

	begin(m, s, MODEL_INTERNAL);
	m->span_id = p->span_id;
	m->parent_id = s->span_id;
	m->start_ns = p->start_ns;
	m->end_ns = p->end_ns;
	m->name = JOIN(m, S("policy "), p->name, p->response ? S(" response") : S(""));
	add_text(m, S("weir.policy"), p->name);
	add_text(m, S("weir.place"), p->place);
	add_text(m, S("weir.verdict"), p->verdict);
	m->error = weir_str_eq(p->verdict, S("failed"));
}

uint32_t model_count(const struct weir_span *s)
{
	return 1 + s->policy_count + s->attempt_count;
}

void model_at(const struct weir_span *s, uint32_t n, struct model_span *m)
{
	if (n == 0)
		model_of_span(s, m);
	else if (n <= s->policy_count)
		model_of_policy(s, n - 1, m);
	else
		model_of_attempt(s, n - 1 - s->policy_count, m);
}
