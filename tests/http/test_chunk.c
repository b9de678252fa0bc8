/* test_chunk.c - chunked bodies, however the bytes are cut. */
#include "tests/http/http.h"

/* A decoder that is fed from a heap copy, and what came out of it. */
struct bucket {
	struct chunk_decoder decoder;
	char body[512];
	size_t len;
	struct weir_str rest;
	enum chunk_step last;
};

static void feed(struct bucket *b, struct weir_str in, struct headers *trailers)
{
	struct weir_str data;

	for (;;) {
		b->last = chunk_decode(&b->decoder, &in, &data, trailers);
		if (b->last != CHUNK_DATA)
			break;
		memcpy(b->body + b->len, data.data, data.len);
		b->len += data.len;
	}
	b->rest = in;
}

static enum chunk_step decode(struct bucket *b, struct weir_str in)
{
	*b = (struct bucket){ .len = 0 };
	chunk_decoder_init(&b->decoder);
	feed(b, in, NULL);
	return b->last;
}

#define assert_bad(text) \
	do { \
		struct bucket b_; \
		if (decode(&b_, STR(text)) != CHUNK_BAD) \
			fail_msg("not refused: %s", text); \
	} while (0)

static void chunks_become_a_body_and_the_rest_is_left(void **state)
{
	struct bucket b;

	(void)state;
	assert_int_equal(decode(&b,
			 STR("4\r\nWiki\r\nA;x=\"y\"\r\n0123456789\r\n000\r\n\r\nGET /")),
			 CHUNK_END);
	assert_str(str_of(b.body, b.len), "Wiki0123456789");
	assert_str(b.rest, "GET /");
}

static void the_end_stays_the_end(void **state)
{
	struct bucket b;

	(void)state;
	decode(&b, STR("0\r\n\r\n"));
	feed(&b, STR("5\r\nabcde\r\n"), NULL);
	assert_int_equal(b.last, CHUNK_END);
	assert_int_equal(b.rest.len, 10);
	assert_int_equal(b.len, 0);
}

static void a_bad_chunk_stays_bad(void **state)
{
	struct bucket b;

	(void)state;
	decode(&b, STR("x"));
	feed(&b, STR("0\r\n\r\n"), NULL);
	assert_int_equal(b.last, CHUNK_BAD);
	feed(&b, STR(""), NULL);
	assert_int_equal(b.last, CHUNK_BAD);
}

static void a_bare_line_feed_is_refused_everywhere(void **state)
{
	(void)state;
	assert_bad("4\nWiki\r\n0\r\n\r\n");
	assert_bad("4;a\nWiki\r\n0\r\n\r\n");
	assert_bad("4\r\nWiki\n0\r\n\r\n");
	assert_bad("0\n\r\n");
	assert_bad("0\r\n\n");
	assert_bad("0\r\nX: y\n\r\n");
	assert_bad("0\r\nX: y\r\n\n");
}

static void a_bare_carriage_return_is_refused_everywhere(void **state)
{
	(void)state;
	assert_bad("4\rWiki");
	assert_bad("4;a\rb\r\n");
	assert_bad("4\r\nWiki\rX");
	assert_bad("0\r\n\rX");
	assert_bad("0\r\r\n");
}

static void a_size_is_hex_digits_only(void **state)
{
	(void)state;
	assert_bad("\r\n");
	assert_bad(";a\r\n");
	assert_bad("+4\r\n");
	assert_bad("-4\r\n");
	assert_bad("0x4\r\n");
	assert_bad(" 4\r\n");
	assert_bad("4 \r\n");
	assert_bad("4 ;a\r\n");
	assert_bad("g\r\n");
	assert_bad("4\0\r\n");
	assert_bad("8000000000000000\r\n");
	assert_bad("ffffffffffffffff\r\n");
	assert_bad("00000000000000001\r\n");
	assert_bad("10000000000000000\r\n");
}

