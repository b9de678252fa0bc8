/* options.c - what the operator may say, and how it becomes a use. */
#include "plugins/jwt/jwt.h"

#include <stdlib.h>

static const char *const algorithms[] = {
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
	"ES256", "ES384", "ES512", "EdDSA", NULL
};

static const struct weir_option issuer_options[] = {
	{ .name = "issuer", .type = WEIR_TEXT,
	  .about = "exactly what the token's `iss` says; without it tokens of any, or of none" },
	{ .name = "audience", .type = WEIR_TEXT, .list = true,
	  .about = "one of these must be in the token's `aud`" },
	{ .name = "any_audience", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "tokens that this issuer made for others are accepted too" },
	{ .name = "jwks_url", .type = WEIR_URL,
	  .about = "where its keys are; else its URL says it (discovery)" },
	{ .name = "ca", .type = WEIR_PATH,
	  .about = "authorities to believe when keys are fetched by https; else this machine's" },
	{ .name = "jwks_file", .type = WEIR_PATH, .list = true, .about = "its keys as JWKS, watched" },
	{ .name = "pem", .type = WEIR_PATH, .list = true,
	  .about = "its public keys or certificates, one in each file, watched" },
	{ .name = "secret", .type = WEIR_SECRET,
	  .about = "what it shares with us, for HS256, HS384, HS512: 32 bytes or more" },
	{ .name = "algorithms", .type = WEIR_CHOICE, .list = true, .choices = algorithms,
	  .about = "only these; else what each key says, or ES256 ES384 ES512 EdDSA by its kind, RS256 "
		   "for RSA, HS256 for a secret" },
	{ .name = "types", .type = WEIR_TEXT, .list = true,
	  .about = "the token's `typ` must be one of these; else it is none, JWT or at+jwt" },
	{ .name = "leeway", .type = WEIR_DURATION, .fallback = "30s", .max = 3600,
	  .about = "how far the clocks may be apart" },
	{ .name = "oldest", .type = WEIR_DURATION, .fallback = "none", .none_is_allowed = true,
	  .about = "how long ago it may have been issued (`iat`), whatever `exp` says" },
	{ .name = "refresh", .type = WEIR_DURATION, .fallback = "10m", .min = 30, .max = 43200,
	  .about = "how often keys are fetched when the answer does not say how long they last" },
	{ .name = "timeout", .type = WEIR_DURATION, .fallback = "3s", .min = 0.01, .max = 60,
	  .about = "for each answer of the issuer" },
	{ 0 }
};

static const struct weir_option claim_options[] = {
	{ .name = "is", .type = WEIR_TEXT, .list = true, .bare = true,
	  .about = "one of these; none: it must be there" },
	{ 0 }
};

const struct weir_option jwt_options[] = {
	{ .name = "issuers", .type = WEIR_OBJECT, .list = true, .required = true,
	  .fields = issuer_options, .about = "whose tokens are accepted" },
	{ .name = "header", .type = WEIR_HEADER_NAME,
	  .about = "the header with the token, `Bearer` before it or not; authorization when nothing is said" },
	{ .name = "cookie", .type = WEIR_TEXT, .about = "a cookie with the token" },
	{ .name = "query", .type = WEIR_TEXT, .about = "a query parameter with the token" },
	{ .name = "forward", .type = WEIR_BOOLEAN, .fallback = "true",
	  .about = "the service gets the token too (a cookie always stays)" },
	{ .name = "optional", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "requests without a token pass; a wrong token never does" },
	{ .name = "scopes", .type = WEIR_TEXT, .list = true,
	  .about = "all of these must be granted (`scope` or `scp`)" },
	{ .name = "claims", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = claim_options,
	  .about = "the token must have these" },
	{ .name = "headers", .type = WEIR_MAP, .of = WEIR_TEXT, .keys = WEIR_HEADER_NAME,
	  .about = "headers that go upstream with a claim each, and never come from a client" },
	{ .name = "identity", .type = WEIR_TEXT,
	  .about = "the claim that becomes client.identity; `sub` when no certificate says who it is" },
	{ .name = "realm", .type = WEIR_TEXT, .fallback = "weir", .about = "for www-authenticate" },
	{ .name = "longest", .type = WEIR_SIZE, .fallback = "8k", .min = 256, .max = 65536,
	  .about = "of a token" },
	{ .name = "cache", .type = WEIR_INTEGER, .fallback = "2000", .min = 1, .max = 1000000,
	  .about = "good tokens that each worker remembers until they expire" },
	{ .name = "unknown_key", .type = WEIR_DURATION, .fallback = "10s", .min = 0.001, .max = 86400,
	  .about = "at most so often a token with an unknown key makes us ask the issuer" },
	{ 0 }
};

