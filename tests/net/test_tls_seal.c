/* test_tls_seal.c - what we seal OpenSSL opens: each cipher, records of all sizes, new keys. */
#include "core/net/tls_inside.h"

#include "tests/net/other.h"

enum { MUCH = 200000 };		/* more than a dozen records */

static void writes(struct scene *s, const char *data, size_t len)
{
	struct iovec part = { (char *)(uintptr_t)data, len };

	assert_int_equal(transport_write(&s->t, &part, 1), IO_OK);
}

static char byte_at(size_t i)
{
	return (char)(i % 251);
}

/* A byte, then very much: records of all sizes. */
static void writes_little_and_much(struct scene *s)
{
	char *body = test_malloc(MUCH);

	shakes_hands(s);
	for (size_t i = 0; i < MUCH; i++)
		body[i] = byte_at(i);
	for (size_t at = 0; at < 300; at++)
		writes(s, body + at, 1);
	writes(s, body + 300, MUCH - 300);
	test_free(body);
}

static void reads_all_of_it(struct other *o)
{
	char room[30000];
	int n;

	while (o->got < MUCH && (n = SSL_read(o->ssl, room, sizeof(room))) > 0)
		for (int i = 0; i < n; i++)
			o->good += room[i] == byte_at(o->got++);
}

static void speaks(struct scene *s, const char *suite, int version, size_t key_len)
{
	struct other o;

	other_begins_so(&o, s, reads_all_of_it, suite, version);
	scene_does(s, writes_little_and_much);
	other_ends(&o);

	assert_int_equal(s->reason, REASON_NONE);
	assert_int_equal(o.good, MUCH);
#ifndef OPENSSL_NO_KTLS
	assert_int_equal(tls_of(&s->t)->seal.key_len, key_len);
#endif
}

static void aes_with_short_keys_is_sealed_here(void **state)
{
	speaks(*state, "TLS_AES_128_GCM_SHA256", 0, 16);
}

static void aes_with_long_keys_is_sealed_here(void **state)
{
	speaks(*state, "TLS_AES_256_GCM_SHA384", 0, 32);
}

static void another_cipher_is_sealed_by_openssl(void **state)
{
	speaks(*state, "TLS_CHACHA20_POLY1305_SHA256", 0, 0);
}

static void an_older_version_is_sealed_by_openssl(void **state)
{
	speaks(*state, NULL, TLS1_2_VERSION, 0);
}

static void who_likes_both_kinds_of_keys_gets_the_short(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, NULL);
	scene_does(s, shakes_hands);
	other_ends(&o);

	assert_string_equal(SSL_get_cipher_name(tls_of(&s->t)->ssl), "TLS_AES_128_GCM_SHA256");
}

static size_t reads(struct other *o, char *room, size_t len)
{
	size_t got = 0;
	int n = 1;

	for (; got < len && n > 0; got += n > 0 ? (size_t)n : 0)
		n = SSL_read(o->ssl, room + got, (int)(len - got));
	return got;
}

static void wants_new_keys_in_between(struct other *o)
{
	char room[16];

	o->good = reads(o, room, 6) == 6 && memcmp(room, "before", 6) == 0;
	o->good += SSL_key_update(o->ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_write(o->ssl, "now", 3) == 3;
	o->good += reads(o, room, 5) == 5 && memcmp(room, "after", 5) == 0;
	o->good += SSL_key_update(o->ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_write(o->ssl, "now", 3) == 3;
	o->good += reads(o, room, 5) == 5 && memcmp(room, "again", 5) == 0;
}

static void writes_before_and_after(struct scene *s)
{
	shakes_hands(s);
	writes(s, "before", 6);
	assert_int_equal(transport_read(&s->t, s->data, sizeof(s->data), &s->len), IO_OK);
	writes(s, "after", 5);
	assert_int_equal(transport_read(&s->t, s->data, sizeof(s->data), &s->len), IO_OK);
	writes(s, "again", 5);
}

static void when_the_other_end_wants_new_keys_openssl_goes_on(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, wants_new_keys_in_between);
	scene_does(s, writes_before_and_after);
	other_ends(&o);

	assert_int_equal(o.good, 5);
	assert_int_equal(tls_of(&s->t)->seal.key_len, 0);
}

/* Of two connections in turn, each with its own keys. */
static void one_thread_seals_for_many(void **state)
{
	struct scene *a = *state, *b = scene_new();
	struct other oa, ob;

	other_begins(&oa, a, NULL);
	scene_does(a, shakes_hands);
	other_begins(&ob, b, NULL);
	scene_does(b, shakes_hands);
	pthread_join(oa.thread, NULL);
	pthread_join(ob.thread, NULL);
	for (int i = 0; i < 3; i++) {
		char room[4];

		writes(a, "of a", 4);
		writes(b, "of b", 4);
		assert_int_equal(reads(&oa, room, 4), 4);
		assert_memory_equal(room, "of a", 4);
		assert_int_equal(reads(&ob, room, 4), 4);
		assert_memory_equal(room, "of b", 4);
	}

	SSL_free(oa.ssl);
	SSL_CTX_free(oa.ctx);
	SSL_free(ob.ssl);
	SSL_CTX_free(ob.ctx);
	scene_free(b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(aes_with_short_keys_is_sealed_here),
		TEST(aes_with_long_keys_is_sealed_here),
		TEST(another_cipher_is_sealed_by_openssl),
		TEST(an_older_version_is_sealed_by_openssl),
		TEST(who_likes_both_kinds_of_keys_gets_the_short),
		TEST(when_the_other_end_wants_new_keys_openssl_goes_on),
		TEST(one_thread_seals_for_many),
	};

	return cmocka_run_group_tests_name("tls_seal", tests, make_certs, remove_certs);
}