static void the_largest_size_is_taken(void **state)
{
	struct bucket b;

	(void)state;
	assert_int_equal(decode(&b, STR("7fffffffffffffff\r\nabc")), CHUNK_MORE);
	assert_int_equal(b.len, 3);
	assert_true(b.decoder.left == INT64_MAX - 3);
}

static void data_must_be_as_long_as_was_said(void **state)
{
	(void)state;
	assert_bad("4\r\nWikis\r\n0\r\n\r\n");
	assert_bad("4\r\nWik\r\n0\r\n\r\n");
}

static void controls_in_an_extension_are_refused(void **state)
{
	(void)state;
	assert_bad("4;a\x01\r\n");
	assert_bad("4;a\x7f\r\n");
	assert_bad("4;a\0\r\n");
}

static void extensions_are_bounded_in_all(void **state)
{
	char part[1024] = "1;";
	struct bucket b = { .len = 0 };
	int taken = 0;

	(void)state;
	memset(part + 2, 'x', sizeof(part) - 2);
	memcpy(part + sizeof(part) - 5, "\r\na\r\n", 5);
	chunk_decoder_init(&b.decoder);
	do
		feed(&b, str_of(part, sizeof(part)), NULL);
	while (b.last == CHUNK_MORE && ++taken < 100);

	assert_int_equal(b.last, CHUNK_BAD);
	assert_int_equal(taken, 16 * 1024 / (sizeof(part) - 7));
}

static void trailers_are_given_and_may_be_dropped(void **state)
{
	struct parsed *p = *state;
	struct headers *h = &p->request.headers;
	struct weir_str in = STR("0\r\nGrpc-Status: 0\r\nX-Sum:  a \r\n\r\nnext");
	struct bucket b = { .len = 0 };

	chunk_decoder_init(&b.decoder);
	feed(&b, in, h);

	assert_int_equal(b.last, CHUNK_END);
	assert_str(b.rest, "next");
	assert_int_equal(h->count, 2);
	assert_str(headers_get_at(h, STR("x-sum"), 0), "a");
	assert_int_equal(decode(&b, in), CHUNK_END);
	assert_str(b.rest, "next");
}

static void a_trailer_section_is_consumed_whole_or_not_at_all(void **state)
{
	static const char text[] = "0\r\nA: b\r\nC: d\r\n\r\n";
	struct parsed *p = *state;
	struct bucket b = { .len = 0 };

	chunk_decoder_init(&b.decoder);
	feed(&b, str_of(text, 3), &p->request.headers);
	for (size_t n = 3; n < sizeof(text) - 1; n++) {
		feed(&b, str_of(text + 3, n - 3), &p->request.headers);
		assert_int_equal(b.last, CHUNK_MORE);
		assert_int_equal(b.rest.len, n - 3);
		assert_int_equal(p->request.headers.count, 0);
	}
	feed(&b, str_of(text + 3, sizeof(text) - 4), &p->request.headers);
	assert_int_equal(b.last, CHUNK_END);
	assert_int_equal(p->request.headers.count, 2);
}

static void trailers_that_the_head_should_have_had_are_refused(void **state)
{
	(void)state;
	assert_bad("0\r\nContent-Length: 3\r\n\r\n");
	assert_bad("0\r\nTransfer-Encoding: chunked\r\n\r\n");
	assert_bad("0\r\nHost: a\r\n\r\n");
	assert_bad("0\r\nAuthorization: a\r\n\r\n");
	assert_bad("0\r\nCookie: a\r\n\r\n");
	assert_bad("0\r\nSet-Cookie: a\r\n\r\n");
	assert_bad("0\r\nContent-Type: a\r\n\r\n");
	assert_bad("0\r\nX: y\r\nTrailer: a\r\n\r\n");
	assert_bad("0\r\ncache-control: a\r\n\r\n");
	assert_bad("0\r\nX-Forwarded-For: a\r\n\r\n");
	assert_bad("0\r\nX-Forwarded-Port: a\r\n\r\n");
}

