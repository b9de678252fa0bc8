/* span_pack.c - a span as bytes that can be moved: the struct, its attempts, its values, the texts.
 * Where a text points to is written as its distance from the beginning; 0: it is absent. */
#include "core/telemetry/span.h"

#include <stddef.h>

#define AT(member) offsetof(struct weir_span, member)

static const size_t span_texts[] = {
	AT(state), AT(method), AT(scheme), AT(host), AT(path), AT(query), AT(protocol), AT(client),
	AT(identity), AT(user_agent), AT(request_id), AT(listener), AT(route), AT(pattern),
	AT(service), AT(endpoint), AT(reason),
};

/* Calls `visit` for every text of the span. */
static void each_text(struct weir_span *s, struct weir_span_attempt *attempts,
		      struct weir_field *values, void (*visit)(void *arg, struct weir_str *text),
		      void *arg)
{
	for (size_t i = 0; i < sizeof(span_texts) / sizeof(span_texts[0]); i++)
		visit(arg, (struct weir_str *)(void *)((char *)s + span_texts[i]));
	for (uint32_t i = 0; i < s->attempt_count; i++) {
		visit(arg, &attempts[i].endpoint);
		visit(arg, &attempts[i].reason);
	}
	for (uint32_t i = 0; i < s->value_count; i++) {
		visit(arg, &values[i].name);
		visit(arg, &values[i].value);
	}
}

static void add_length(void *arg, struct weir_str *text)
{
	*(size_t *)arg += text->data != NULL ? text->len : 0;
}

static size_t head_size(const struct weir_span *s)
{
	return sizeof(*s) + s->attempt_count * sizeof(struct weir_span_attempt) +
	       s->value_count * sizeof(struct weir_field);
}

size_t span_packed_size(const struct weir_span *s)
{
	size_t size = head_size(s);

	each_text((struct weir_span *)(uintptr_t)s,
		  (struct weir_span_attempt *)(uintptr_t)s->attempts,
		  (struct weir_field *)(uintptr_t)s->values, add_length, &size);
	return size;
}

struct packing {
	char *base;
	size_t at;
};

static void move_out(void *arg, struct weir_str *text)
{
	struct packing *p = arg;

	if (text->data == NULL)
		return;
	if (text->len > 0)
		memcpy(p->base + p->at, text->data, text->len);
	text->data = (const char *)(uintptr_t)p->at;
	p->at += text->len;
}

/* Within `at` the structs are aligned: a ring gives lines at multiples of 8. */
void span_pack(const struct weir_span *s, char *at)
{
	struct packing p = { at, head_size(s) };
	struct weir_span *span = (struct weir_span *)(void *)at;
	struct weir_span_attempt *attempts = (struct weir_span_attempt *)(void *)(span + 1);
	struct weir_field *values = (struct weir_field *)(void *)(attempts + s->attempt_count);

	*span = *s;
	if (s->attempt_count > 0)
		memcpy(attempts, s->attempts, s->attempt_count * sizeof(*attempts));
	if (s->value_count > 0)
		memcpy(values, s->values, s->value_count * sizeof(*values));
	each_text(span, attempts, values, move_out, &p);
}

static void move_in(void *arg, struct weir_str *text)
{
	size_t at = (size_t)(uintptr_t)text->data;

	text->data = at != 0 ? (char *)arg + at : NULL;
}

bool span_unpack(struct weir_str packed, struct arena *arena, struct weir_span *out)
{
	char *at = arena_take(arena, packed.len);
	struct weir_span_attempt *attempts;
	struct weir_field *values;
	struct weir_span *span;

	if (at == NULL)
		return false;
	memcpy(at, packed.data, packed.len);
	span = (struct weir_span *)(void *)at;
	attempts = (struct weir_span_attempt *)(void *)(span + 1);
	values = (struct weir_field *)(void *)(attempts + span->attempt_count);
	each_text(span, attempts, values, move_in, at);
	span->attempts = attempts;
	span->values = values;
	*out = *span;
	return true;
}
