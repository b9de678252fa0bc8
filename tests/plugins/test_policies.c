/* test_policies.c - refuse, headers and hello, on a made-up exchange. */
#include "core/http/header.h"
#include "tests/plugins/loaded.h"

/* As much of an exchange as they ask for. */
struct weir_exchange {
	struct arena arena;
	struct headers headers[2];	/* by enum weir_side */
	struct weir_str method, path;
	uint16_t status;
	struct weir_str told;		/* body of a reply, or the why of a refusal */
};

static struct weir_exchange exchange;

static struct weir_str part(const struct weir_exchange *ex, enum weir_part which)
{
	return which == WEIR_PART_METHOD ? ex->method : which == WEIR_PART_PATH ? ex->path
		: WEIR_ABSENT;
}

static struct weir_str header_at(const struct weir_exchange *ex, enum weir_side side,
				 struct weir_str name, uint32_t at)
{
	return headers_get_at(&ex->headers[side], name, at);
}

static uint32_t header_count(const struct weir_exchange *ex, enum weir_side side,
			     struct weir_str name)
{
	return headers_count(&ex->headers[side], name);
}

static bool header_set(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return value.data != NULL && headers_set(&ex->headers[side], name, value);
}

static bool header_add(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return value.data != NULL && headers_add(&ex->headers[side], name, value);
}

static uint32_t header_remove(struct weir_exchange *ex, enum weir_side side, struct weir_str name)
{
	return headers_remove(&ex->headers[side], name);
}

static void reply(struct weir_exchange *ex, const struct weir_reply *answer)
{
	ex->status = answer->status;
	ex->told = answer->body;
}

static void refuse(struct weir_exchange *ex, uint16_t status, struct weir_str why)
{
	ex->status = status;
	ex->told = why;
}

static void *alloc(struct weir_exchange *ex, size_t size)
{
	return arena_take(&ex->arena, size);
}

/* "${fail}" stands for a template that cannot be filled in. */
static struct weir_str template_text(struct weir_exchange *ex, const struct weir_template *t)
{
	struct weir_str text = str_from((const char *)t);

	(void)ex;
	return str_eq(text, STR("{fail}")) ? WEIR_ABSENT : text;
}

static void begin(const char *method, const char *path)
{
	struct weir_host *host = window_table();

	host->part = part;
	host->header_at = header_at;
	host->header_count = header_count;
	host->header_set = header_set;
	host->header_add = header_add;
	host->header_remove = header_remove;
	host->reply = reply;
	host->refuse = refuse;
	host->alloc = alloc;
	host->template_text = template_text;
	exchange = (struct weir_exchange){ .method = str_from(method), .path = str_from(path) };
	arena_init(&exchange.arena, NULL, 1 << 16);
	headers_init(&exchange.headers[0], &exchange.arena, 20);
	headers_init(&exchange.headers[1], &exchange.arena, 20);
}

static void has(const char *name, const char *value)
{
	assert_true(headers_add(&exchange.headers[0], str_from(name), str_from(value)));
}

static enum weir_verdict asked(struct loaded *l)
{
	return l->kind->plugin.policy->on_request(&l->here, &exchange);
}

/* The verdict of `refuse` with these options on the exchange that was begun. */
static enum weir_verdict refuse_says(const char *options)
{
	struct loaded l;
	enum weir_verdict verdict;

	loaded_open(&l, "refuse", options);
	assert_true(l.open);
	verdict = asked(&l);
	exchange.told = arena_copy(&exchange.arena, exchange.told);
	loaded_close(&l);
	return verdict;
}

static void refuse_looks_at_the_method(void **state)
{
	(void)state;
	begin("DELETE", "/x");
	assert_int_equal(refuse_says("{method: [PUT, DELETE], why: no writing}"), WEIR_REFUSED);
	assert_int_equal(exchange.status, 403);
	assert_str(exchange.told, "no writing");
	assert_int_equal(refuse_says("{method: PUT}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{method: delete}"), WEIR_NEXT);	/* methods have case */
	arena_reset(&exchange.arena);
}

static void refuse_looks_at_the_path(void **state)
{
	(void)state;
	begin("GET", "/admin/users");
	assert_int_equal(refuse_says("{path: /admin/*, status: 404}"), WEIR_REFUSED);
	assert_int_equal(exchange.status, 404);
	assert_int_equal(refuse_says("{path: /admin}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{path: /adm/*}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{path: /*}"), WEIR_REFUSED);
	exchange.path = STR("/admin");
	assert_int_equal(refuse_says("{path: /admin/*}"), WEIR_REFUSED);
	exchange.path = STR("/administrator");
	assert_int_equal(refuse_says("{path: /admin/*}"), WEIR_NEXT);
	arena_reset(&exchange.arena);
}

/* A second value of a header is a value too. */
static void refuse_looks_at_every_value(void **state)
{
	(void)state;
	begin("GET", "/x");
	has("x-role", "guest");
	has("X-Role", "root");
	assert_int_equal(refuse_says("{header: {x-role: root}}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{header: {x-role: '*'}}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{header: {x-role: admin}}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{header: {x-role: root, x-other: '*'}}"), WEIR_NEXT);
	arena_reset(&exchange.arena);
}

