/* zipkin_json.c - spans in Zipkin's JSON v2: what OpenTelemetry calls attributes are tags, and events
 * annotations. */
#include "plugins/zipkin/zipkin_json.h"

#include "plugins/spans/model.h"

static const uint64_t MICRO = 1000;

static void put_text(struct out *o, const char *before, struct weir_str text)
{
	out_text(o, before);
	out_json(o, text.data, text.len);
}

static void put_number(struct out *o, const char *before, uint64_t n)
{
	out_text(o, before);
	out_number(o, (int64_t)n);
}

static bool has(struct weir_str s, char c)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] == c)
			return true;
	return false;
}

/* An address goes where Zipkin wants addresses; a name or a Unix socket has no place there. */
static void put_address(struct out *o, struct weir_str endpoint)
{
	uint16_t port;
	struct weir_str address = model_address(endpoint, &port);
	bool six = has(address, ':') && !has(address, '/'), four = !six && has(address, '.');

	for (size_t i = 0; four && i < address.len; i++)
		four = address.data[i] == '.' || (address.data[i] >= '0' && address.data[i] <= '9');
	if (six || four)
		put_text(o, six ? ",\"ipv6\":" : ",\"ipv4\":", address);
	if (port != 0)
		put_number(o, ",\"port\":", port);
}

static void put_endpoints(struct out *o, const struct model_span *m, struct weir_str service,
			  struct weir_str client, struct weir_str upstream)
{
	put_text(o, ",\"localEndpoint\":{\"serviceName\":", service);
	out_char(o, '}');
	if (m->peer.len > 0) {
		put_text(o, ",\"remoteEndpoint\":{\"serviceName\":",
			 upstream.len > 0 ? upstream : m->peer);
		put_address(o, m->peer);
		out_char(o, '}');
	} else if (m->kind == MODEL_SERVER && client.len > 0) {
		out_text(o, ",\"remoteEndpoint\":{\"serviceName\":\"\"");
		put_address(o, client);
		out_char(o, '}');
	}
}

static void put_tag(struct out *o, const struct model_attribute *a, bool first)
{
	put_text(o, first ? "" : ",", a->key);
	out_char(o, ':');
	if (a->type == ATTRIBUTE_TEXT) {
		out_json(o, a->text.data, a->text.len);
	} else if (a->type == ATTRIBUTE_BOOLEAN) {
		out_text(o, a->number != 0 ? "\"true\"" : "\"false\"");
	} else {
		out_char(o, '"');
		out_number(o, a->number);
		out_char(o, '"');
	}
}

/* A tag `error` is how Zipkin knows that a span has failed. */
static void put_tags(struct out *o, const struct model_span *m)
{
	out_text(o, ",\"tags\":{");
	for (unsigned i = 0; i < m->attribute_count; i++)
		put_tag(o, &m->attributes[i], i == 0);
	if (m->error) {
		out_text(o, m->attribute_count > 0 ? ",\"error\":" : "\"error\":");
		if (m->message.len > 0)
			out_json(o, m->message.data, m->message.len);
		else
			out_text(o, "\"true\"");
	}
	out_char(o, '}');
}

static void put_annotations(struct out *o, const struct model_span *m)
{
	if (m->event_count == 0)
		return;
	out_text(o, ",\"annotations\":[");
	for (unsigned i = 0; i < m->event_count; i++) {
		put_number(o, i > 0 ? ",{\"timestamp\":" : "{\"timestamp\":",
			   m->events[i].at_ns / MICRO);
		put_text(o, ",\"value\":", weir_str_from(m->events[i].name));
		out_char(o, '}');
	}
	out_char(o, ']');
}

static void put_ids(struct out *o, const struct model_span *m)
{
	out_text(o, "{\"traceId\":\"");
	out_hex(o, m->trace_id, 16);
	out_text(o, "\",\"id\":\"");
	out_hex(o, m->span_id, 8);
	if (m->parent_id != NULL) {
		out_text(o, "\",\"parentId\":\"");
		out_hex(o, m->parent_id, 8);
	}
	out_char(o, '"');
	if (m->kind == MODEL_SERVER)
		out_text(o, ",\"kind\":\"SERVER\"");
	else if (m->kind == MODEL_CLIENT)
		out_text(o, ",\"kind\":\"CLIENT\"");
}

/* A duration of 0 would be none at all. */
static void put_times(struct out *o, const struct model_span *m)
{
	uint64_t duration = m->end_ns > m->start_ns ? (m->end_ns - m->start_ns) / MICRO : 0;

	put_number(o, ",\"timestamp\":", m->start_ns / MICRO);
	put_number(o, ",\"duration\":", duration > 0 ? duration : 1);
}

static void put_span(struct out *o, const struct model_span *m, const struct weir_span *s,
		     struct weir_str service)
{
	put_ids(o, m);
	put_text(o, ",\"name\":", m->name);
	put_times(o, m);
	put_endpoints(o, m, service, s->client, s->service);
	put_annotations(o, m);
	put_tags(o, m);
	out_char(o, '}');
}

void zipkin_json(struct out *o, const struct weir_batch *batch, struct weir_str service)
{
	struct model_span m;

	out_char(o, '[');
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct weir_span *s = weir_batch_span(batch, i);

		for (uint32_t n = 0; n < model_count(s); n++) {
			if (i + n > 0)
				out_char(o, ',');
			model_at(s, n, &m);
			put_span(o, &m, s, service);
		}
	}
	out_char(o, ']');
}
