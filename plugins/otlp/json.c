/* json.c - OTLP in JSON: ids in hexadecimal, 64-bit numbers as text, as the protocol wants it. */
#include "plugins/otlp/encode.h"

#include "plugins/spans/model.h"

static void put_text(struct out *o, struct weir_str text)
{
	out_json(o, text.data, text.len);
}

static void put_number(struct out *o, const char *before, uint64_t n)
{
	out_text(o, before);
	out_char(o, '"');
	out_number(o, (int64_t)n);
	out_char(o, '"');
}

static void put_attribute(struct out *o, const struct model_attribute *a)
{
	out_text(o, "{\"key\":");
	put_text(o, a->key);
	out_text(o, ",\"value\":{");
	if (a->type == ATTRIBUTE_TEXT) {
		out_text(o, "\"stringValue\":");
		put_text(o, a->text);
	} else if (a->type == ATTRIBUTE_NUMBER) {
		put_number(o, "\"intValue\":", (uint64_t)a->number);
	} else {
		out_text(o, a->number != 0 ? "\"boolValue\":true" : "\"boolValue\":false");
	}
	out_text(o, "}}");
}

static void put_attributes(struct out *o, const struct model_span *m)
{
	out_text(o, ",\"attributes\":[");
	for (unsigned i = 0; i < m->attribute_count; i++) {
		if (i > 0)
			out_char(o, ',');
		put_attribute(o, &m->attributes[i]);
	}
	out_char(o, ']');
}

static void put_events(struct out *o, const struct model_span *m)
{
	if (m->event_count == 0)
		return;
	out_text(o, ",\"events\":[");
	for (unsigned i = 0; i < m->event_count; i++) {
		put_number(o, i > 0 ? ",{\"timeUnixNano\":" : "{\"timeUnixNano\":",
			   m->events[i].at_ns);
		out_text(o, ",\"name\":");
		put_text(o, weir_str_from(m->events[i].name));
		out_char(o, '}');
	}
	out_char(o, ']');
}

static void put_status(struct out *o, const struct model_span *m)
{
	if (!m->error)
		return;
	out_text(o, ",\"status\":{\"code\":2");
	if (m->message.len > 0) {
		out_text(o, ",\"message\":");
		put_text(o, m->message);
	}
	out_char(o, '}');
}

static void put_ids(struct out *o, const struct model_span *m)
{
	out_text(o, "{\"traceId\":\"");
	out_hex(o, m->trace_id, 16);
	out_text(o, "\",\"spanId\":\"");
	out_hex(o, m->span_id, 8);
	if (m->parent_id != NULL) {
		out_text(o, "\",\"parentSpanId\":\"");
		out_hex(o, m->parent_id, 8);
	}
	out_char(o, '"');
	if (m->state.len > 0) {
		out_text(o, ",\"traceState\":");
		put_text(o, m->state);
	}
}

static void put_span(struct out *o, const struct model_span *m)
{
	put_ids(o, m);
	out_text(o, ",\"flags\":");
	out_number(o, m->flags | 0x100 | (m->remote_parent ? 0x200 : 0));
	out_text(o, ",\"name\":");
	put_text(o, m->name);
	out_text(o, ",\"kind\":");
	out_number(o, m->kind);
	put_number(o, ",\"startTimeUnixNano\":", m->start_ns);
	put_number(o, ",\"endTimeUnixNano\":", m->end_ns);
	put_attributes(o, m);
	put_events(o, m);
	put_status(o, m);
	out_char(o, '}');
}

static void put_resource(struct out *o, const struct otlp_resource *resource)
{
	out_text(o, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
	for (uint32_t i = 0; i < resource->count; i++) {
		const struct model_attribute a = { .key = resource->attributes[i].name,
						   .text = resource->attributes[i].value };

		if (i > 0)
			out_char(o, ',');
		put_attribute(o, &a);
	}
	out_text(o, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"weir\",\"version\":");
	put_text(o, resource->version);
	out_text(o, "},\"spans\":[");
}

void otlp_json(struct out *o, const struct weir_batch *batch, const struct otlp_resource *resource)
{
	struct model_span m;

	put_resource(o, resource);
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct weir_span *s = weir_batch_span(batch, i);

		for (uint32_t n = 0; n < model_count(s); n++) {
			if (i + n > 0)
				out_char(o, ',');
			model_at(s, n, &m);
			put_span(o, &m);
		}
	}
	out_text(o, "]}]}]}");
}