/* Checking ------------------------------------------------------------------ */

static uint32_t sources_given(const struct weir_setup *is)
{
	return weir_option_given(is, "jwks_url") + weir_option_given(is, "jwks_file") +
	       (uint32_t)weir_option_given(is, "pem") + weir_option_given(is, "secret");
}

static alg_set algs_given(const struct weir_setup *is)
{
	alg_set algs = 0;

	for (uint32_t i = 0; i < weir_option_count(is, "algorithms"); i++)
		algs |= ALG_BIT(alg_of(weir_option_text_at(is, "algorithms", i)));
	return algs;
}

/* A public key that is taken for a secret would make every forgery good: the two are never mixed. */
static bool algorithms_fit(const struct weir_setup *is, struct weir_error *error)
{
	alg_set algs = algs_given(is);
	bool secret = weir_option_given(is, "secret");

	if (secret && (algs & ~ALGS_HMAC) != 0)
		return weir_fail(error, "with `secret` only HS256, HS384 and HS512 can be meant");
	if (!secret && !weir_option_given(is, "jwks_file") && (algs & ALGS_HMAC) != 0)
		return weir_fail(error, "HS256, HS384 and HS512 need a `secret`, or a `jwks_file`");
	return true;
}

static bool check_issuer(const struct weir_setup *is, struct weir_error *error)
{
	struct weir_str name = weir_option_text(is, "issuer"), secret = weir_option_text(is, "secret");
	char url[PROVIDER_URL];

	if (sources_given(is) > 1)
		return weir_fail(error, "give one of `jwks_url`, `jwks_file`, `pem` and `secret`");
	if (sources_given(is) == 0 && (name.data == NULL || !provider_address(name, url)))
		return weir_fail(error, "without `jwks_url`, `jwks_file`, `pem` or `secret` the `issuer` "
					"must be an http:// or https:// URL that tells where its keys are");
	if (weir_option_count(is, "audience") == 0 && !weir_option_boolean(is, "any_audience"))
		return weir_fail(error, "say with `audience` for whom tokens must be meant, or write "
					"`any_audience: true`");
	if (secret.data != NULL && secret.len < 32)
		return weir_fail(error, "`secret` has %zu bytes; HS256 needs 32 or more", secret.len);
	return algorithms_fit(is, error);
}

static bool scopes_valid(const struct weir_setup *setup, struct weir_error *error)
{
	for (uint32_t i = 0; i < weir_option_count(setup, "scopes"); i++) {
		struct weir_str scope = weir_option_text_at(setup, "scopes", i);

		if (scope.len == 0)
			return weir_fail(error, "a scope is empty");
		for (size_t k = 0; k < scope.len; k++)
			if (scope.data[k] <= ' ' || scope.data[k] > '~' || scope.data[k] == '"' ||
			    scope.data[k] == '\\')
				return weir_fail(error, "`%.*s` is no scope: it has no spaces, quotes or "
							"backslashes", WEIR_ARG(scope));
	}
	return true;
}

bool jwt_check(const struct weir_setup *setup, struct weir_error *error)
{
	uint32_t count = weir_option_count(setup, "issuers");
	struct weir_str realm = weir_option_text(setup, "realm");

	if (count == 0)
		return weir_fail(error, "`issuers` is empty");
	for (uint32_t i = 0; i < count; i++) {
		struct weir_error why = { "" };

		if (!check_issuer(weir_option_object_at(setup, "issuers", i), &why))
			return weir_fail(error, "issuer %u: %.480s", i + 1, why.text);
	}
	if (realm.len == 0 || memchr(realm.data, '"', realm.len) != NULL ||
	    memchr(realm.data, '\\', realm.len) != NULL)
		return weir_fail(error, "`realm` must be a text without quotes and backslashes");
	return scopes_valid(setup, error);
}

