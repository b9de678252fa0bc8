/* test_bind_string.c - our pattern functions say what Lua's say, and none of them runs on. */
#include <stdlib.h>

#include "tests/script/bare.h"
#include "tests/test.h"

/* Each expression is asked of both; errors must be errors, values the same. */
static const char *const same[] = {
	"('hello world'):find('wor')", "('hello'):find('l')", "('hello'):find('xyz')",
	"('hello'):find('l', -2)", "('hello'):find('', 10)", "('hello'):find('', 6)",
	"('hello'):find('')", "('a.b'):find('.', 1, true)", "('a.b'):find('.', 2)",
	"('a+b'):find('+', 1, true)", "('hello'):find('l+')", "('hello'):find('(l)(l)')",
	"('hello'):find('()ll()')", "('hello'):match('h(.*)o')", "('hello'):match('.-l')",
	"('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "('2026-11-23'):match('(%d+)-(%d+)-(%d+)')",
	"('  trim  '):match('^%s*(.-)%s*$')", "('aaa'):match('a-')", "('aaa'):match('a-$')",
	"('aaab'):match('a-b')", "('ab'):match('a?b?c?')", "('b'):match('a?b')",
	"('aXb'):find('%u')", "('THE (quick) fox'):find('%((%a+)%)')", "('f(a(b)c)d'):match('%b()')",
	"('((())'):match('%b()')", "('xx'):match('%bxx')", "('xax'):match('%bxx')",
	"('THE (quick) fox'):gsub('%f[%a]%a+', 'x')", "('THE'):find('%f[%z]')", "('a b'):find('%f[%W]')",
	"('abcabc'):match('(abc)%1')", "('abab'):match('(a)(b)%1%2')", "('aa'):match('()a%1')",
	"('say \"hi\" x'):match('([\"\\'])(.-)%1')", "('[x]'):match('[]]')", "('a]'):match('[^]]')",
	"('a-z'):match('[a%-z]+')", "('a-z'):match('[a-]+')", "('x^y'):match('[x^]+')",
	"('5%'):match('%d%%')", "('a\\0b'):match('a%zb')", "('a\\0b'):find('\\0')",
	"('a\\0b'):match('[\\0]')", "('\\xff\\x80'):match('[\\x80-\\xff]+')", "('abc'):match('[c-a]')",
	"('abc'):match('[%a-z]+')", "('a-b'):match('[%w-]+')", "(' \\t\\n\\v\\f\\r'):match('%s+')",
	"('0aFg'):match('%x+')", "('a_b!'):match('%p')", "('a\\1b'):match('%c')", "('a b'):match('%g+')",
	"('aB1'):match('%L')", "('aB1'):match('%D+')", "('a b'):match('%S+$')", "('x'):match('%W')",
	"('$5'):match('^$')", "('$5'):match('$5')", "('a$'):match('a$$')", "('^a'):match('^^a')",
	"('a^'):match('a^')", "('*a'):match('*a')", "('a*'):match('(a)*')", "('a+'):match('%b()+')",
	"('aa-'):match('a--')", "('x'):match('()')", "(''):match('')", "(''):match('^$')", "(''):find('x*')",
	"('abc'):match('((a)(b)(c))')", "('abc'):match('(((((((((a)))))))))')",
	"('hello'):gsub('l', 'L')", "('hello'):gsub('', '-')", "('hello'):gsub('l*', 'x')",
	"('hello'):gsub('.', {h = 'H', l = false})", "('hello'):gsub('(h)(e)', '%2%1')",
	"('hello'):gsub('h', '%0%0')", "('hello'):gsub('h', '%1')", "('hello'):gsub('h', '%%')",
	"('hello'):gsub('h', '%2')", "('hello'):gsub('h', '%a')", "('hello'):gsub('h', '%')",
	"('hello'):gsub('l', function(c) return c:upper() end)", "('hello'):gsub('l', function() end)",
	"('hello'):gsub('l', function() return 7 end)", "('hello'):gsub('l', function() return {} end)",
	"('hello'):gsub('()', '%1')", "('hello'):gsub('()l', function(at) return at end)",
	"('hello'):gsub('l', 'x', 1)", "('hello'):gsub('l', 'x', 0)", "('hello'):gsub('l', 'x', -1)",
	"('hello'):gsub('^h', 'x')", "('hhh'):gsub('^h', 'x')", "('abc'):gsub('%w', '%0%0')",
	"('abc def'):gsub('%w+', '%0 %0', 1)", "('x = 1'):gsub('(%w+) = (%w+)', '%2 = %1')",
	"('hello'):gsub('l', true)", "('hello'):gsub('l')", "('a.b.c'):gsub('%.', 12)",
	"('abc'):gsub('b*', '-')", "('banana'):gsub('a', {a = 1})", "(''):gsub('', 'x')",
	"('abc'):gsub('$', 'x')", "('abc'):gsub('^', 'x')", "('abc'):gsub('c$', '')",
	"('one;two;;four'):gsub(';;', ';nil;')", "('a,b'):gsub(',', '%%1')",
	"('x'):rep(3)", "('x'):rep(3, ',')", "('x'):rep(1, ',')", "('x'):rep(0)", "('x'):rep(-1)",
	"(''):rep(10)", "(''):rep(3, 'ab')", "('abc'):rep(5, '--')", "('ab'):rep(1)", "('x'):rep('2')",
	"string.rep()", "string.find()", "string.find('a')", "string.match('a', nil)",
	"string.find('a', '[')", "string.find('a', '[a')", "string.find('a', '[]')",
	"string.find('a', '[^]')", "string.find('a', '%')", "string.find('a', '(')",
	"string.find('a', ')')", "string.find('a', '%1')", "string.find('aa', '(a%1)')",
	"string.find('(', '%b')", "string.find('(', '%b(')", "string.find('a', '%f')",
	"string.find('a', '%fa')", "string.find('a', '[%')", "string.find('a', '[%]')",
	"string.find('a', '%0')", "string.find('a', '(()')", "string.find(12345, 34)",
	"string.gsub(12, 1, 3)", "string.match('a', '.', 2)", "string.match('a', '.', -5)",
	"('x'):find('[a-%%]')", "(']'):find('[a-%%]')", "(('a'):rep(33)):find(('(a)'):rep(33))",
	"select('#', ('a'):rep(32):find(('(a)'):rep(32)))", "(('ab'):rep(50)):find(('(ab)'):rep(32))",
	"string.byte('abc', 1, -1)", "string.sub('abc', 2)", "string.upper('äb')", "string.len('abc')",
	"string.reverse('abc')", "string.char(97, 98)", "string.format('%5.2f|%-5s|%q|%d', 1.5, 'a', 'b\\n', 3)",
	"string.format('%10q', 'x')", "string.format('%100d', 1)", "string.format('%s %s', 1, {} and nil)",
	"#string.pack('i4', 7)", "string.unpack('<i2', '\\1\\2')", "utf8.len('äö')", "utf8.char(228, 8364)",
	"utf8.codepoint('äb', 1, -1)", "utf8.offset('äb', 2)", "math.floor(2.5)", "math.type(1)",
};

