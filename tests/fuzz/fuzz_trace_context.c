/* fuzz_trace_context.c - what is read of a trace, in whatever family, is written so that it is read
 * as the same again. Lines are a traceparent, a b3, three of x-b3, and an uber-trace-id. */
#include "core/http/trace_context.h"
#include "tests/fuzz/fuzz.h"

static bool read_again(enum trace_format format, struct weir_str text, struct trace_context *out)
{
	switch (format) {
	case TRACE_W3C:
		return trace_read_w3c(text, out);
	case TRACE_B3:
		return trace_read_b3(text, out);
	case TRACE_JAEGER:
		return trace_read_jaeger(text, out);
	default:
		return false;
	}
}

static void check(bool read, const struct trace_context *c)
{
	static const enum trace_format formats[] = { TRACE_W3C, TRACE_B3, TRACE_JAEGER };
	struct trace_context again;
	char text[TRACE_TEXT];

	must(read || (!trace_known(c) && c->decision == TRACE_UNDECIDED));
	if (!trace_known(c))
		return;
	must(c->span != 0);
	for (unsigned i = 0; i < 3; i++) {
		struct weir_str s = str_between(text, trace_write(formats[i], c, text));

		must(s.len <= TRACE_TEXT && read_again(formats[i], s, &again));
		must(again.high == c->high && again.low == c->low && again.span == c->span);
		must((again.decision == TRACE_SAMPLED) == (c->decision == TRACE_SAMPLED));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str rest = str_of((const char *)data, size), line[6] = { { 0 } };
	struct trace_context c;
	bool read;

	for (unsigned i = 0; i < 6 && rest.data != NULL; i++)
		(void)str_next(&rest, '\n', &line[i]);
	read = trace_read_w3c(line[0], &c);
	check(read, &c);
	read = trace_read_b3(line[1], &c);
	check(read, &c);
	read = trace_read_b3_multi(line[2], line[3], line[4], STR_ABSENT, &c);
	check(read, &c);
	read = trace_read_jaeger(line[5], &c);
	check(read, &c);
	return 0;
}
