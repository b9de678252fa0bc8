/* test_keys.c - the keys of issuers: late, changed, poisoned, gone; many tokens at once. */
#include "tests/e2e/load.h"
#include "tests/e2e/tokens.h"

static void never_turned_away(struct load_count seen)
{
	if (seen.wrong + seen.cut + seen.refused > 0)
		fail_msg("%lu answered, %lu wrong (%u), %lu cut, %lu refused", seen.answered, seen.wrong,
			 seen.last_wrong, seen.cut, seen.refused);
}

static bool waits_ready(struct story *s, long status)
{
	for (int i = 0; i < 400; i++) {
		if (admin_get(s->gateway, "/readyz") == status)
			return true;
		usleep(25000);
	}
	return false;
}

/* It is still on its way; nobody is let in before it has learnt, or has waited long enough. */
static void begins_to_serve(struct story *s)
{
	struct client *c = NULL;

	gateway_start_somehow(s->gateway);
	for (int i = 0; i < 10000 && c == NULL; i++) {
		c = client_try_connect(s->edge);
		usleep(2000);
	}
	assert_non_null(c);
	s->client = c;
}

/* Who is let in is never told to come again because of keys that are on their way. */
static void keys_are_there_before_traffic_is_accepted(struct story *s)
{
	char text[16384];

	begins(s, NULL);
	origin_at(s->d, "/keys", gated(answers(200, keys)));
	gateway_writes(s->gateway, JWT(""));
	begins_to_serve(s);
	snprintf(text, sizeof(text), "GET /x HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %s\r\n\r\n",
		 good(""));
	client_sends(s->client, text);
	assert_true(origin_sees(s->d, "GET /keys", 1));
	client_is_still_connected(s->client);
	origin_lets_go(s->d, 1);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);
}

/* Runs, is not ready, says why; the reason is another than that of a wrong token. */
static void an_issuer_away_at_start_is_waited_for(struct story *s)
{
	begins(s, NULL);
	origin_refuses(s->d);
	gateway_writes(s->gateway, JWT(""));
	gateway_start_somehow(s->gateway);
	assert_true(gateway_logs(s->gateway, "could not be read"));
	assert_true(waits_ready(s, 503));
	assert_non_null(strstr(s->gateway->text, "the keys of issuer http://"));
	story_reconnects(s);
	brings(s, good(""));
	client_saw_reason(s->client, 503, "keys-unavailable");
	client_saw_header(s->client, "retry-after", "5");
	brings(s, "e30.e30.AA");
	client_saw_reason(s->client, 401, "token-invalid");

	origin_listens(s->d);
	assert_true(waits_ready(s, 200));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

/* One takes the question and never answers: whoever has tokens of the other passes meanwhile. */
static void an_issuer_that_hangs_holds_up_no_other(struct story *s)
{
	char config[2048];

	begins(s, NULL);
	origin_always(s->c, hanging(says("")));
	snprintf(config, sizeof(config), LISTEN
		 "services: {app: {endpoints: [\"${A}\"]}}\n"
		 "routes: [{policies: [jwt: {unknown_key: 1ms, issuers: [\n"
		 "  {issuer: \"http://%s\", audience: orders, timeout: 1m}, " ISSUER "]}], to: app}]\n",
		 origin_address(s->c));
	gateway_writes(s->gateway, config);
	begins_to_serve(s);

	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	assert_int_equal(admin_get(s->gateway, "/readyz"), 503);
	assert_non_null(strstr(s->gateway->text, origin_address(s->c)));
	assert_int_equal(origin_count(s->c, NULL), 1);

	/* Nor later, when the other one has a new key. */
	publishes(s, mint_set(mint_jwk(&other, "\"kid\":\"k2\""), NULL));
	brings(s, mint_plain(&other, "k2", body("")));
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->c, NULL), 1);
}

