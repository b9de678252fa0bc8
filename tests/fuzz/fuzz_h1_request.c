/* fuzz_h1_request.c - what is taken reads the same when written out again, however it came in. */
#include "core/http/h1.h"
#include "tests/fuzz/fuzz.h"

static const struct h1_limits limits = {
	.head_bytes = 8192, .headers = 64, .target = { .longest = 4096 },
};

/* A parse with memory of its own. */
struct attempt {
	struct arena arena;
	struct request r;
	size_t consumed;
	enum h1_result result;
	enum reason why;
};

static void parse(struct attempt *t, struct weir_str in, size_t cut)
{
	size_t scanned = 0;

	*t = (struct attempt){ .result = H1_MORE };
	arena_init(&t->arena, NULL, 1024 * 1024);
	headers_init(&t->r.headers, &t->arena, 70);
	if (cut < in.len)
		t->result = h1_parse_request(str_head(in, cut), &limits, &scanned, &t->r,
					     &t->consumed, &t->why);
	if (t->result == H1_MORE)
		t->result = h1_parse_request(in, &limits, &scanned, &t->r, &t->consumed, &t->why);
	must(t->result != H1_BAD || t->why != REASON_NONE);
	must(t->result != H1_DONE || (t->consumed > 0 && t->consumed <= in.len));
}

static bool ours(const struct header *h)
{
	return h->id == HEADER_CONTENT_LENGTH || h->id == HEADER_TRANSFER_ENCODING ||
	       h->id == HEADER_CONNECTION;
}

static void same_fields(const struct headers *a, const struct headers *b)
{
	unsigned j = 0;

	headers_for_each(field, a) {
		if (ours(field))
			continue;
		while (j < b->count && ours(&b->at[j]))
			j++;
		must(j < b->count);
		must(str_eq(field->name, b->at[j].name));
		must(str_eq(field->value, b->at[j].value));
		must(field->id == b->at[j].id);
		j++;
	}
	while (j < b->count)
		must(ours(&b->at[j++]));
}

static void same_message(const struct request *a, const struct request *b)
{
	must(a->method == b->method && str_eq(a->method_text, b->method_text));
	must(str_eq(a->authority, b->authority) && str_eq(a->host, b->host) && a->port == b->port);
	must(str_eq(a->path, b->path) && str_eq(a->query, b->query));
	must((a->query.data == NULL) == (b->query.data == NULL));
	must(a->framing.kind == b->framing.kind && a->framing.length == b->framing.length);
	must(a->keep_alive == b->keep_alive || a->minor == 0);
	same_fields(&a->headers, &b->headers);
}

/* Escaping raw bytes may carry it over a limit, and HTTP/1.1 wants the host that 1.0 may leave
 * out. */
static bool fits(const struct request *r, size_t n)
{
	return n < limits.head_bytes && r->path.len + r->query.len < limits.target.longest &&
	       r->headers.count < 60 && r->authority.data != NULL;
}

/* As a proxy sends it on: the normalised path, our own framing. */
static void write_and_read_again(struct attempt *first)
{
	struct request *r = &first->r;
	struct weir_str mark = r->query.data != NULL ? STR("?") : STR("");
	struct weir_str target[] = { r->path, mark, r->query };
	struct h1_write how = { .framing = r->framing };
	char *at = malloc(65536);
	struct attempt again;
	size_t n;

	must(at != NULL);
	if (!r->keep_alive)
		how.connection = STR("close");
	n = h1_write_request(at, 65536, r, arena_join(&first->arena, target, 3), &how);
	must(n > 0);
	if (fits(r, n)) {
		parse(&again, str_of(at, n), n);
		must(again.result == H1_DONE && again.consumed == n);
		same_message(r, &again.r);
		arena_reset(&again.arena);
	}
	free(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str in = str_of((const char *)data, size);
	struct attempt whole, cut;

	parse(&whole, in, size);
	parse(&cut, in, size > 0 ? data[size / 2] % size : 0);
	if (whole.result == H1_DONE) {
		must(cut.result == H1_DONE && cut.consumed == whole.consumed);
		same_message(&whole.r, &cut.r);
		write_and_read_again(&whole);
	} else {
		must(cut.result != H1_DONE);
	}
	arena_reset(&whole.arena);
	arena_reset(&cut.arena);
	return 0;
}
