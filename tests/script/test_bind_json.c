/* test_bind_json.c - JSON is read and written as the standard has it, within limits. */
#include "core/script/binds.h"
#include "tests/script/bare.h"
#include "tests/test.h"

static void assert_gives(const char *chunk, const char *want)
{
	lua_State *L = bare_open();

	lua_getglobal(L, "weir");
	bind_json(L);
	assert_str(str_from(bare_run(L, chunk)), want);
	lua_close(L);
}

#define DECODE(text) "return weir.json.decode([==[" text "]==])"
/* Read and written again. */
#define AGAIN(text) "local v, why = weir.json.decode([==[" text "]==]) " \
	"return why or weir.json.encode(v)"

static void values_come_through_both_ways(void **state)
{
	static const char *const same[] = {
		"null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5",
		"-0.0", "1e+100", "\"\"", "\"abc\"", "\"\\\"\\\\\\n\\u0001\"", "[]", "{}", "[[]]", "[{}]",
		"[1,[2,[3]]]", "{\"a\":[],\"b\":{}}", "{\"a\":null}", "[null,null]", "\"\xc3\xa4\xf0\x9f\x98\x80\"",
		"{\"1\":1,\"2\":2}", "0.1", "123456789.12345679",
	};
	char chunk[256];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(chunk, sizeof(chunk), AGAIN("%s"), same[i]);
		assert_gives(chunk, same[i]);
	}
}

static void what_is_written_otherwise_means_the_same(void **state)
{
	(void)state;
	assert_gives(AGAIN(" { \"b\" : 1 ,\n\"a\" : 2 } "), "{\"a\":2,\"b\":1}");
	assert_gives(AGAIN("\"\\u00e4\\ud83d\\ude00\\u0041\\/\""), "\"\xc3\xa4\xf0\x9f\x98\x80" "A/\"");
	assert_gives(AGAIN("1E2"), "100.0");
	assert_gives(AGAIN("9223372036854775808"), "9.223372036854776e+18");
	assert_gives(AGAIN("\"\\u0800\\u07ff\\u007f\""), "\"\xe0\xa0\x80\xdf\xbf\\u007f\"");
}

static void integers_stay_integers(void **state)
{
	(void)state;
	assert_gives("local t = weir.json.decode('[1, 1.0, 1e0, -0]') "
		     "return math.type(t[1]), math.type(t[2]), math.type(t[3]), math.type(t[4])",
		     "integer,float,float,float");
}

static void null_is_a_value_that_is_there(void **state)
{
	(void)state;
	assert_gives("local t = weir.json.decode('{\"a\": null}') return t.a == weir.json.null, t.b", "true,nil");
	assert_gives("return #weir.json.decode('[null, null, 1]')", "3");
}

static void what_is_no_json_is_nil_and_a_sentence(void **state)
{
	static const char *const wrong[] = {
		"", " ", "nul", "truee", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "[1 2]", "01", "1.", ".5",
		"+1", "1e", "-", "'a'", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\u12\"",
		"\"\t\"", "\"\xff\"", "\"\xc0\x80\"", "[1", "{\"a\":1", "]", "1 2", "NaN", "Infinity", "1e999", "//",
		"{\"a\":1,\"a\":2}", "{\"a\":null,\"\\u0061\":2}", "\"\\",
	};
	char chunk[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(chunk, sizeof(chunk), "local v, why = weir.json.decode([==[%s]==]) "
			 "return v == nil and why:match('^no JSON at byte %%d+: .') ~= nil", wrong[i]);
		assert_gives(chunk, "true");
	}
	assert_gives(DECODE("{\"a\" 1}"), "nil,no JSON at byte 6: wanted ':' here");
}

static void over_a_limit_is_refused(void **state)
{
	(void)state;
	assert_gives("return weir.json.decode(('['):rep(65) .. (']'):rep(65))",
		     "nil,no JSON at byte 65: nested too deep");
	assert_gives("return weir.json.decode(('['):rep(64) .. (']'):rep(64)) ~= nil", "true");
	assert_gives("return weir.json.decode('[1,2,3]', {elements = 3})",
		     "nil,no JSON at byte 6: more values than allowed");
	assert_gives("return weir.json.decode('[1,2,3]', {bytes = 6})",
		     "nil,7 bytes of JSON; at most 6 are allowed");
	assert_gives("return weir.json.decode('1', {depth = 1000})",
		     "error: weir.json.decode: depth goes from 1 to 128");
	assert_gives("return (select(2, weir.json.decode(('['):rep(1000000))))",
		     "no JSON at byte 65: nested too deep");
}