/* Opening ------------------------------------------------------------------- */

static bool read_paths(struct issuer *is, const struct weir_setup *setup, const char *name)
{
	uint32_t wanted = weir_option_count(setup, name);

	is->paths = calloc((size_t)wanted + 1, sizeof(*is->paths));
	is->marks = calloc((size_t)wanted + 1, sizeof(*is->marks));
	if (is->paths == NULL || is->marks == NULL)
		return false;
	for (; is->path_count < wanted; is->path_count++) {
		struct weir_str path = weir_option_text_at(setup, name, is->path_count);

		is->paths[is->path_count] = strndup(path.data, path.len);
		if (is->paths[is->path_count] == NULL)
			return false;
	}
	return true;
}

/* One block for both lists. */
static bool read_claims(struct issuer *is, const struct weir_setup *setup)
{
	struct claims_rules *c = &is->claims;
	uint32_t audiences = weir_option_count(setup, "audience");
	uint32_t types = weir_option_count(setup, "types");
	uint64_t oldest = weir_option_duration(setup, "oldest");

	is->texts = calloc((size_t)audiences + types + 1, sizeof(*is->texts));
	if (is->texts == NULL)
		return false;
	c->audiences = is->texts;
	c->types = is->texts + audiences;
	for (; c->audience_count < audiences; c->audience_count++)
		is->texts[c->audience_count] = weir_option_text_at(setup, "audience", c->audience_count);
	for (; c->type_count < types; c->type_count++)
		is->texts[audiences + c->type_count] = weir_option_text_at(setup, "types", c->type_count);
	c->issuer = weir_option_text(setup, "issuer");
	c->leeway = (int64_t)(weir_option_duration(setup, "leeway") / 1000000000);
	c->oldest = oldest == UINT64_MAX ? 0 : (int64_t)(oldest / 1000000000);
	return true;
}

static bool read_source(struct issuer *is, const struct weir_setup *setup)
{
	is->keys = (struct key_rules){ .algs = algs_given(setup) };
	is->url = weir_option_text(setup, "jwks_url");
	is->secret = weir_option_text(setup, "secret");
	is->ca = weir_option_text(setup, "ca");
	if (is->url.data != NULL)
		is->source = FROM_URL;
	else if (is->secret.data != NULL)
		is->source = FROM_SECRET;
	else if (weir_option_given(setup, "jwks_file"))
		is->source = FROM_FILE;
	else if (weir_option_given(setup, "pem"))
		is->source = FROM_PEM;
	is->keys.secrets = is->source == FROM_FILE;
	if (is->source == FROM_URL)
		snprintf(is->keys_url, sizeof(is->keys_url), "%.*s", WEIR_ARG(is->url));
	return is->source == FROM_FILE ? read_paths(is, setup, "jwks_file")
				       : read_paths(is, setup, "pem");
}

/* The same issuer before the reload: what it has learnt is not learnt again. */
static struct keyset *inherited(const struct jwt *before, const struct issuer *is)
{
	for (uint32_t i = 0; before != NULL && i < before->issuer_count; i++) {
		const struct issuer *old = &before->issuers[i];
		const struct keyset *set;

		if (old->source != is->source || !weir_str_eq(old->name, is->name) ||
		    !weir_str_eq(old->url, is->url) || !weir_str_eq(old->ca, is->ca) ||
		    old->keys.algs != is->keys.algs)
			continue;
		set = weir_cell_read(NULL, old->cell);
		return set != NULL ? keyset_copy(set) : NULL;
	}
	return NULL;
}

static bool first_keys(struct issuer *is, const struct jwt *before, struct weir_error *error)
{
	bool fetches = issuer_fetches(is);
	struct keyset *set = fetches ? inherited(before, is) : keyset_new();

	if (set == NULL)
		return fetches || weir_fail(error, "out of memory");
	if (!fetches && !issuer_read(is, set, error)) {
		keyset_free(set);
		return false;
	}
	set->number++;
	return weir_cell_publish(is->cell, set) || weir_fail(error, "out of memory");
}

