/* fuzz_chunk.c - a chunked body decodes to the same bytes however it is cut. The first two bytes
 * choose the cuts. */
#include "core/http/h1.h"
#include "tests/fuzz/fuzz.h"

/* What came out of one decoding. */
struct outcome {
	struct arena arena;
	struct headers trailers;
	struct chunk_decoder decoder;
	char *body;
	size_t len, used;
	enum chunk_step last;
};

static void feed(struct outcome *o, struct weir_str *in)
{
	struct weir_str data;

	for (;;) {
		size_t before = in->len;

		o->last = chunk_decode(&o->decoder, in, &data, &o->trailers);
		o->used += before - in->len;
		if (o->last != CHUNK_DATA)
			break;
		must(data.len > 0);
		memcpy(o->body + o->len, data.data, data.len);
		o->len += data.len;
	}
}

/* Feeds `step` more bytes at a time, with what the decoder left before them. */
static void decode(struct outcome *o, struct weir_str in, size_t step)
{
	size_t given = 0, kept = 0;

	*o = (struct outcome){ .last = CHUNK_MORE, .body = malloc(in.len + 1) };
	must(o->body != NULL);
	arena_init(&o->arena, NULL, 1024 * 1024);
	headers_init(&o->trailers, &o->arena, 100);
	chunk_decoder_init(&o->decoder);
	while (given < in.len && o->last == CHUNK_MORE) {
		size_t more = in.len - given < step ? in.len - given : step;
		struct weir_str part = str_of(in.data + given - kept, kept + more);

		feed(o, &part);
		given += more;
		kept = part.len;
	}
}

static void drop(struct outcome *o)
{
	arena_reset(&o->arena);
	free(o->body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;
	struct weir_str in;

	if (size < 2)
		return 0;
	in = str_of((const char *)data + 2, size - 2);
	decode(&whole, in, in.len);
	decode(&cut, in, 1 + (data[0] | (size_t)(data[1] & 7) << 8));
	must((whole.last == CHUNK_END) == (cut.last == CHUNK_END));
	must(whole.len == cut.len && memcmp(whole.body, cut.body, cut.len) == 0);
	if (whole.last == CHUNK_END) {
		must(whole.used == cut.used);
		must(whole.trailers.count == cut.trailers.count);
	}
	drop(&whole);
	drop(&cut);
	return 0;
}
