/* test_digest.c - digests are those of the standards. */
#include "core/base/digest.h"

#include <pthread.h>

#include "core/base/base64.h"
#include "tests/test.h"

static void assert_hex(const uint8_t *bytes, size_t size, const char *want)
{
	char hex[2 * DIGEST_MOST];

	hex_encode(str_of((const char *)bytes, size), hex);
	assert_str(str_of(hex, 2 * size), want);
}

static void assert_digest(enum digest d, const char *text, const char *want)
{
	uint8_t out[DIGEST_MOST];

	assert_true(digest_of(d, str_from(text), out));
	assert_hex(out, digest_size(d), want);
}

static void digests_are_those_of_the_standard(void **state)
{
	(void)state;
	assert_digest(DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_digest(DIGEST_SHA256, "abc",
		      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(DIGEST_SHA256, "",
		      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest(DIGEST_SHA512, "abc",
		      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	assert_digest(DIGEST_SHA384, "abc",
		      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		      "8086072ba1e7cc2358baeca134c825a7");
}

/* RFC 4231, cases 2 and 6. */
static void keyed_digests_are_those_of_the_standard(void **state)
{
	uint8_t out[DIGEST_MOST];
	char key[131];

	(void)state;
	assert_true(digest_hmac(DIGEST_SHA256, STR("Jefe"), STR("what do ya want for nothing?"), out));
	assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	assert_true(digest_hmac(DIGEST_SHA256, str_of(key, sizeof(key)),
				STR("Test Using Larger Than Block-Size Key - Hash Key First"), out));
	assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_true(digest_hmac(DIGEST_SHA256, STR(""), STR(""), out));
	assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void words_name_digests(void **state)
{
	enum digest d;

	(void)state;
	assert_true(digest_parse(STR("sha512"), &d));
	assert_int_equal(d, DIGEST_SHA512);
	assert_false(digest_parse(STR("SHA256"), &d));
	assert_false(digest_parse(STR("md5"), &d));
}

static void *ask_often(void *arg)
{
	uint8_t *out = arg;

	for (int i = 0; i < 200; i++)
		assert_true(digest_hmac(DIGEST_SHA256, STR("k"), STR("d"), out));
	return NULL;
}

static void threads_ask_at_once(void **state)
{
	uint8_t out[4][DIGEST_MOST];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, out[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < 4; i++)
		assert_memory_equal(out[i], out[0], 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(keyed_digests_are_those_of_the_standard),
		cmocka_unit_test(words_name_digests),
		cmocka_unit_test(threads_ask_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