static void odd_trailers_are_refused(void **state)
{
	(void)state;
	assert_bad("0\r\n: a\r\n\r\n");
	assert_bad("0\r\nA : a\r\n\r\n");
	assert_bad("0\r\nA: a\r\n b\r\n\r\n");
	assert_bad("0\r\nGET / HTTP/1.1\r\n\r\n");
}

static void trailers_are_bounded_in_bytes_and_lines(void **state)
{
	char text[9000] = "0\r\nA: ";
	struct bucket b;

	(void)state;
	memset(text + 6, 'x', sizeof(text) - 6);
	assert_int_equal(decode(&b, str_of(text, 8000)), CHUNK_MORE);
	assert_int_equal(decode(&b, str_of(text, sizeof(text))), CHUNK_BAD);
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	assert_int_equal(decode(&b, str_of(text, sizeof(text))), CHUNK_BAD);

	for (size_t i = 0; i < 64; i++)
		memcpy(text + 3 + 5 * i, "A:a\r\n", 5);
	memcpy(text + 3 + 64 * 5, "\r\n", 2);
	assert_int_equal(decode(&b, str_of(text, 3 + 64 * 5 + 2)), CHUNK_END);
	memcpy(text + 3 + 64 * 5, "A:a\r\n\r\n", 7);
	assert_int_equal(decode(&b, str_of(text, 3 + 65 * 5 + 2)), CHUNK_BAD);
}

static void every_cut_gives_the_same_body(void **state)
{
	static const char text[] = "4\r\nWiki\r\n10;a=b\r\n0123456789abcdef\r\n1\r\n\r\r\n0\r\n"
				   "X: y\r\n\r\n";
	struct bucket whole;

	(void)state;
	decode(&whole, STR(text));
	assert_int_equal(whole.last, CHUNK_END);
	for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
		struct bucket b = { .len = 0 };
		struct weir_str first = exact(text, cut);
		size_t kept;

		chunk_decoder_init(&b.decoder);
		feed(&b, first, NULL);
		assert_int_equal(b.last, CHUNK_MORE);
		kept = b.rest.len;
		feed(&b, str_of(text + cut - kept, sizeof(text) - 1 - cut + kept), NULL);
		assert_int_equal(b.last, CHUNK_END);
		assert_memory_equal(b.body, whole.body, whole.len);
		assert_int_equal(b.len, whole.len);
		exact_free(first);
	}
}

static void sizes_are_written_in_hex(void **state)
{
	char at[CHUNK_HEAD_ROOM];

	(void)state;
	assert_str(str_of(at, chunk_write_head(at, 0)), "0\r\n");
	assert_str(str_of(at, chunk_write_head(at, 26)), "1a\r\n");
	assert_str(str_of(at, chunk_write_head(at, UINT64_MAX)), "ffffffffffffffff\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(chunks_become_a_body_and_the_rest_is_left),
		http_test(the_end_stays_the_end),
		http_test(a_bad_chunk_stays_bad),
		http_test(a_bare_line_feed_is_refused_everywhere),
		http_test(a_bare_carriage_return_is_refused_everywhere),
		http_test(a_size_is_hex_digits_only),
		http_test(the_largest_size_is_taken),
		http_test(data_must_be_as_long_as_was_said),
		http_test(controls_in_an_extension_are_refused),
		http_test(extensions_are_bounded_in_all),
		http_test(trailers_are_given_and_may_be_dropped),
		http_test(a_trailer_section_is_consumed_whole_or_not_at_all),
		http_test(trailers_that_the_head_should_have_had_are_refused),
		http_test(odd_trailers_are_refused),
		http_test(trailers_are_bounded_in_bytes_and_lines),
		http_test(every_cut_gives_the_same_body),
		http_test(sizes_are_written_in_hex),
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
