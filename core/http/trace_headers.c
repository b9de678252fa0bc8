/* trace_headers.c - where a request stands in a trace: found in a head, and put into one. */
#include "core/http/trace_context.h"

#include "core/base/mem.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* What stands in the head, whatever its format. */
struct found {
	struct weir_str w3c, b3, trace, span, sampled, flags, jaeger;
	bool twice;			/* a second traceparent */
};

static const struct weir_str multi_names[] = {
	TEXT("x-b3-traceid"), TEXT("x-b3-spanid"),
	TEXT("x-b3-sampled"), TEXT("x-b3-flags"),
	TEXT("x-b3-parentspanid"),
};
static const struct weir_str b3_name = TEXT("b3");
static const struct weir_str jaeger_name = TEXT("uber-trace-id");

/* Few headers begin like that: the common ones cost a look at their first letter. */
static bool may_be_ours(const struct header *field)
{
	char first = field->name.len > 0 ? ascii_lower(field->name.data[0]) : '\0';

	return field->id == HEADER_TRACEPARENT ||
	       (field->id == HEADER_OTHER &&
		((first == 'b' && field->name.len == b3_name.len) || first == 'u' ||
		 (first == 'x' && field->name.len > 4 && field->name.data[2] != '-' &&
		  str_starts_nocase(field->name, STR("x-b3-")))));
}

static struct weir_str *place_of(struct found *f, const struct header *field)
{
	struct weir_str *multi[] = { &f->trace, &f->span, &f->sampled, &f->flags };

	if (field->id == HEADER_TRACEPARENT)
		return &f->w3c;
	if (str_eq_nocase(field->name, b3_name))
		return &f->b3;
	if (str_eq_nocase(field->name, jaeger_name))
		return &f->jaeger;
	for (unsigned i = 0; i < ARRAY_LEN(multi); i++)
		if (str_eq_nocase(field->name, multi_names[i]))
			return multi[i];
	return NULL;
}

static void find(const struct headers *h, struct found *f)
{
	*f = (struct found){ .twice = false };
	headers_for_each(field, h) {
		struct weir_str *place = may_be_ours(field) ? place_of(f, field) : NULL;

		if (place == NULL)
			continue;
		if (place == &f->w3c && f->w3c.data != NULL)
			f->twice = true;
		if (place->data == NULL)
			*place = field->value;
	}
}

static bool read_as(const struct found *f, enum trace_format format, struct trace_context *out)
{
	switch (format) {
	case TRACE_W3C:
		return f->w3c.data != NULL && !f->twice && trace_read_w3c(f->w3c, out);
	case TRACE_B3:
		return f->b3.data != NULL && trace_read_b3(f->b3, out);
	case TRACE_B3_MULTI:
		return trace_read_b3_multi(f->trace, f->span, f->sampled, f->flags, out);
	case TRACE_JAEGER:
		return f->jaeger.data != NULL && trace_read_jaeger(f->jaeger, out);
	case TRACE_FORMATS:
		break;
	}
	return false;
}

bool trace_headers_read(const struct headers *h, const enum trace_format order[TRACE_FORMATS],
			struct trace_context *out)
{
	struct trace_context decided = { 0 };
	struct found f;

	find(h, &f);
	for (unsigned i = 0; i < TRACE_FORMATS; i++) {
		if (!read_as(&f, order[i], out))
			continue;
		out->format = order[i];
		if (trace_known(out))
			return true;
		if (decided.decision == TRACE_UNDECIDED)
			decided = *out;
	}
	*out = decided;
	return decided.decision != TRACE_UNDECIDED;
}

static bool is_multi(struct weir_str name)
{
	for (unsigned i = 0; i < ARRAY_LEN(multi_names); i++)
		if (str_eq_nocase(name, multi_names[i]))
			return true;
	return false;
}

void trace_headers_strip(struct headers *h, bool keep_state)
{
	headers_for_each(field, h) {
		if (field->id == HEADER_TRACESTATE ? !keep_state :
		    may_be_ours(field) &&
		    (field->id == HEADER_TRACEPARENT || str_eq_nocase(field->name, b3_name) ||
		     str_eq_nocase(field->name, jaeger_name) || is_multi(field->name)))
			field->gone = true;
	}
}

static char *set_multi(struct headers *h, const struct trace_context *c, char *text)
{
	struct weir_str sampled = c->decision == TRACE_SAMPLED ? STR("1") : STR("0");
	char *span = trace_write(TRACE_B3_MULTI, c, text);

	(void)trace_put_id(span, c->span);
	(void)headers_add(h, multi_names[0], str_of(text, (size_t)(span - text)));
	(void)headers_add(h, multi_names[1], str_of(span, 16));
	if (c->debug)
		(void)headers_add(h, multi_names[3], STR("1"));
	else
		(void)headers_add(h, multi_names[2], sampled);
	return span;
}

char *trace_headers_set(struct headers *h, enum trace_format format, const struct trace_context *c)
{
	char *text = arena_take(h->arena, TRACE_TEXT);
	struct weir_str value;

	if (text == NULL)
		return NULL;
	if (format == TRACE_B3_MULTI)
		return set_multi(h, c, text);
	value = str_between(text, trace_write(format, c, text));
	if (format == TRACE_W3C)
		(void)headers_put_id(h, HEADER_TRACEPARENT, value);
	else
		(void)headers_add(h, format == TRACE_B3 ? b3_name : jaeger_name, value);
	return text + trace_span_at(format);
}
