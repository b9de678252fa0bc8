/* route.h - tables from literals, and requests to ask them about. */
#ifndef TESTS_ROUTE_ROUTE_H
#define TESTS_ROUTE_ROUTE_H

#include "core/base/mem.h"
#include "core/http/h1.h"
#include "core/route/table.h"
#include "tests/test.h"

enum { MOST_ROUTES = 32, MOST_LIST = 8 };

/* A list of routes being written, the table built of it, and one request to ask with. */
struct desk {
	struct arena arena;
	struct route_spec specs[MOST_ROUTES];
	const struct route_spec *pointers[MOST_ROUTES];
	uint32_t count;
	struct table *table;
	struct weir_error error;
	struct request request;
	struct route_ask ask;
	struct route_found found;
	struct weir_str allowed;
};

static inline int desk_open(void **state)
{
	struct desk *d = test_calloc(1, sizeof(*d));

	arena_init(&d->arena, NULL, 4 * 1024 * 1024);
	*state = d;
	return 0;
}

static inline int desk_close(void **state)
{
	struct desk *d = *state;

	table_free(d->table);
	arena_reset(&d->arena);
	test_free(d);
	return 0;
}

/* "a b c" becomes three. */
static inline const struct weir_str *words(struct desk *d, const char *text, uint32_t *count)
{
	struct weir_str *list = arena_zero(&d->arena, MOST_LIST * sizeof(*list));
	struct weir_str rest = str_from(text), part;

	*count = 0;
	while (rest.data != NULL && *count < MOST_LIST && str_next(&rest, ' ', &part))
		if (part.len > 0)
			list[(*count)++] = part;
	return list;
}

/* Adds a route, to be changed further by who wants more; its number is its place, its name "r0",
 * "r1" ... NULL stands for what is not written. */
static inline struct route_spec *add(struct desk *d, const char *hosts, const char *path,
				     const char *methods)
{
	struct route_spec *spec = &d->specs[d->count];

	assert_true(d->count < MOST_ROUTES);
	spec->number = d->count;
	spec->name = arena_print(&d->arena, "r%u", d->count);
	spec->hosts = words(d, hosts, &spec->host_count);
	spec->path = str_from(path);
	spec->methods = words(d, methods, &spec->method_count);
	d->pointers[d->count++] = spec;
	return spec;
}

static inline void with(struct desk *d, struct route_spec *spec, enum predicate_on on,
			enum predicate_test test, const char *name, const char *value)
{
	struct route_predicate *list = (struct route_predicate *)(uintptr_t)spec->predicates;

	if (list == NULL)
		list = arena_zero(&d->arena, MOST_LIST * sizeof(*list));
	assert_true(spec->predicate_count < MOST_LIST);
	list[spec->predicate_count++] = (struct route_predicate){
		.on = on, .test = test, .name = str_from(name), .value = str_from(value),
	};
	spec->predicates = list;
}

static inline void build(struct desk *d)
{
	d->table = table_build(d->pointers, d->count, &d->error);
	if (d->table == NULL)
		fail_msg("%s", d->error.text);
}

static inline void not_built(struct desk *d, const char *sentence)
{
	d->table = table_build(d->pointers, d->count, &d->error);
	assert_null(d->table);
	assert_string_equal(d->error.text, sentence);
	d->error.text[0] = '\0';
	d->count = 0;
	memset(d->specs, 0, sizeof(d->specs));
}

/* Reads "METHOD target" with these header lines and asks. */
static inline enum route_result ask(struct desk *d, const char *line, const char *host,
				    const char *fields)
{
	static const struct h1_limits limits = { .head_bytes = 4096, .headers = 30 };
	struct weir_str head = arena_print(&d->arena, "%s HTTP/1.%d\r\n%s%s%s%s\r\n", line,
					   host != NULL, host != NULL ? "Host: " : "",
					   host != NULL ? host : "", host != NULL ? "\r\n" : "",
					   fields != NULL ? fields : "");
	size_t scanned = 0, consumed;
	enum reason why;

	headers_init(&d->request.headers, &d->arena, 30);
	assert_int_equal(h1_parse_request(head, &limits, &scanned, &d->request, &consumed, &why),
			 H1_DONE);
	d->ask.request = &d->request;
	d->ask.arena = &d->arena;
	memset(&d->found, 0, sizeof(d->found));
	return table_find(d->table, &d->ask, &d->found, &d->allowed);
}

static inline void goes_to(struct desk *d, const char *line, const char *host, const char *fields,
			   uint32_t number)
{
	enum route_result got = ask(d, line, host, fields);

	if (got != ROUTE_FOUND)
		fail_msg("%s found none, wanted r%u", line, number);
	if (d->found.number != number)
		fail_msg("%s found r%u, wanted r%u", line, d->found.number, number);
}

static inline void goes_nowhere(struct desk *d, const char *line, const char *host,
				const char *fields)
{
	if (ask(d, line, host, fields) != ROUTE_NONE)
		fail_msg("%s found r%u or a method", line, d->found.number);
}

static inline void captured(struct desk *d, const char *name, const char *want)
{
	struct weir_str got = route_capture(&d->found, str_from(name));

	assert_str(got, want);
	if (got.len > 0)
		assert_true(got.data >= d->request.path.data &&
			    got.data + got.len <= d->request.path.data + d->request.path.len);
}

#define desk_test(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

#endif
