/* tokens.h - stories of tokens: an issuer that is the origin d, and who brings what it signs. */
#ifndef TESTS_E2E_TOKENS_H
#define TESTS_E2E_TOKENS_H

#include "tests/e2e/story.h"

#include <stdlib.h>

#include "tests/plugins/mint.h"

#define ISSUER "{issuer: \"http://${D}\", audience: orders}"
#define JWT(options) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{name: r, policies: [jwt: {issuers: [" ISSUER "]" options "}], to: app}]\n"

/* The issuer is the origin d; what it says lives as long as the story. */
static struct mint key, other;
static char description[512], keys[8192], issuer[64];

static void publishes(struct story *s, const char *set)
{
	snprintf(issuer, sizeof(issuer), "http://%s", origin_address(s->d));
	snprintf(description, sizeof(description), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}", issuer,
		 issuer);
	snprintf(keys, sizeof(keys), "%s", set);
	origin_at(s->d, "/.well-known/openid-configuration", answers(200, description));
	origin_at(s->d, "/keys", answers_with(200, "cache-control: max-age=600\r\n", keys));
}

static const char *body(const char *more)
{
	static char text[4096];

	snprintf(text, sizeof(text), "{\"iss\":\"%s\",\"aud\":\"orders\",\"sub\":\"ann\",\"exp\":%lld%s%s}",
		 issuer, (long long)time(NULL) + 3600, more[0] != '\0' ? "," : "", more);
	return text;
}

static const char *good(const char *more)
{
	return mint_plain(&key, "k1", body(more));
}

static void begins(struct story *s, const char *config)
{
	mint_open(&key, ALG_ES256);
	mint_open(&other, ALG_ES256);
	publishes(s, mint_set(mint_jwk(&key, "\"kid\":\"k1\""), NULL));
	if (config != NULL) {
		story_starts(s, config);
		story_reconnects(s);
	}
}

static void asks_with(struct story *s, const char *headers)
{
	char text[20000];

	snprintf(text, sizeof(text), "GET /x HTTP/1.1\r\nhost: a.example\r\n%s\r\n", headers);
	client_sends(s->client, text);
	assert_true(client_reads(s->client));
}

static void brings(struct story *s, const char *token)
{
	char text[16384];

	snprintf(text, sizeof(text), "authorization: Bearer %s\r\n", token);
	asks_with(s, text);
}

static void refused(struct story *s, unsigned status, const char *reason, const char *challenge)
{
	client_saw_reason(s->client, status, reason);
	if (str_find_str(client_header(s->client, "www-authenticate"), str_from(challenge)) ==
	    client_header(s->client, "www-authenticate").len)
		fail_msg("www-authenticate is \"%.*s\", without %s",
			 STR_ARG(client_header(s->client, "www-authenticate")), challenge);
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static int close_mints(void **state)
{
	mint_close(&key);
	mint_close(&other);
	return story_end(state);
}

#define TOKENS(play_) { \
	.name = #play_, .test_func = story_tell, \
	.setup_func = story_begin, .teardown_func = close_mints, \
	.initial_state = (void *)&(const struct scene){ play_, NULL } }

#endif
