/* test_bind_digest.c - hashes, digests, base64 and hex, from scripts. */
#include "core/script/binds.h"
#include "tests/script/bare.h"
#include "tests/test.h"

static void assert_gives(const char *chunk, const char *want)
{
	lua_State *L = bare_open();

	lua_getglobal(L, "weir");
	bind_digest(L);
	assert_str(str_from(bare_run(L, chunk)), want);
	lua_close(L);
}

/* A client stays with the version that its hash gave it, also over an update of Weir. */
static void a_hash_never_changes(void **state)
{
	(void)state;
	assert_gives("return weir.hash('10.0.0.1'), weir.hash('a', 'bc') == weir.hash('ab', 'c')",
		     "1670957335134278762,false");
	assert_gives("for i = 1, 1000 do assert(weir.hash('x' .. i) >= 0) end return 'never below 0'",
		     "never below 0");
	assert_gives("local n = 0 for i = 1, 10000 do if weir.hash('10.0.' .. i) % 100 < 5 then n = n + 1 end end "
		     "return n > 400 and n < 600", "true");
}

static void digests_come_in_four_forms(void **state)
{
	(void)state;
	assert_gives("return weir.sha256('abc')",
		     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_gives("return #weir.sha256('abc', 'raw'), weir.sha256('abc', 'base64url')",
		     "32,ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
	assert_gives("return weir.sha1('abc', 'base64'), #weir.sha512('')",
		     "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=,128");
	assert_gives("return weir.sha256('abc', 'octal')",
		     "error: bad argument #2 to 'sha256' (invalid option 'octal')");
}

static void a_keyed_digest_takes_its_algorithm(void **state)
{
	(void)state;
	assert_gives("return weir.hmac('Jefe', 'what do ya want for nothing?')",
		     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_gives("return weir.hmac('Jefe', 'what do ya want for nothing?', 'sha1')",
		     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	assert_gives("return weir.hmac('k', 'd', 'md5')",
		     "error: bad argument #3 to 'hmac' (wanted sha1, sha256, sha384 or sha512)");
}

static void secrets_are_compared(void **state)
{
	(void)state;
	assert_gives("return weir.equal('abc', 'abc'), weir.equal('abc', 'abd'), weir.equal('', ''), "
		     "weir.equal('a', 'ab')", "true,false,true,false");
}

static void letters_stand_for_bytes_both_ways(void **state)
{
	(void)state;
	assert_gives("return weir.base64.encode('f\\0o'), weir.base64.decode('ZgBv') == 'f\\0o', "
		     "weir.base64.decode('ZgB'), weir.base64.decode_url(weir.base64.encode_url('\\xff\\xfe'))",
		     "ZgBv,true,nil,\xff\xfe");
	assert_gives("return weir.hex.encode('\\1\\xab'), weir.hex.decode('6162'), weir.hex.decode('6'), "
		     "weir.base64.encode(''), weir.hex.decode('')", "01ab,ab,nil,,");
}

static void a_token_is_never_the_same(void **state)
{
	(void)state;
	assert_gives("return weir.token() ~= weir.token(), #weir.token(), #weir.token(32)", "true,22,43");
	assert_gives("return weir.token(4)", "error: bad argument #1 to 'token' (a token has 8 to 64 bytes)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_never_changes),
		cmocka_unit_test(digests_come_in_four_forms),
		cmocka_unit_test(a_keyed_digest_takes_its_algorithm),
		cmocka_unit_test(secrets_are_compared),
		cmocka_unit_test(letters_stand_for_bytes_both_ways),
		cmocka_unit_test(a_token_is_never_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
