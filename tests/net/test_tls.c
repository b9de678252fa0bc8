/* test_tls.c - the TLS layer of a transport, with OpenSSL itself at the other end, driven byte by byte. */
#include "core/net/tls.h"

#include <openssl/err.h>

#include "core/net/tls_peer.h"
#include "tests/net/other.h"

static void asks(struct other *o)
{
	assert_int_equal(SSL_write(o->ssl, "hello", 5), 5);
}

static void what_one_end_writes_the_other_reads(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, asks);
	scene_does(s, shakes_hands_and_reads);
	other_ends(&o);

	assert_int_equal(s->reason, REASON_NONE);
	assert_int_equal(s->result, IO_OK);
	assert_int_equal(s->len, 5);
	assert_memory_equal(s->data, "hello", 5);
	assert_str(tls_version(&s->t), "TLSv1.3");
	assert_false(tls_resumed(&s->t));
	assert_null(tls_peer(&s->t));
}

/* Half a record would be "pending" for ever. */
static void sends_half_a_record(struct other *o)
{
	static const char half[] = "\x17\x03\x03\x00\x40 half of it";

	assert_int_equal(send(o->s->peer, half, sizeof(half) - 1, MSG_NOSIGNAL), sizeof(half) - 1);
}

static void half_a_record_keeps_nobody_awake(void **state)
{
	struct scene *s = *state;
	struct other o;
	uint64_t turns;

	other_begins(&o, s, sends_half_a_record);
	scene_begins(s, shakes_hands_and_reads);
	other_ends(&o);
	scene_goes_on(s);
	turns = s->loop.turns;
	assert_false(s->over);

	assert_false(transport_readable(&s->t));
	loop_turn(&s->loop, 20 * NS_PER_MS);
	assert_in_range(s->loop.turns - turns, 1, 2);
	peer_resets(s);
	scene_ends(s);
	assert_int_equal(s->result, IO_RESET);
}

static void changes_keys(struct other *o, int times)
{
	for (int i = 0; i < times; i++)
		if (SSL_key_update(o->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(o->ssl) != 1)
			return;
}

static void changes_keys_now_and_then(struct other *o)
{
	changes_keys(o, 10);
	asks(o);
}

static void keys_may_change(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, changes_keys_now_and_then);
	scene_does(s, shakes_hands_and_reads);
	other_ends(&o);

	assert_int_equal(s->result, IO_OK);
	assert_int_equal(s->len, 5);
}

static void changes_keys_all_the_time(struct other *o)
{
	changes_keys(o, 1000000);
}

static void who_only_changes_keys_is_cut(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, changes_keys_all_the_time);
	scene_does(s, shakes_hands_and_reads);
	transport_close(&s->t);
	other_ends(&o);

	assert_int_equal(s->result, IO_RESET);
}

static void says_goodbye(struct other *o)
{
	(void)SSL_shutdown(o->ssl);
}

static void a_goodbye_is_an_end_in_order(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, says_goodbye);
	scene_does(s, shakes_hands_and_reads);
	other_ends(&o);

	assert_int_equal(s->result, IO_EOF);
}

static void an_end_without_a_goodbye_is_a_break(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, NULL);
	scene_begins(s, shakes_hands_and_reads);
	while (!s->over && s->t.layer == NULL)
		scene_goes_on(s);
	other_ends(&o);
	peer_closes(s);
	scene_ends(s);

	assert_int_equal(s->result, IO_RESET);
}

enum { LARGE = 3000000 };

static void reads_slowly(struct other *o)
{
	char room[40000];
	int n;

	while (o->got < LARGE && (n = SSL_read(o->ssl, room, sizeof(room))) > 0) {
		for (int i = 0; i < n; i++)
			assert_int_equal((unsigned char)room[i], (unsigned char)((o->got + (size_t)i) % 251));
		o->got += (size_t)n;
		if (o->got < 300000)
			usleep(2000);
	}
}

static void writes_much(struct scene *s)
{
	char *body = malloc(LARGE);
	uint32_t most = 0;
	struct iovec parts[3];
	size_t at = 0;

	shakes_hands(s);
	for (size_t i = 0; i < LARGE; i++)
		body[i] = (char)(i % 251);
	while (at < LARGE && s->result == IO_OK) {
		size_t n = LARGE - at < 100000 ? LARGE - at : 100000, third = n / 3;

		parts[0] = (struct iovec){ body + at, third };
		parts[1] = (struct iovec){ body + at + third, third };
		parts[2] = (struct iovec){ body + at + 2 * third, n - 2 * third };
		s->result = transport_write(&s->t, parts, 3);
		at += n;
		if (tls_of(&s->t)->out_len > most)
			most = tls_of(&s->t)->out_len;
	}
	s->len = most;
	free(body);
}

