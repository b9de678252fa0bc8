/* protobuf.c - OTLP in protobuf: the few kinds of fields that it needs, written by hand. */
#include "plugins/otlp/encode.h"

#include <string.h>

#include "plugins/spans/model.h"

enum wire { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* Field numbers of opentelemetry/proto: trace/v1, resource/v1, common/v1, collector/trace/v1. */
enum {
	REQUEST_RESOURCE_SPANS = 1,
	RESOURCE_SPANS_RESOURCE = 1, RESOURCE_SPANS_SCOPE_SPANS = 2,
	RESOURCE_ATTRIBUTES = 1,
	SCOPE_SPANS_SCOPE = 1, SCOPE_SPANS_SPANS = 2,
	SCOPE_NAME = 1, SCOPE_VERSION = 2,
	SPAN_TRACE_ID = 1, SPAN_SPAN_ID = 2, SPAN_TRACE_STATE = 3, SPAN_PARENT = 4, SPAN_NAME = 5,
	SPAN_KIND = 6, SPAN_START = 7, SPAN_END = 8, SPAN_ATTRIBUTES = 9, SPAN_EVENTS = 11,
	SPAN_STATUS = 15, SPAN_FLAGS = 16,
	EVENT_TIME = 1, EVENT_NAME = 2,
	STATUS_MESSAGE = 2, STATUS_CODE = 3, STATUS_ERROR = 2,
	KEY = 1, VALUE = 2,
	VALUE_TEXT = 1, VALUE_BOOLEAN = 2, VALUE_NUMBER = 3,
	HAS_IS_REMOTE = 0x100, IS_REMOTE = 0x200,
};

/* --- Writing. ------------------------------------------------------------------------------------ */

static size_t varint_at(char *at, uint64_t n)
{
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		at[len++] = (char)(n | 0x80);
	at[len++] = (char)n;
	return len;
}

static void put_varint(struct out *o, uint64_t n)
{
	char bytes[10], *at;

	if (n >= 0x80) {
		out_add(o, bytes, varint_at(bytes, n));
		return;
	}
	at = out_take(o, 1);
	if (at != NULL)
		*at = (char)n;
}

static void put_tag(struct out *o, unsigned field, enum wire wire)
{
	put_varint(o, field << 3 | wire);
}

static void put_number(struct out *o, unsigned field, uint64_t n)
{
	put_tag(o, field, VARINT);
	put_varint(o, n);
}

static void put_fixed(struct out *o, unsigned field, enum wire wire, uint64_t n)
{
	char bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (char)(n >> (8 * i));
	put_tag(o, field, wire);
	out_add(o, bytes, wire == FIXED64 ? 8 : 4);
}

static void put_bytes(struct out *o, unsigned field, const void *data, size_t len)
{
	put_tag(o, field, BYTES);
	put_varint(o, len);
	out_add(o, data, len);
}

/* What stands inside is written first, and its length put before it: where there is room for so many
 * digits as it will most often have. */
struct message {
	size_t begin;
	size_t digits;
};

enum { SHORT = 1, LONG = 2, WHOLE = 3 };	/* below 128 bytes, 16 KiB, 2 MiB */

static struct message message_begin(struct out *o, unsigned field, size_t digits)
{
	put_tag(o, field, BYTES);
	(void)out_take(o, digits);
	return (struct message){ o->len, digits };
}

static void message_end(struct out *o, struct message m)
{
	size_t len = o->len - m.begin, n;
	char bytes[10];

	if (o->failed)
		return;
	n = varint_at(bytes, len);
	if (n > m.digits && out_take(o, n - m.digits) == NULL)
		return;
	if (n != m.digits)
		memmove(o->data + m.begin - m.digits + n, o->data + m.begin, len);
	o->len = m.begin - m.digits + n + len;
	memcpy(o->data + m.begin - m.digits, bytes, n);
}

static void put_text(struct out *o, unsigned field, struct weir_str text)
{
	struct message m;

	if (text.len == 0)
		return;
	m = message_begin(o, field, text.len < 128 ? SHORT : LONG);
	out_utf8(o, text.data, text.len);
	message_end(o, m);
}

/* --- Messages. ----------------------------------------------------------------------------------- */

static void put_attribute(struct out *o, unsigned field, const struct model_attribute *a)
{
	size_t digits = a->type == ATTRIBUTE_TEXT && a->key.len + a->text.len > 115 ? LONG : SHORT;
	struct message pair = message_begin(o, field, digits), value;

	put_text(o, KEY, a->key);
	value = message_begin(o, VALUE, a->type == ATTRIBUTE_TEXT && a->text.len > 125 ? LONG : SHORT);
	if (a->type == ATTRIBUTE_TEXT)
		put_text(o, VALUE_TEXT, a->text);
	else
		put_number(o, a->type == ATTRIBUTE_NUMBER ? VALUE_NUMBER : VALUE_BOOLEAN,
			   (uint64_t)a->number);
	message_end(o, value);
	message_end(o, pair);
}

static void put_event(struct out *o, const struct model_event *e)
{
	struct message event = message_begin(o, SPAN_EVENTS, SHORT);

	put_fixed(o, EVENT_TIME, FIXED64, e->at_ns);
	put_text(o, EVENT_NAME, weir_str_from(e->name));
	message_end(o, event);
}

static void put_status(struct out *o, const struct model_span *m)
{
	struct message status = message_begin(o, SPAN_STATUS, SHORT);

	put_text(o, STATUS_MESSAGE, m->message);
	put_number(o, STATUS_CODE, STATUS_ERROR);
	message_end(o, status);
}

static void put_ids(struct out *o, const struct model_span *m)
{
	put_bytes(o, SPAN_TRACE_ID, m->trace_id, 16);
	put_bytes(o, SPAN_SPAN_ID, m->span_id, 8);
	put_text(o, SPAN_TRACE_STATE, m->state);
	if (m->parent_id != NULL)
		put_bytes(o, SPAN_PARENT, m->parent_id, 8);
}

static void put_span(struct out *o, const struct model_span *m)
{
	struct message span = message_begin(o, SCOPE_SPANS_SPANS, LONG);

	put_ids(o, m);
	put_text(o, SPAN_NAME, m->name);
	put_number(o, SPAN_KIND, m->kind);
	put_fixed(o, SPAN_START, FIXED64, m->start_ns);
	put_fixed(o, SPAN_END, FIXED64, m->end_ns);
	for (unsigned i = 0; i < m->attribute_count; i++)
		put_attribute(o, SPAN_ATTRIBUTES, &m->attributes[i]);
	for (unsigned i = 0; i < m->event_count; i++)
		put_event(o, &m->events[i]);
	if (m->error)
		put_status(o, m);
	put_fixed(o, SPAN_FLAGS, FIXED32, m->flags | HAS_IS_REMOTE |
						  (m->remote_parent ? IS_REMOTE : 0u));
	message_end(o, span);
}

static void put_resource(struct out *o, const struct otlp_resource *resource)
{
	struct message all = message_begin(o, RESOURCE_SPANS_RESOURCE, SHORT);

	for (uint32_t i = 0; i < resource->count; i++) {
		const struct model_attribute a = { .key = resource->attributes[i].name,
						   .text = resource->attributes[i].value };

		put_attribute(o, RESOURCE_ATTRIBUTES, &a);
	}
	message_end(o, all);
}

static void put_scope(struct out *o, const struct otlp_resource *resource)
{
	struct message scope = message_begin(o, SCOPE_SPANS_SCOPE, SHORT);

	put_text(o, SCOPE_NAME, WEIR_STR("weir"));
	put_text(o, SCOPE_VERSION, resource->version);
	message_end(o, scope);
}

static void put_spans(struct out *o, const struct weir_batch *batch)
{
	struct model_span m;

	for (uint32_t i = 0; i < batch->count; i++) {
		const struct weir_span *s = weir_batch_span(batch, i);

		for (uint32_t n = 0; n < model_count(s); n++) {
			model_at(s, n, &m);
			put_span(o, &m);
		}
	}
}

void otlp_protobuf(struct out *o, const struct weir_batch *batch,
		   const struct otlp_resource *resource)
{
	struct message all = message_begin(o, REQUEST_RESOURCE_SPANS, WHOLE), scope;

	put_resource(o, resource);
	scope = message_begin(o, RESOURCE_SPANS_SCOPE_SPANS, WHOLE);
	put_scope(o, resource);
	put_spans(o, batch);
	message_end(o, scope);
	message_end(o, all);
}