static void an_issuer_that_goes_away_later_leaves_its_keys(struct story *s)
{
	begins(s, JWT(", unknown_key: 1ms"));

	origin_refuses(s->d);
	brings(s, mint_plain(&other, "new", body("")));	/* makes us ask, in vain */
	refused(s, 401, "token-invalid", "invalid_token");
	assert_true(gateway_logs(s->gateway, "those known before stay"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

static void a_poisoned_key_set_changes_nothing(struct story *s)
{
	static const char shared[] = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"new\",\"k\":"
		"\"AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09rh6O_2_QQLEhkgJy41PENKUVhfZm10e4KJkJeepayzug\"}]}";
	static const char *const poison[] = { "<html>", "{\"keys\":[]}", shared };
	struct mint hmac;

	mint_open(&hmac, ALG_HS256);
	begins(s, JWT(", unknown_key: 1ms"));
	for (size_t i = 0; i < sizeof(poison) / sizeof(poison[0]); i++) {
		publishes(s, poison[i]);
		brings(s, mint_plain(&hmac, "new", body("")));
		refused(s, 401, "token-invalid", "invalid_token");
	}
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	mint_close(&hmac);
}

static void a_new_key_is_fetched_when_the_first_token_names_it(struct story *s)
{
	begins(s, JWT(""));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	publishes(s, mint_set(mint_jwk(&other, "\"kid\":\"k2\""), NULL));
	brings(s, mint_plain(&other, "k2", body("")));
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);

	/* The old one is gone, also for tokens that were good before. */
	brings(s, good(""));
	client_saw_reason(s->client, 401, "token-invalid");
}

/* However many names are made up, the issuer is asked once in a while. */
static void made_up_keys_do_not_flood_the_issuer(struct story *s)
{
	begins(s, JWT(", unknown_key: 1h"));
	for (int i = 0; i < 50; i++) {
		char kid[32];

		snprintf(kid, sizeof(kid), "x%d", i);
		brings(s, mint_plain(&other, kid, body("")));
		refused(s, 401, "token-invalid", "invalid_token");
	}
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);
}

static void names(const char *kid, char *said, size_t room)
{
	(void)snprintf(said, room, "\"kid\":\"%s\"", kid);
}

/* While the key changes under load nobody with a token of the day is turned away: neither those who
 * have one of the key that stays, nor the first, all at once, with one of the key that is new. */
static void keys_rotate_under_load(struct story *s)
{
	enum { ROUNDS = 4, CLIENTS = 4 };
	char steady[4096], fresh[4096], said[64], kid[32];
	struct load *loads[1 + ROUNDS];

	begins(s, JWT(", query: t, unknown_key: 1ms"));
	(void)snprintf(steady, sizeof(steady), "/x?t=%s", good(""));
	loads[ROUNDS] = load_start(s->edge, steady, CLIENTS, false);
	for (int round = 0; round < ROUNDS; round++) {
		assert_true(load_goes_on(loads[ROUNDS], 50));
		(void)snprintf(kid, sizeof(kid), "round%d", round);
		names(kid, said, sizeof(said));
		publishes(s, mint_set(mint_jwk(&key, "\"kid\":\"k1\""), mint_jwk(&other, said)));
		(void)snprintf(fresh, sizeof(fresh), "/x?t=%s", mint_plain(&other, kid, body("")));
		loads[round] = load_start(s->edge, fresh, CLIENTS, false);
		assert_true(load_goes_on(loads[round], 50));
		never_turned_away(load_stop(loads[round]));
	}
	never_turned_away(load_stop(loads[ROUNDS]));
	assert_int_equal(origin_count(s->d, "GET /keys"), 1 + ROUNDS);
}

enum { CLIENTS = 100, EACH = 100 };

/* What one of them sends: a hundred requests, one behind the other. free() it. */
static char *requests_of(int client)
{
	char *text = NULL, more[32];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int n = 0; n < EACH; n++) {
		(void)snprintf(more, sizeof(more), "\"n\":%d", n * CLIENTS + client);
		fprintf(out, "GET /x HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %s\r\n\r\n",
			mint_plain(&other, "k2", body(more)));
	}
	fclose(out);
	return text;
}