static const char *const loops[] = {
	"local o = {} for w in ('one two  three'):gmatch('%a+') do o[#o + 1] = w end "
	"return table.concat(o, '|')",
	"local o = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do o[#o + 1] = k .. v end "
	"return table.concat(o, '|')",
	"local o = {} for at in ('abc'):gmatch('()') do o[#o + 1] = at end return table.concat(o, '|')",
	"local o = {} for w in ('abc'):gmatch('b*') do o[#o + 1] = '<' .. w .. '>' end "
	"return table.concat(o, '|')",
	"local o = {} for w in ('^a^a'):gmatch('^a') do o[#o + 1] = w end return table.concat(o, '|')",
	"local o = {} for w in ('abcd'):gmatch('%a', 3) do o[#o + 1] = w end return table.concat(o, '|')",
	"local o = {} for w in ('abcd'):gmatch('%a', -1) do o[#o + 1] = w end return table.concat(o, '|')",
	"local o = {} for w in ('abcd'):gmatch('', 9) do o[#o + 1] = w end return #o",
	"local o = {} for w in ('abcd'):gmatch('') do o[#o + 1] = w end return #o",
	"for w in ('a'):gmatch('(') do end",
};

static bool is_error(const char *text)
{
	return strncmp(text, "error: ", 7) == 0;
}

static void compare(lua_State *ours, lua_State *real, const char *chunk)
{
	char *want = strdup(bare_run(real, chunk));
	const char *got = bare_run(ours, chunk);

	assert_non_null(want);
	if (is_error(want) ? !is_error(got) : strcmp(got, want) != 0)
		fail_msg("%s\n  gives \"%s\"\n  and in Lua \"%s\"", chunk, got, want);
	free(want);
}

static void every_function_says_what_luas_says(void **state)
{
	lua_State *ours = bare_open(), *real = bare_open_real();
	char chunk[512];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(chunk, sizeof(chunk), "return %s", same[i]);
		compare(ours, real, chunk);
	}
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		compare(ours, real, loops[i]);
	lua_close(ours);
	lua_close(real);
}

/* All short patterns of a few signs, over some subjects. What Lua refuses only when it gets there,
 * we refuse at once. */
