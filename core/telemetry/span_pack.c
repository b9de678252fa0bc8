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

/* The arrays behind it, one after the other. */
struct parts {
	struct weir_span *span;
	struct weir_span_attempt *attempts;
	struct weir_field *values;
	struct weir_span_policy *policies;
};

typedef void (*visit_text)(void *arg, struct weir_str *text);

static void each_text(const struct parts *p, visit_text visit, void *arg)
{
	for (size_t i = 0; i < sizeof(span_texts) / sizeof(span_texts[0]); i++)
		visit(arg, (struct weir_str *)(void *)((char *)p->span + span_texts[i]));
	for (uint32_t i = 0; i < p->span->attempt_count; i++) {
		visit(arg, &p->attempts[i].endpoint);
		visit(arg, &p->attempts[i].reason);
	}
	for (uint32_t i = 0; i < p->span->value_count; i++) {
		visit(arg, &p->values[i].name);
		visit(arg, &p->values[i].value);
	}
	for (uint32_t i = 0; i < p->span->policy_count; i++) {
		visit(arg, &p->policies[i].name);
		visit(arg, &p->policies[i].place);
		visit(arg, &p->policies[i].verdict);
	}
}

/* As they lie in packed bytes. */
static struct parts parts_at(char *at)
{
	struct parts p = { .span = (struct weir_span *)(void *)at };

	p.attempts = (struct weir_span_attempt *)(void *)(p.span + 1);
	p.values = (struct weir_field *)(void *)(p.attempts + p.span->attempt_count);
	p.policies = (struct weir_span_policy *)(void *)(p.values + p.span->value_count);
	return p;
}

static void add_length(void *arg, struct weir_str *text)
{
	*(size_t *)arg += text->data != NULL ? text->len : 0;
}

static size_t head_size(const struct weir_span *s)
{
	return sizeof(*s) + s->attempt_count * sizeof(struct weir_span_attempt) +
	       s->value_count * sizeof(struct weir_field) +
	       s->policy_count * sizeof(struct weir_span_policy);
}

size_t span_packed_size(const struct weir_span *s)
{
	const struct parts p = { (struct weir_span *)(uintptr_t)s,
				 (struct weir_span_attempt *)(uintptr_t)s->attempts,
				 (struct weir_field *)(uintptr_t)s->values,
				 (struct weir_span_policy *)(uintptr_t)s->policies };
	size_t size = head_size(s);

	each_text(&p, add_length, &size);
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

static void copy_array(void *to, const void *from, size_t count, size_t size)
{
	if (count > 0)
		memcpy(to, from, count * size);
}

/* Within `at` the structs are aligned: a ring gives lines at multiples of 8. */
void span_pack(const struct weir_span *s, char *at)
{
	struct packing packing = { at, head_size(s) };
	struct parts p;

	*(struct weir_span *)(void *)at = *s;
	p = parts_at(at);
	copy_array(p.attempts, s->attempts, s->attempt_count, sizeof(*p.attempts));
	copy_array(p.values, s->values, s->value_count, sizeof(*p.values));
	copy_array(p.policies, s->policies, s->policy_count, sizeof(*p.policies));
	each_text(&p, move_out, &packing);
}

static void move_in(void *arg, struct weir_str *text)
{
	size_t at = (size_t)(uintptr_t)text->data;

	text->data = at != 0 ? (char *)arg + at : NULL;
}

bool span_unpack(struct weir_str packed, struct arena *arena, struct weir_span *out)
{
	char *at = arena_take(arena, packed.len);
	struct parts p;

	if (at == NULL)
		return false;
	memcpy(at, packed.data, packed.len);
	p = parts_at(at);
	each_text(&p, move_in, at);
	p.span->attempts = p.attempts;
	p.span->values = p.values;
	p.span->policies = p.policies;
	*out = *p.span;
	return true;
}