static void a_slow_reader_gets_every_byte_and_costs_little(void **state)
{
	struct scene *s = *state;
	struct other o;
	int small = 20000;

	setsockopt(s->t.source.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	other_begins(&o, s, reads_slowly);
	scene_does(s, writes_much);
	other_ends(&o);

	assert_int_equal(s->result, IO_OK);
	assert_int_equal(o.got, LARGE);
	assert_int_equal(tls_of(&s->t)->out_len, 0);	/* whoever was told that all is written may go */
	assert_int_equal(s->len, 0);
}

static void writes_three_parts(struct scene *s)
{
	struct iovec parts[] = { { "one ", 4 }, { "two ", 4 }, { "three", 5 } };

	shakes_hands(s);
	s->result = transport_write(&s->t, parts, 3);
}

/* The tickets of the handshake come first. */
static void parts_leave_in_one_record(void **state)
{
	struct scene *s = *state;
	struct other o;
	char room[64];

	other_begins(&o, s, NULL);
	scene_does(s, writes_three_parts);
	pthread_join(o.thread, NULL);
	assert_int_equal(SSL_read(o.ssl, room, sizeof(room)), 13);
	assert_memory_equal(room, "one two three", 13);
	SSL_free(o.ssl);
	SSL_CTX_free(o.ctx);
}

static void plain_http_is_known_by_its_first_letter(void **state)
{
	struct scene *s = *state;

	peer_says(s, "GET / HTTP/1.1\r\n\r\n");
	scene_does(s, shakes_hands);

	assert_int_equal(s->reason, REASON_HTTP_ON_TLS);
	assert_false(transport_is_tls(&s->t));		/* and may be answered plainly */
}

static void a_deadline_ends_the_handshake_with_its_reason(struct scene *s)
{
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&s->loop), SHORT_TIME), REASON_TLS_SLOW);
	shakes_hands(s);
	deadline_leave(&d);
}

static void who_says_nothing_is_too_slow(void **state)
{
	struct scene *s = *state;

	scene_does(s, a_deadline_ends_the_handshake_with_its_reason);

	assert_int_equal(s->reason, REASON_TLS_SLOW);
}

static void who_leaves_is_gone(void **state)
{
	struct scene *s = *state;

	peer_closes(s);
	scene_does(s, shakes_hands);

	assert_int_equal(s->reason, REASON_TLS_GONE);
}

static void waits_for_the_end(struct other *o)
{
	char room[16];

	o->result = SSL_read(o->ssl, room, sizeof(room));
	o->result = SSL_get_error(o->ssl, o->result);
}

static void an_orderly_close_says_goodbye(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, waits_for_the_end);
	scene_does(s, shakes_hands);
	transport_close(&s->t);
	pthread_join(o.thread, NULL);

	assert_int_equal(o.result, SSL_ERROR_ZERO_RETURN);
	SSL_free(o.ssl);
	SSL_CTX_free(o.ctx);
}

static void a_cut_does_not(void **state)
{
	struct scene *s = *state;
	struct other o;

	other_begins(&o, s, waits_for_the_end);
	scene_does(s, shakes_hands);
	transport_abort(&s->t);
	pthread_join(o.thread, NULL);

	assert_int_not_equal(o.result, SSL_ERROR_ZERO_RETURN);
	SSL_free(o.ssl);
	SSL_CTX_free(o.ctx);
}

static void days_are_counted_towards_the_end_and_from_it(void **state)
{
	(void)state;
	assert_int_equal(tls_days_left(864000, 0), 10);
	assert_int_equal(tls_days_left(863999, 0), 9);
	assert_int_equal(tls_days_left(0, 0), 0);
	assert_int_equal(tls_days_left(0, 1), -1);
	assert_int_equal(tls_days_left(0, 86401), -2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_one_end_writes_the_other_reads),
		TEST(half_a_record_keeps_nobody_awake),
		TEST(keys_may_change),
		TEST(who_only_changes_keys_is_cut),
		TEST(a_goodbye_is_an_end_in_order),
		TEST(an_end_without_a_goodbye_is_a_break),
		TEST(a_slow_reader_gets_every_byte_and_costs_little),
		TEST(parts_leave_in_one_record),
		TEST(plain_http_is_known_by_its_first_letter),
		TEST(who_says_nothing_is_too_slow),
		TEST(who_leaves_is_gone),
		TEST(an_orderly_close_says_goodbye),
		TEST(a_cut_does_not),
		cmocka_unit_test(days_are_counted_towards_the_end_and_from_it),
	};

	return cmocka_run_group_tests_name("tls", tests, make_certs, remove_certs);
}
