/* fuzz_h1_response.c - a response head that is taken reads the same when written out again. The
 * first byte chooses the method that it answers. */
#include "core/http/h1.h"
#include "tests/fuzz/fuzz.h"

static const struct h1_limits limits = { .head_bytes = 8192, .headers = 64 };

struct attempt {
	struct arena arena;
	struct response r;
	size_t consumed;
	enum h1_result result;
	enum reason why;
};

static void parse(struct attempt *t, struct weir_str in, enum method to, size_t cut)
{
	size_t scanned = 0;

	*t = (struct attempt){ .result = H1_MORE };
	arena_init(&t->arena, NULL, 1024 * 1024);
	headers_init(&t->r.headers, &t->arena, 70);
	if (cut < in.len)
		t->result = h1_parse_response(str_head(in, cut), &limits, &scanned, to, &t->r,
					      &t->consumed, &t->why);
	if (t->result == H1_MORE)
		t->result = h1_parse_response(in, &limits, &scanned, to, &t->r, &t->consumed,
					      &t->why);
	must(t->result != H1_BAD || reason_row(t->why)->side == SIDE_UPSTREAM);
	must(t->result != H1_DONE || (t->consumed > 0 && t->consumed <= in.len));
}

static void same_message(const struct response *a, const struct response *b)
{
	must(a->status == b->status);
	must(a->framing.kind == b->framing.kind && a->framing.length == b->framing.length);
	must(a->keep_alive == b->keep_alive || a->minor == 0);
	must(a->phrase.len == 0 || str_eq(a->phrase, b->phrase));
	headers_for_each(field, &a->headers) {
		if (field->id == HEADER_CONTENT_LENGTH || field->id == HEADER_TRANSFER_ENCODING ||
		    field->id == HEADER_CONNECTION)
			continue;
		must(headers_count(&a->headers, field->name) ==
		     headers_count(&b->headers, field->name));
	}
}

static void write_and_read_again(const struct response *r, enum method to)
{
	struct h1_write how = {
		.framing = r->framing,
		.zero_length = r->framing.kind == FRAMING_NONE && to != METHOD_HEAD &&
			       r->status >= 200 && r->status != 204 && r->status != 304,
		.connection = r->keep_alive || r->framing.kind == FRAMING_CLOSE ? STR_ABSENT
										: STR("close"),
	};
	char *at = malloc(65536);
	struct attempt again;
	size_t n;

	must(at != NULL);
	n = h1_write_response(at, 65536, r, &how);
	must(n > 0);
	if (n < limits.head_bytes && r->headers.count < 60) {
		parse(&again, str_of(at, n), to, n);
		must(again.result == H1_DONE && again.consumed == n);
		same_message(r, &again.r);
		arena_reset(&again.arena);
	}
	free(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attempt whole, cut;
	struct weir_str in;
	enum method to;

	if (size == 0)
		return 0;
	to = data[0] % 2 == 0 ? METHOD_GET : METHOD_HEAD;
	in = str_of((const char *)data + 1, size - 1);
	parse(&whole, in, to, in.len);
	parse(&cut, in, to, data[size / 2] % size);
	if (whole.result == H1_DONE) {
		must(cut.result == H1_DONE && cut.consumed == whole.consumed);
		same_message(&whole.r, &cut.r);
		write_and_read_again(&whole.r, to);
	} else {
		must(cut.result != H1_DONE);
	}
	arena_reset(&whole.arena);
	arena_reset(&cut.arena);
	return 0;
}
