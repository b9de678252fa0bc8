/* test_header.c - the fields of a head. */
#include "tests/http/http.h"

static struct headers *open_headers(void **state)
{
	return &((struct parsed *)*state)->request.headers;
}

static void every_known_name_has_its_number_in_any_case(void **state)
{
	(void)state;
	for (enum header_id id = HEADER_OTHER + 1; id < HEADER_IDS; id++) {
		struct weir_str name = header_name_of(id);
		char upper[32];

		assert_true(name.len > 0 && name.len < sizeof(upper));
		for (size_t i = 0; i < name.len; i++)
			upper[i] = (char)(name.data[i] >= 'a' && name.data[i] <= 'z'
						  ? name.data[i] - 32 : name.data[i]);
		assert_int_equal(header_id_of(name), id);
		assert_int_equal(header_id_of(str_of(upper, name.len)), id);
	}
}

static void a_name_that_differs_in_one_byte_has_no_number(void **state)
{
	(void)state;
	for (enum header_id id = HEADER_OTHER + 1; id < HEADER_IDS; id++) {
		struct weir_str name = header_name_of(id);
		char text[32];

		memcpy(text, name.data, name.len);
		for (size_t i = 0; i < name.len; i++) {
			for (int c = 0; c < 256; c++) {
				text[i] = (char)c;
				if (ascii_lower((char)c) != name.data[i])
					assert_int_equal(header_id_of(str_of(text, name.len)),
							 HEADER_OTHER);
			}
			text[i] = name.data[i];
		}
	}
	assert_int_equal(header_id_of(STR("")), HEADER_OTHER);
	assert_int_equal(header_id_of(STR("x-forwarded-protocol")), HEADER_OTHER);
}

static void names_are_tokens_and_values_hold_no_control(void **state)
{
	(void)state;
	assert_true(header_name_valid(STR("X-a_1!")));
	assert_false(header_name_valid(STR("")));
	assert_false(header_name_valid(STR("a b")));
	assert_false(header_name_valid(STR("a:")));
	assert_true(header_value_valid(STR("")));
	assert_true(header_value_valid(STR("a\tb \xc3\xa9")));
	assert_false(header_value_valid(STR(" a")));
	assert_false(header_value_valid(STR("a\t")));
	assert_false(header_value_valid(STR("a\r\nSet-Cookie: b")));
	assert_false(header_value_valid(STR("a\0b")));
	assert_false(header_value_valid(STR("0123456789abcdef\x7f")));
}

static void no_line_break_gets_into_a_head(void **state)
{
	struct headers *h = open_headers(state);

	assert_false(headers_add(h, STR("x"), STR("a\r\nb: c")));
	assert_false(headers_add(h, STR("x: y\r\nz"), STR("a")));
	assert_true(headers_set(h, STR("x"), STR("good")));
	assert_false(headers_set(h, STR("x"), STR("a\nb")));
	assert_false(headers_set_id(h, HEADER_VIA, STR("\r")));

	assert_str(headers_get_at(h, STR("x"), 0), "good");
	assert_int_equal(h->count, 1);
}

static void setting_replaces_all_and_keeps_the_place_of_the_first(void **state)
{
	struct headers *h = open_headers(state);

	headers_add(h, STR("A"), STR("1"));
	headers_add(h, STR("Via"), STR("x"));
	headers_add(h, STR("a"), STR("2"));
	headers_add(h, STR("via"), STR("y"));

	assert_true(headers_set(h, STR("a"), STR(" 3 ")));
	assert_true(headers_set_id(h, HEADER_VIA, STR("z")));

	assert_int_equal(headers_count(h, STR("A")), 1);
	assert_int_equal(headers_count(h, STR("VIA")), 1);
	assert_str(h->at[0].value, "3");
	assert_str(h->at[1].value, "z");
	assert_true(h->at[2].gone && h->at[3].gone);
}

static void setting_what_is_not_there_adds_it_under_the_lower_case_name(void **state)
{
	struct headers *h = open_headers(state);

	assert_true(headers_set_id(h, HEADER_X_REQUEST_ID, STR("1")));

	assert_str(h->at[0].name, "x-request-id");
	assert_true(headers_has_id(h, HEADER_X_REQUEST_ID));
}

