/* test_bind_re.c - Perl's regular expressions, from scripts. */
#include "core/script/binds.h"
#include "tests/script/bare.h"
#include "tests/test.h"

static lua_State *open_with_re(void)
{
	lua_State *L = bare_open();

	lua_getglobal(L, "weir");
	bind_re(L);
	return L;
}

static void assert_gives(const char *chunk, const char *want)
{
	lua_State *L = open_with_re();

	assert_str(str_from(bare_run(L, chunk)), want);
	lua_close(L);
}

static void a_match_gives_its_groups(void **state)
{
	(void)state;
	assert_gives("return weir.re.match('2026-11-23', '(\\\\d+)-(\\\\d+)')", "2026,11");
	assert_gives("return weir.re.match('abc', 'b.')", "bc");
	assert_gives("return weir.re.match('abc', 'x')", "nil");
	assert_gives("return weir.re.match('b', '(a)|(b)')", "nil,b");
	assert_gives("return weir.re.match('ABC', '(?i)b')", "B");
	assert_gives("return weir.re.match('aXbX', '(.)X', 3)", "b");
	assert_gives("return weir.re.match('abc', '^b', 2)", "nil");
	assert_gives("return weir.re.match('abc', '(?<=a)b', 2)", "b");
	assert_gives("return weir.re.match('abc', 'a', 9)", "nil");
}

static void finding_says_where(void **state)
{
	(void)state;
	assert_gives("return weir.re.find('hello', 'l+')", "3,4");
	assert_gives("return weir.re.find('hello', '(l)(o)')", "4,5,l,o");
	assert_gives("return weir.re.find('hello', 'z')", "nil");
	assert_gives("return weir.re.find('hello', '', 6)", "6,5");
}

static void groups_have_names(void **state)
{
	(void)state;
	assert_gives("local g = weir.re.groups('/v2/tea', '/v(?<version>\\\\d)/(?<code>\\\\w+)(x)?') "
		     "return g.version, g.code, g[0], g[1], g[3]", "2,tea,/v2/tea,2,nil");
}

static void replacing_takes_a_text_a_table_or_a_function(void **state)
{
	(void)state;
	assert_gives("return weir.re.gsub('a1b22', '\\\\d+', '<%0>')", "a<1>b<22>,2");
	assert_gives("return weir.re.gsub('k=v', '(\\\\w)=(\\\\w)', '%2=%1%%')", "v=k%,1");
	assert_gives("return weir.re.gsub('abc', '[ab]', {a = 'x'})", "xbc,2");
	assert_gives("return weir.re.gsub('abc', '.', function(c) return c ~= 'b' and c:upper() end)", "AbC,3");
	assert_gives("return weir.re.gsub('abc', '', '-')", "-a-b-c-,4");
	assert_gives("return weir.re.gsub('baac', 'a*', 'x')", "xbxcx,3");
	assert_gives("return weir.re.gsub('aaa', 'a', 'b', 2)", "bba,2");
	assert_gives("return weir.re.gsub('a', '(a)', '%2')",
		     "error: invalid use of '%' in replacement string: %0 to %9 are groups, %% is a percent sign");
	assert_gives("return weir.re.gsub('ab', '.', function(c) return (weir.re.gsub(c .. c, '.', "
		     "function(d) return '<' .. d .. '>' end)) end)", "<a><a><b><b>,2");
}

static void an_iterator_goes_over_all_matches(void **state)
{
	(void)state;
	assert_gives("local o = {} for k, v in weir.re.gmatch('a=1,b=2', '(\\\\w)=(\\\\d)') do "
		     "o[#o + 1] = k .. v end return table.concat(o, ' ')", "a1 b2");
	assert_gives("local n = 0 for _ in weir.re.gmatch('abc', '') do n = n + 1 end return n", "4");
}

static void what_is_wrong_with_an_expression_is_said(void **state)
{
	(void)state;
	assert_gives("return weir.re.match('a', '(')", "error: the regular expression \"(\" is wrong at "
		     "character 2: missing closing parenthesis");
	assert_gives("return weir.re.match('a', ('(a)'):rep(16))",
		     "error: at most 15 groups, (?:...) counts as none");
}

static void giving_up_is_an_error_and_not_no(void **state)
{
	(void)state;
	assert_gives("return weir.re.match(('a'):rep(5000), '(a*)*[bc]')",
		     "error: the regular expression takes too many steps on this text");
	assert_gives("return weir.re.match(('a'):rep(100000), '[^y]*[xz]')",
		     "error: the regular expression takes too many steps on this text");
}

static void many_expressions_are_not_kept_for_ever(void **state)
{
	lua_State *L = open_with_re();

	(void)state;
	assert_str(str_from(bare_run(L, "for i = 1, 1000 do assert(weir.re.match('x' .. i, 'x' .. i .. '$')) end "
				     "collectgarbage() return collectgarbage('count') < 1000")), "true");
	lua_close(L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_gives_its_groups),
		cmocka_unit_test(finding_says_where),
		cmocka_unit_test(groups_have_names),
		cmocka_unit_test(replacing_takes_a_text_a_table_or_a_function),
		cmocka_unit_test(an_iterator_goes_over_all_matches),
		cmocka_unit_test(what_is_wrong_with_an_expression_is_said),
		cmocka_unit_test(giving_up_is_an_error_and_not_no),
		cmocka_unit_test(many_expressions_are_not_kept_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
