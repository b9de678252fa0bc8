/* test_target.c - the four forms of a request target, and the one authority. */
#include "tests/http/http.h"

static enum reason reads(void **state, const char *method, const char *target, const char *host)
{
	static const struct target_rules rules = { .longest = 100 };
	struct parsed *p = *state;
	struct request *r = &p->request;

	headers_init(&r->headers, &p->arena, 10);
	r->minor = 1;
	r->method_text = str_from(method);
	r->method = method_of(r->method_text);
	r->target = str_from(target);
	if (host != NULL)
		headers_add(&r->headers, STR("Host"), str_from(host));
	return target_read(r, &rules);
}

static void a_path_and_its_query_are_cut(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "/a/%62?x=%62?y", "h:1"), REASON_NONE);
	assert_str(p->request.path, "/a/b");
	assert_str(p->request.query, "x=%62?y");
	assert_str(p->request.authority, "h:1");
	assert_true(p->request.scheme.data == NULL);
}

static void an_empty_query_is_not_an_absent_one(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "/a?", "h"), REASON_NONE);
	assert_true(p->request.query.data != NULL && p->request.query.len == 0);
	assert_int_equal(reads(state, "GET", "/a", "h"), REASON_NONE);
	assert_true(p->request.query.data == NULL);
}

static void host_is_brought_to_the_form_that_was_routed(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "/", "A.Example.:80"), REASON_NONE);
	assert_str(p->request.authority, "a.example:80");
	assert_str(headers_get_id(&p->request.headers, HEADER_HOST), "a.example:80");
}

static void an_absolute_target_brings_its_own_authority(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "HTTP://B:81/x//y?z", "a"), REASON_NONE);
	assert_str(p->request.scheme, "http");
	assert_str(p->request.host, "b");
	assert_int_equal(p->request.port, 81);
	assert_str(p->request.path, "/x/y");
	assert_str(p->request.query, "z");
	assert_str(headers_get_id(&p->request.headers, HEADER_HOST), "b:81");
}

static void an_absolute_target_without_a_path_is_the_root(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "https://b", "a"), REASON_NONE);
	assert_str(p->request.path, "/");
	assert_int_equal(reads(state, "GET", "https://b?q", "a"), REASON_NONE);
	assert_str(p->request.path, "/");
	assert_str(p->request.query, "q");
	assert_int_equal(reads(state, "OPTIONS", "https://b", "a"), REASON_NONE);
	assert_str(p->request.path, "*");
}

static void the_host_must_be_valid_even_when_overruled(void **state)
{
	assert_int_equal(reads(state, "GET", "http://b/", "a b"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "http://b/", NULL), REASON_BAD_HOST);
}

static void odd_absolute_targets_are_refused(void **state)
{
	assert_int_equal(reads(state, "GET", "http://", "a"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "http:///x", "a"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "http://u@b/", "a"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "http://b\\c/", "a"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "http://b#c/", "a"), REASON_BAD_HOST);
	assert_int_equal(reads(state, "GET", "ftp://b/", "a"), REASON_BAD_REQUEST);
	assert_int_equal(reads(state, "GET", "b:80", "a"), REASON_BAD_REQUEST);
	assert_int_equal(reads(state, "GET", "", "a"), REASON_BAD_REQUEST);
}

static void the_star_is_for_options_only(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "OPTIONS", "*", "a"), REASON_NONE);
	assert_str(p->request.path, "*");
	assert_int_equal(reads(state, "GET", "*", "a"), REASON_BAD_PATH);
	assert_int_equal(reads(state, "OPTIONS", "**", "a"), REASON_BAD_REQUEST);
}

static void connect_takes_an_authority_and_nothing_else(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(reads(state, "CONNECT", "b:443", "b:443"), REASON_NONE);
	assert_int_equal(p->request.port, 443);
	assert_true(p->request.path.data == NULL);
	assert_int_equal(reads(state, "CONNECT", "/x", "b"), REASON_BAD_HOST);
}

static void two_hosts_are_refused(void **state)
{
	static const struct target_rules rules = { .longest = 0 };
	struct parsed *p = *state;

	assert_int_equal(reads(state, "GET", "/", "a"), REASON_NONE);
	headers_add(&p->request.headers, STR("host"), STR("a"));

	assert_int_equal(target_read(&p->request, &rules), REASON_BAD_HOST);
}

static void a_long_target_is_refused(void **state)
{
	char target[128] = "/";

	memset(target + 1, 'a', 99);
	assert_int_equal(reads(state, "GET", target, "a"), REASON_NONE);
	target[100] = 'a';
	assert_int_equal(reads(state, "GET", target, "a"), REASON_TARGET_TOO_LONG);
}

static void marks_in_a_query_are_refused(void **state)
{
	assert_int_equal(reads(state, "GET", "/?a#b", "a"), REASON_BAD_PATH);
	assert_int_equal(reads(state, "GET", "/?a b", "a"), REASON_BAD_PATH);
	assert_int_equal(reads(state, "GET", "/?a\x7f", "a"), REASON_BAD_PATH);
	assert_int_equal(reads(state, "GET", "/?a\r\nb", "a"), REASON_BAD_PATH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_path_and_its_query_are_cut),
		http_test(an_empty_query_is_not_an_absent_one),
		http_test(host_is_brought_to_the_form_that_was_routed),
		http_test(an_absolute_target_brings_its_own_authority),
		http_test(an_absolute_target_without_a_path_is_the_root),
		http_test(the_host_must_be_valid_even_when_overruled),
		http_test(odd_absolute_targets_are_refused),
		http_test(the_star_is_for_options_only),
		http_test(connect_takes_an_authority_and_nothing_else),
		http_test(two_hosts_are_refused),
		http_test(a_long_target_is_refused),
		http_test(marks_in_a_query_are_refused),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