/* Ten thousand that are all different stand there before the first is answered, of a key that nobody
 * has seen yet: whoever waits for it waits for one question. The cache has room for a hundred. */
static void ten_thousand_tokens_at_once(struct story *s)
{
	struct client *clients[CLIENTS];
	size_t memory;

	begins(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{timeout: 1m, policies: [jwt: {cache: 100,\n"
	       "          issuers: [{issuer: \"http://${D}\", audience: orders, timeout: 1m}]}], to: app}]\n");
	brings(s, good(""));
	memory = gateway_memory(s->gateway);
	publishes(s, mint_set(mint_jwk(&other, "\"kid\":\"k2\""), NULL));
	origin_at(s->d, "/keys", gated(answers(200, keys)));
	for (int i = 0; i < CLIENTS; i++) {
		char *text = requests_of(i);

		clients[i] = story_client(s);
		client_sends(clients[i], text);
		free(text);
	}
	origin_lets_go(s->d, 1);
	for (int i = 0; i < CLIENTS; i++) {
		for (int n = 0; n < EACH; n++) {
			assert_true(client_reads(clients[i]));
			client_saw(clients[i], 200, NULL);
		}
		client_close(clients[i]);
	}
	assert_memory_below(gateway_memory(s->gateway), memory + (24u << 20));
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);
}

/* Reloads ---------------------------------------------------------------------- */

static void a_key_file_that_changes_is_read_again(struct story *s)
{
	begins(s, NULL);
	gateway_writes_file(s->gateway, "keys.json", mint_set(mint_jwk(&key, ""), NULL));
	story_starts(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
		     "routes: [{policies: [jwt: {issuers: [{jwks_file: \"${DIR}/keys.json\", any_audience: true}]}], "
		     "to: app}]\n");
	story_reconnects(s);
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "keys.json", "{\"keys\":");
	assert_true(gateway_logs(s->gateway, "those known before stay"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "keys.json", mint_set(mint_jwk(&other, ""), NULL));
	for (int i = 0; i < 200 && wire_status(&s->client->answer) != 401; i++) {
		usleep(50000);
		brings(s, good(""));
	}
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, mint_plain(&other, NULL, body("")));
	client_saw(s->client, 200, NULL);
}

static void a_reload_with_a_bad_key_file_is_refused(struct story *s)
{
	begins(s, JWT(""));
	gateway_writes_file(s->gateway, "bad.pem", "no key\n");

	assert_int_equal(story_reloads(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
			 "routes: [{policies: [jwt: {issuers: [{pem: \"${DIR}/bad.pem\", any_audience: true}]}], "
			 "to: app}]\n"), 422);

	assert_non_null(strstr(s->gateway->text, "no public key"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

/* What was learnt of an issuer is not learnt again, and a reload does not wait for one that is
 * away. */
static void a_reload_keeps_the_keys(struct story *s)
{
	begins(s, JWT(""));
	origin_refuses(s->d);

	assert_int_equal(story_reloads(s, JWT(", realm: other")), 200);

	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		TOKENS(keys_are_there_before_traffic_is_accepted),
		TOKENS(an_issuer_away_at_start_is_waited_for),
		TOKENS(an_issuer_that_hangs_holds_up_no_other),
		TOKENS(an_issuer_that_goes_away_later_leaves_its_keys),
		TOKENS(a_poisoned_key_set_changes_nothing),
		TOKENS(a_new_key_is_fetched_when_the_first_token_names_it),
		TOKENS(made_up_keys_do_not_flood_the_issuer),
		TOKENS(keys_rotate_under_load),
		TOKENS(ten_thousand_tokens_at_once),
		TOKENS(a_key_file_that_changes_is_read_again),
		TOKENS(a_reload_with_a_bad_key_file_is_refused),
		TOKENS(a_reload_keeps_the_keys),
	};

	return TELL("keys", stories);
}