static void refuse_looks_for_what_is_missing(void **state)
{
	(void)state;
	begin("POST", "/x");
	assert_int_equal(refuse_says("{missing: X-API-Key, status: 401}"), WEIR_REFUSED);
	assert_int_equal(exchange.status, 401);
	has("x-api-key", "k");
	assert_int_equal(refuse_says("{missing: x-api-key}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{missing: [x-api-key, x-more]}"), WEIR_REFUSED);
	arena_reset(&exchange.arena);
}

static void all_conditions_must_hold(void **state)
{
	(void)state;
	begin("DELETE", "/a/b");
	assert_int_equal(refuse_says("{method: DELETE, path: /b}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{method: DELETE, path: /a/*}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{}"), WEIR_REFUSED);
	arena_reset(&exchange.arena);
}

static void bad_paths_are_refused_by_its_check(void **state)
{
	struct loaded l;

	(void)state;
	loaded_open(&l, "refuse", "{path: admin}");
	assert_false(l.open);
	assert_string_equal(l.error.text, "the path `admin` must begin with /");
	loaded_close(&l);
	loaded_open(&l, "refuse", "{path: [/a, '/a*']}");
	assert_false(l.open);
	assert_string_equal(l.error.text, "in the path `/a*` a * may only stand at the end, behind a /");
	loaded_close(&l);
}

static void headers_are_removed_then_set_then_added(void **state)
{
	struct loaded l;

	(void)state;
	begin("GET", "/x");
	has("x-in", "old");
	has("x-gone", "1");
	loaded_open(&l, "headers", "{request: {remove: [x-gone, x-in], set: {x-new: n, x-in: one},"
		    " add: {x-in: two}}}");
	assert_true(l.open);
	assert_int_equal(asked(&l), WEIR_NEXT);
	assert_int_equal(headers_count(&exchange.headers[0], STR("x-gone")), 0);
	assert_str(headers_get_at(&exchange.headers[0], STR("x-new"), 0), "n");
	assert_str(headers_get_at(&exchange.headers[0], STR("x-in"), 0), "one");
	assert_str(headers_get_at(&exchange.headers[0], STR("x-in"), 1), "two");
	assert_int_equal(headers_count(&exchange.headers[1], STR("x-new")), 0);
	loaded_close(&l);
	arena_reset(&exchange.arena);
}

static void headers_of_the_answer_are_edited_on_its_way(void **state)
{
	struct loaded l;

	(void)state;
	begin("GET", "/x");
	loaded_open(&l, "headers", "{response: {set: {x-served-by: weir}}}");
	assert_int_equal(asked(&l), WEIR_NEXT);
	assert_int_equal(l.kind->plugin.policy->on_response(&l.here, &exchange), WEIR_NEXT);
	assert_str(headers_get_at(&exchange.headers[1], STR("x-served-by"), 0), "weir");
	loaded_close(&l);
	arena_reset(&exchange.arena);
}

/* Going on without a header that somebody relies on would be worse. */
static void a_header_that_cannot_be_set_is_a_failure(void **state)
{
	struct loaded l;

	(void)state;
	begin("GET", "/x");
	loaded_open(&l, "headers", "{request: {set: {x-user: '{fail}'}}}");
	assert_int_equal(asked(&l), WEIR_FAILED);
	loaded_close(&l);
	arena_reset(&exchange.arena);
}

static void names_that_are_none_are_refused(void **state)
{
	struct loaded l;

	(void)state;
	loaded_open(&l, "headers", "{request: {set: {'x user': a}}}");
	assert_false(l.open);
	assert_string_equal(l.error.text, "`x user` under `set` is no name of a header");
	loaded_close(&l);
	loaded_open(&l, "headers", "{}");
	assert_false(l.open);
	assert_string_equal(l.error.text, "there is nothing to do; give `request` or `response`");
	loaded_close(&l);
}

static void hello_greets(void **state)
{
	struct loaded l;

	(void)state;
	begin("GET", "/");
	loaded_open(&l, "hello", "{to: Ada}");
	assert_int_equal(asked(&l), WEIR_ANSWERED);
	assert_int_equal(exchange.status, 200);
	assert_str(exchange.told, "hello, Ada\n");
	loaded_close(&l);
	arena_reset(&exchange.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuse_looks_at_the_method),
		cmocka_unit_test(refuse_looks_at_the_path),
		cmocka_unit_test(refuse_looks_at_every_value),
		cmocka_unit_test(refuse_looks_for_what_is_missing),
		cmocka_unit_test(all_conditions_must_hold),
		cmocka_unit_test(bad_paths_are_refused_by_its_check),
		cmocka_unit_test(headers_are_removed_then_set_then_added),
		cmocka_unit_test(headers_of_the_answer_are_edited_on_its_way),
		cmocka_unit_test(a_header_that_cannot_be_set_is_a_failure),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(hello_greets),
	};

	return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