static bool open_issuer(struct issuer *is, const struct weir_setup *own,
			const struct weir_setup *setup, struct weir_error *error)
{
	is->refresh = weir_option_duration(own, "refresh");
	is->timeout = weir_option_duration(own, "timeout");
	is->cell = weir_cell_new(setup, keyset_free);
	if (is->cell == NULL || !read_claims(is, own) || !read_source(is, own))
		return weir_fail(error, "out of memory");
	is->name = is->claims.issuer.data != NULL ? is->claims.issuer : is->url.data != NULL
			? is->url : WEIR_STR("without a name");
	return first_keys(is, weir_setup_previous(setup), error);
}

static bool open_headers(struct jwt *jwt, const struct weir_setup *setup)
{
	uint32_t count = weir_option_count(setup, "headers");

	jwt->headers = calloc((size_t)count + 1, sizeof(*jwt->headers));
	for (; jwt->headers != NULL && jwt->header_count < count; jwt->header_count++)
		jwt->headers[jwt->header_count] = (struct to_header){
			weir_option_key_at(setup, "headers", jwt->header_count),
			weir_option_text_at(setup, "headers", jwt->header_count) };
	return jwt->headers != NULL;
}

static void read_plain(struct jwt *jwt, const struct weir_setup *setup)
{
	jwt->header = weir_option_text(setup, "header");
	jwt->cookie = weir_option_text(setup, "cookie");
	jwt->query = weir_option_text(setup, "query");
	if (jwt->header.data == NULL && jwt->cookie.data == NULL && jwt->query.data == NULL)
		jwt->header = WEIR_STR("authorization");
	jwt->realm = weir_option_text(setup, "realm");
	jwt->identity_given = weir_option_given(setup, "identity");
	jwt->identity = jwt->identity_given ? weir_option_text(setup, "identity") : WEIR_STR("sub");
	jwt->optional = weir_option_boolean(setup, "optional");
	jwt->forward = weir_option_boolean(setup, "forward");
	jwt->longest = (size_t)weir_option_size(setup, "longest");
	jwt->cache_most = (uint32_t)weir_option_integer(setup, "cache");
	jwt->unknown_key = weir_option_duration(setup, "unknown_key");
}

bool jwt_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	uint32_t count = weir_option_count(setup, "issuers");
	struct jwt *jwt = calloc(1, sizeof(*jwt));

	if (jwt == NULL)
		return weir_fail(error, "out of memory");
	(void)pthread_mutex_init(&jwt->lock, NULL);
	read_plain(jwt, setup);
	jwt->verified = weir_counter_open(setup, "verified");
	jwt->remembered = weir_counter_open(setup, "remembered");
	jwt->fetched = weir_counter_open(setup, "keys_read");
	jwt->fetch_failed = weir_counter_open(setup, "keys_failed");
	jwt->issuers = calloc(count, sizeof(*jwt->issuers));
	if (jwt->issuers == NULL || !open_headers(jwt, setup) || !needs_open(&jwt->needs, setup)) {
		jwt_close(jwt);
		return weir_fail(error, "out of memory");
	}
	for (; jwt->issuer_count < count; jwt->issuer_count++)
		if (!open_issuer(&jwt->issuers[jwt->issuer_count],
				 weir_option_object_at(setup, "issuers", jwt->issuer_count), setup,
				 error)) {
			jwt->issuer_count++;
			jwt_close(jwt);
			return false;
		}
	*self = jwt;
	return true;
}

void jwt_close(void *self)
{
	struct jwt *jwt = self;

	for (uint32_t i = 0; i < jwt->issuer_count; i++) {
		struct issuer *is = &jwt->issuers[i];

		for (uint32_t k = 0; k < is->path_count; k++)
			free(is->paths[k]);
		free(is->paths);
		free(is->marks);
		free(is->waiters);
		free(is->texts);
	}
	needs_close(&jwt->needs);
	free(jwt->issuers);
	free(jwt->headers);
	(void)pthread_mutex_destroy(&jwt->lock);
	free(jwt);
}