static void lists_and_maps_are_told_apart(void **state)
{
	(void)state;
	assert_gives("return weir.json.encode({1, 2})", "[1,2]");
	assert_gives("return weir.json.encode({})", "{}");
	assert_gives("return weir.json.encode(weir.json.array())", "[]");
	assert_gives("return weir.json.encode(weir.json.array({7}))", "[7]");
	assert_gives("local t = weir.json.decode('[1]') t[1] = nil return weir.json.encode(t)", "[]");
	assert_gives("local t = weir.json.array(weir.json.decode('[]')) return weir.json.encode(t)", "[]");
	assert_gives("return weir.json.encode({1, nil, 3})",
		     "error: JSON has no word for a list with holes; put weir.json.null there");
	assert_gives("return weir.json.encode({1, a = 2})",
		     "error: JSON has no word for a table that is both list and map");
	assert_gives("return weir.json.encode({[1.5] = 2})",
		     "error: JSON has no word for a key that is neither text nor 1, 2, 3 ...");
}

static void what_json_has_no_word_for_is_an_error(void **state)
{
	(void)state;
	assert_gives("return weir.json.encode(0/0)", "error: JSON has no word for nan");
	assert_gives("return weir.json.encode(-1/0)", "error: JSON has no word for infinity");
	assert_gives("return weir.json.encode(print)", "error: JSON has no word for a function");
	assert_gives("local t = {} t.t = t return weir.json.encode(t)",
		     "error: a table nested deeper than 64, or within itself");
	assert_gives("return weir.json.encode('a\\xffb')", "\"a\xef\xbf\xbd" "b\"");
}

/* As the options of a policy are. */
static void a_read_only_table_is_written_as_what_it_shows(void **state)
{
	(void)state;
	assert_gives("local function freeze(t) return setmetatable({}, {__index = t, __metatable = false, "
		     "__pairs = function() return pairs(t) end}) end "
		     "return weir.json.encode({a = freeze({1, freeze({b = 2})})})", "{\"a\":[1,{\"b\":2}]}");
}

static void a_large_document_charges_the_script(void **state)
{
	lua_State *L = bare_open();

	(void)state;
	lua_getglobal(L, "weir");
	bind_json(L);
	bare_set_steps(100000);
	assert_str(str_from(bare_run(L, "return weir.json.decode('[' .. ('1,'):rep(50000) .. '1]')")),
		   "error: out of steps");
	bare_set_steps(100000);
	assert_str(str_from(bare_run(L, "local t = {} for i = 1, 100 do t[i] = t[i - 1] and {t[i - 1], t[i - 1]} "
				     "or {1, 2} end return #weir.json.encode(t[40])")), "error: out of steps");
	lua_close(L);
}

static void the_mark_of_arrays_is_out_of_reach(void **state)
{
	(void)state;
	assert_gives("return getmetatable(weir.json.decode('[]'))", "false");
	assert_gives("return pcall(setmetatable, weir.json.decode('[]'), {})",
		     "false,cannot change a protected metatable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_through_both_ways),
		cmocka_unit_test(what_is_written_otherwise_means_the_same),
		cmocka_unit_test(integers_stay_integers),
		cmocka_unit_test(null_is_a_value_that_is_there),
		cmocka_unit_test(what_is_no_json_is_nil_and_a_sentence),
		cmocka_unit_test(over_a_limit_is_refused),
		cmocka_unit_test(lists_and_maps_are_told_apart),
		cmocka_unit_test(what_json_has_no_word_for_is_an_error),
		cmocka_unit_test(a_read_only_table_is_written_as_what_it_shows),
		cmocka_unit_test(a_large_document_charges_the_script),
		cmocka_unit_test(the_mark_of_arrays_is_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
