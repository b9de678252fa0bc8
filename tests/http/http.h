/* http.h - parsing a literal in a test, with memory that ends with the test. */
#ifndef TESTS_HTTP_HTTP_H
#define TESTS_HTTP_HTTP_H

#include "core/http/h1.h"
#include "tests/test.h"

/* One head, parsed. */
struct parsed {
	struct arena arena;
	struct request request;
	struct response response;
	size_t scanned, consumed;
	enum h1_result result;
	enum reason why;
};

static const struct h1_limits usual_limits = {
	.head_bytes = 4096, .headers = 20, .target = { .longest = 1024 },
};

/* A heap copy of exactly these bytes: reading past them is seen by the sanitizer. */
static inline struct weir_str exact(const char *bytes, size_t len)
{
	char *copy = test_malloc(len > 0 ? len : 1);

	memcpy(copy, bytes, len);
	return str_of(copy, len);
}

static inline void exact_free(struct weir_str s)
{
	test_free((char *)(uintptr_t)s.data);
}

static inline int parsed_open(void **state)
{
	struct parsed *p = test_calloc(1, sizeof(*p));

	arena_init(&p->arena, NULL, 1024 * 1024);
	headers_init(&p->request.headers, &p->arena, 64);
	headers_init(&p->response.headers, &p->arena, 64);
	*state = p;
	return 0;
}

static inline int parsed_close(void **state)
{
	struct parsed *p = *state;

	arena_reset(&p->arena);
	test_free(p);
	return 0;
}

static inline enum h1_result parse_request(struct parsed *p, struct weir_str in)
{
	p->scanned = 0;
	p->consumed = 0;
	p->why = REASON_NONE;
	p->result = h1_parse_request(in, &usual_limits, &p->scanned, &p->request, &p->consumed,
				     &p->why);
	return p->result;
}

static inline enum h1_result parse_response(struct parsed *p, struct weir_str in, enum method to)
{
	p->scanned = 0;
	p->consumed = 0;
	p->why = REASON_NONE;
	p->result = h1_parse_response(in, &usual_limits, &p->scanned, to, &p->response,
				      &p->consumed, &p->why);
	return p->result;
}

#define assert_refused(p, text, reason) \
	do { \
		if (parse_request(p, STR(text)) != H1_BAD) \
			fail_msg("was not refused: %s", text); \
		if ((p)->why != (reason)) \
			fail_msg("refused as %s, wanted %s: %s", reason_row((p)->why)->word.data, \
				 reason_row(reason)->word.data, text); \
	} while (0)

#define assert_taken(p, text) \
	do { \
		if (parse_request(p, STR(text)) != H1_DONE) \
			fail_msg("not taken (%s): %s", reason_row((p)->why)->word.data, text); \
	} while (0)

#define http_test(name) cmocka_unit_test_setup_teardown(name, parsed_open, parsed_close)

#endif