static void every_value_of_a_name_is_seen(void **state)
{
	struct headers *h = open_headers(state);

	headers_add(h, STR("X-Role"), STR("user"));
	headers_add(h, STR("other"), STR("-"));
	headers_add(h, STR("x-role"), STR("admin"));

	assert_int_equal(headers_count(h, STR("x-ROLE")), 2);
	assert_str(headers_get_at(h, STR("x-role"), 0), "user");
	assert_str(headers_get_at(h, STR("x-role"), 1), "admin");
	assert_true(headers_get_at(h, STR("x-role"), 2).data == NULL);
	assert_str(headers_joined(h, STR("x-role")), "user, admin");
	assert_str(headers_joined(h, STR("other")), "-");
	assert_true(headers_joined(h, STR("none")).data == NULL);
}

static void cookies_join_with_semicolons_and_set_cookie_not_at_all(void **state)
{
	struct headers *h = open_headers(state);

	headers_add(h, STR("cookie"), STR("a=1"));
	headers_add(h, STR("cookie"), STR("b=2"));
	headers_add(h, STR("set-cookie"), STR("c=3"));
	headers_add(h, STR("set-cookie"), STR("d=4"));

	assert_str(headers_joined(h, STR("cookie")), "a=1; b=2");
	assert_str(headers_joined(h, STR("set-cookie")), "c=3");
}

static void an_empty_value_is_not_an_absent_one(void **state)
{
	struct headers *h = open_headers(state);

	headers_add(h, STR("x"), STR(""));

	assert_true(headers_get_at(h, STR("x"), 0).data != NULL);
	assert_true(headers_joined(h, STR("x")).data != NULL);
	assert_true(headers_get_at(h, STR("y"), 0).data == NULL);
}

static void removing_leaves_views_valid(void **state)
{
	struct headers *h = open_headers(state);
	struct weir_str view;

	headers_add(h, STR("Host"), STR("a"));
	view = headers_get_id(h, HEADER_HOST);

	assert_int_equal(headers_remove(h, STR("host")), 1);
	assert_int_equal(headers_remove(h, STR("host")), 0);
	headers_remove_id(h, HEADER_HOST);

	assert_str(view, "a");
	assert_false(headers_has_id(h, HEADER_HOST));
	headers_for_each(field, h)
		fail_msg("still there: %.*s", STR_ARG(field->name));
}

static void room_grows_up_to_the_most_with_some_for_us_and_no_further(void **state)
{
	struct headers *h = open_headers(state);

	for (int i = 0; i < 64 + HEADERS_OWN; i++)
		assert_true(headers_add(h, STR("x"), STR("1")));

	assert_false(headers_add(h, STR("x"), STR("1")));
	assert_int_equal(headers_count(h, STR("x")), 64 + HEADERS_OWN);
}

static void a_head_at_its_limit_still_takes_what_a_gateway_adds(void **state)
{
	struct headers h;
	struct arena arena;

	(void)state;
	arena_init(&arena, NULL, 64 * 1024);
	headers_init(&h, &arena, 1);
	assert_true(headers_add(&h, STR("host"), STR("a")));
	assert_true(headers_set_id(&h, HEADER_VIA, STR("1.1 weir")));
	headers_init(&h, &arena, UINT16_MAX);
	assert_int_equal(h.most, UINT16_MAX);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(every_known_name_has_its_number_in_any_case),
		http_test(a_name_that_differs_in_one_byte_has_no_number),
		http_test(names_are_tokens_and_values_hold_no_control),
		http_test(no_line_break_gets_into_a_head),
		http_test(setting_replaces_all_and_keeps_the_place_of_the_first),
		http_test(setting_what_is_not_there_adds_it_under_the_lower_case_name),
		http_test(every_value_of_a_name_is_seen),
		http_test(cookies_join_with_semicolons_and_set_cookie_not_at_all),
		http_test(an_empty_value_is_not_an_absent_one),
		http_test(removing_leaves_views_valid),
		http_test(room_grows_up_to_the_most_with_some_for_us_and_no_further),
		http_test(a_head_at_its_limit_still_takes_what_a_gateway_adds),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