static void all_short_patterns_find_what_luas_find(void **state)
{
	static const char chunk[] =
		"local signs, subjects = 'ab.%*-+?()[]^$', {'', 'a', 'ab', 'aab', 'b()ba', 'a$^-]'} "
		"local out, n = {}, #signs "
		"for i = 0, n ^ 4 - 1 do local p, k = '', i "
		"  for _ = 1, 4 do p = p .. signs:sub(k % n + 1, k % n + 1) k = k // n end "
		"  for _, s in ipairs(subjects) do "
		"    local r = table.pack(pcall(string.find, s, p)) "
		"    for j = 1, r.n do r[j] = tostring(r[j]) end "
		"    out[#out + 1] = r[1] == 'true' and table.concat(r, ' ') or '!' end "
		"end return table.concat(out, ',')";
	lua_State *ours = bare_open(), *real = bare_open_real();
	char *want, *got, *a, *b, *end_a, *end_b;
	unsigned long count = 0, refused_early = 0;

	(void)state;
	want = strdup(bare_run(real, chunk));
	got = strdup(bare_run(ours, chunk));
	for (a = want, b = got; a != NULL && b != NULL; count++) {
		end_a = strchr(a, ',');
		end_b = strchr(b, ',');
		if (end_a != NULL)
			*end_a++ = '\0';
		if (end_b != NULL)
			*end_b++ = '\0';
		if (*b == '!' && *a != '!')
			refused_early++;
		else if (strcmp(a, b) != 0)
			fail_msg("%lu: \"%s\" and in Lua \"%s\"", count, b, a);
		a = end_a;
		b = end_b;
	}
	assert_true(a == NULL && b == NULL && count > 200000);
	assert_true(refused_early < count / 2);
	free(want);
	free(got);
	lua_close(ours);
	lua_close(real);
}

static void assert_stopped(const char *chunk)
{
	lua_State *L = bare_open();

	bare_set_steps(1000000);
	assert_str(str_from(bare_run(L, chunk)), "error: out of steps");
	lua_close(L);
}

static void a_pattern_bomb_is_stopped(void **state)
{
	(void)state;
	assert_stopped("return (('a'):rep(200)):find(('a-'):rep(30) .. 'b')");
	assert_stopped("return (('a'):rep(200)):match(('a*'):rep(30) .. 'b')");
	assert_stopped("return (('a'):rep(200)):gsub(('.-'):rep(20) .. 'b', '')");
	assert_stopped("for _ in (('a'):rep(200)):gmatch(('a?'):rep(60) .. ('a'):rep(60) .. 'b') do end");
	assert_stopped("return (('('):rep(20000)):find('%b()')");
}

static void a_deep_pattern_needs_no_stack(void **state)
{
	lua_State *L = bare_open();

	(void)state;
	assert_str(str_from(bare_run(L, "return (('a'):rep(1000)):find(('a?'):rep(1000))")), "1,1000");
	assert_str(str_from(bare_run(L, "return (('ab'):rep(500)):match(('a-b'):rep(500) .. '()')")),
		   "1001");
	lua_close(L);
}

static void gsub_within_gsub_keeps_both_apart(void **state)
{
	lua_State *L = bare_open();

	(void)state;
	assert_str(str_from(bare_run(L,
		"return (('a b'):gsub('%a', function(c) return (('x' .. c):gsub('x', function() "
		"return ('y'):gsub('y', 'z') end)) end))")), "za zb");
	lua_close(L);
}

static void repeating_more_than_there_is_memory_is_an_error(void **state)
{
	lua_State *L = bare_open();

	(void)state;
	assert_str(str_from(bare_run(L, "return ('x'):rep(1 << 31)")),
		   "error: resulting string too large");
	assert_str(str_from(bare_run(L, "return ('x'):rep(math.maxinteger, 'y')")),
		   "error: resulting string too large");
	bare_set_steps(1000);
	assert_str(str_from(bare_run(L, "return ('x'):rep(1 << 20)")), "error: out of steps");
	lua_close(L);
}

static void no_script_gets_hold_of_what_all_strings_share(void **state)
{
	lua_State *L = bare_open();

	(void)state;
	assert_str(str_from(bare_run(L, "return getmetatable('')")), "false");
	assert_str(str_from(bare_run(L, "return string.dump")), "nil");
	assert_str(str_from(bare_run(L, "return math.randomseed")), "nil");
	lua_close(L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_function_says_what_luas_says),
		cmocka_unit_test(all_short_patterns_find_what_luas_find),
		cmocka_unit_test(a_pattern_bomb_is_stopped),
		cmocka_unit_test(a_deep_pattern_needs_no_stack),
		cmocka_unit_test(gsub_within_gsub_keeps_both_apart),
		cmocka_unit_test(repeating_more_than_there_is_memory_is_an_error),
		cmocka_unit_test(no_script_gets_hold_of_what_all_strings_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
