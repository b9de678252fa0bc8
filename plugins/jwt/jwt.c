/* jwt.c - a policy that lets pass who brings a token of an issuer that is trusted. */
#include "plugins/jwt/jwt.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>

#include "plugins/common/query.h"
#include "plugins/common/spoof.h"

/* One worker's. */
struct memory {
	struct cache *cache;
	EVP_MD *sha256;
	EVP_MD_CTX *hashing;
};

/* Finding the token ----------------------------------------------------------- */

/* "Bearer" has no case; other schemes are somebody else's. */
static struct weir_str bearer(struct weir_str value)
{
	size_t skip = 6;

	if (value.len < 7 || strncasecmp(value.data, "bearer", 6) != 0 || value.data[6] != ' ')
		return WEIR_ABSENT;
	while (skip < value.len && value.data[skip] == ' ')
		skip++;
	return (struct weir_str){ value.data + skip, value.len - skip };
}

static enum fault in_header(const struct jwt *jwt, struct weir_exchange *ex, struct weir_str *out)
{
	uint32_t count = weir_request_header_count(ex, jwt->header);
	struct weir_str value, rest;

	*out = WEIR_ABSENT;
	if (count > 1)
		return FAULT_SEVERAL;
	if (count == 0)
		return FAULT_NONE;
	value = weir_request_header_at(ex, jwt->header, 0);
	rest = bearer(value);
	if (rest.data != NULL)
		*out = rest;
	else if (!spoof_same(jwt->header, WEIR_STR("authorization")) && value.len > 0)
		*out = value;
	return FAULT_NONE;
}

/* Two places are one too many: who knows which of them others look at. */
static enum fault find(const struct jwt *jwt, struct weir_exchange *ex, struct weir_str *out)
{
	struct weir_str found[3] = { WEIR_ABSENT, WEIR_ABSENT, WEIR_ABSENT };
	enum fault fault = FAULT_NONE;

	*out = WEIR_ABSENT;
	if (jwt->header.data != NULL)
		fault = in_header(jwt, ex, &found[0]);
	if (jwt->cookie.data != NULL)
		found[1] = weir_request_cookie(ex, jwt->cookie);
	if (jwt->query.data != NULL)
		found[2] = weir_request_query_value(ex, jwt->query);
	for (int i = 0; i < 3 && fault == FAULT_NONE; i++) {
		if (found[i].data == NULL)
			continue;
		if (out->data != NULL)
			fault = FAULT_SEVERAL;
		*out = found[i];
	}
	return fault == FAULT_NONE && out->data == NULL ? FAULT_MISSING : fault;
}

/* Refusing -------------------------------------------------------------------- */

static struct weir_str print(struct weir_exchange *ex, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct weir_str print(struct weir_exchange *ex, const char *format, ...)
{
	char text[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return WEIR_ABSENT;
	return weir_copy(ex, (struct weir_str){ text, (size_t)len < sizeof(text) ? (size_t)len
										    : sizeof(text) - 1 });
}

/* As RFC 6750 wants it: without a token no error, for insufficient ones the scope. */
static struct weir_str challenge(const struct jwt *jwt, struct weir_exchange *ex, enum fault fault,
				 struct weir_str lacks)
{
	const struct fault_row *row = fault_row(fault);

	if (row->error.len == 0)
		return print(ex, "Bearer realm=\"%.*s\"", WEIR_ARG(jwt->realm));
	if (fault == FAULT_SCOPE)
		return print(ex, "Bearer realm=\"%.*s\", error=\"%.*s\", error_description=\"%.*s\", "
			     "scope=\"%.*s\"", WEIR_ARG(jwt->realm), WEIR_ARG(row->error),
			     WEIR_ARG(row->sentence), WEIR_ARG(lacks));
	return print(ex, "Bearer realm=\"%.*s\", error=\"%.*s\", error_description=\"%.*s\"",
		     WEIR_ARG(jwt->realm), WEIR_ARG(row->error), WEIR_ARG(row->sentence));
}

static enum weir_verdict refuse(const struct jwt *jwt, struct weir_exchange *ex, enum fault fault,
				struct weir_str lacks)
{
	const struct fault_row *row = fault_row(fault);
	bool busy = fault == FAULT_NO_KEYS || fault == FAULT_MEMORY;
	struct weir_field field = {
		busy ? WEIR_STR("retry-after") : WEIR_STR("www-authenticate"),
		busy ? WEIR_STR("5") : challenge(jwt, ex, fault, lacks),
	};
	struct weir_refusal refusal = WEIR_REFUSAL(.status = row->status, .reason = row->reason,
		.why = row->sentence, .headers = &field, .header_count = field.value.data != NULL);

	if (lacks.data != NULL)
		refusal.why = print(ex, "%.*s: %.*s", WEIR_ARG(row->sentence), WEIR_ARG(lacks));
	return weir_refuse_with(ex, &refusal);
}

/* Telling --------------------------------------------------------------------- */

static bool tell_claims(struct weir_exchange *ex, const struct learnt *l)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < l->count; i++)
		ok = l->at[i].more ? weir_claim_add(ex, l->at[i].name, l->at[i].value)
				   : weir_claim_set(ex, l->at[i].name, l->at[i].value);
	return ok;
}

static bool tell_headers(const struct jwt *jwt, struct weir_exchange *ex)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < jwt->header_count; i++) {
		struct weir_str value = weir_claim(ex, jwt->headers[i].claim);

		if (value.data != NULL)
			ok = weir_request_header_set(ex, jwt->headers[i].header, value);
	}
	return ok;
}

static bool tell_identity(const struct jwt *jwt, struct weir_exchange *ex, const struct learnt *l)
{
	struct weir_str identity = learnt_at(l, jwt->identity, 0);

	if (identity.data == NULL || (!jwt->identity_given && weir_request_identity(ex).data != NULL))
		return true;
	return weir_identity_set(ex, identity);
}

/* The service need not see it. */
static bool take_away(const struct jwt *jwt, struct weir_exchange *ex)
{
	struct weir_str query = weir_request_query(ex);
	char *rest;

	if (jwt->header.data != NULL)
		weir_request_header_remove(ex, jwt->header);
	if (jwt->query.data == NULL || query.len == 0)
		return true;
	rest = weir_alloc(ex, query.len);
	if (rest == NULL)
		return false;
	return weir_request_set_query(ex, ((struct weir_str){
		rest, query_without(query, jwt->query, rest) }));
}

static enum weir_verdict accept(const struct jwt *jwt, struct weir_exchange *ex,
				const struct learnt *l)
{
	/* What others rely on must be whole: half the claims are worse than none. */
	if (!tell_claims(ex, l) || !tell_headers(jwt, ex) || !tell_identity(jwt, ex, l))
		return refuse(jwt, ex, FAULT_CLAIMS, WEIR_ABSENT);
	if (!jwt->forward && !take_away(jwt, ex))
		return refuse(jwt, ex, FAULT_MEMORY, WEIR_ABSENT);
	return WEIR_NEXT;
}

/* Judging --------------------------------------------------------------------- */

static bool hash_of(const struct memory *m, struct weir_str text, unsigned char out[CACHE_HASH])
{
	return EVP_DigestInit_ex2(m->hashing, m->sha256, NULL) == 1 &&
	       EVP_DigestUpdate(m->hashing, text.data, text.len) == 1 &&
	       EVP_DigestFinal_ex(m->hashing, out, NULL) == 1;
}

/* Good until it expires, or its issuer's keys are others. */
static const struct learnt *remembered(struct jwt *jwt, struct memory *m, struct weir_exchange *ex,
				       const unsigned char hash[CACHE_HASH], int64_t now)
{
	const struct cached *c = cache_find(m->cache, hash, now);
	const struct keyset *set = c != NULL ? weir_cell_read(ex, jwt->issuers[c->issuer].cell) : NULL;

	if (set != NULL && set->number == c->keys)
		return c->learnt;
	if (c != NULL)
		cache_drop(m->cache, hash);
	return NULL;
}

static enum weir_verdict judge(struct jwt *jwt, struct memory *m, struct weir_exchange *ex,
			       struct weir_str text)
{
	int64_t now = (int64_t)(weir_wall() / 1000000000);
	struct weir_str lacks = WEIR_ABSENT;
	unsigned char hash[CACHE_HASH];
	enum weir_verdict verdict;
	const struct learnt *known;
	struct judged judged;
	enum fault fault;

	if (text.len > jwt->longest || !hash_of(m, text, hash))
		return refuse(jwt, ex, text.len > jwt->longest ? FAULT_TOO_LONG : FAULT_MEMORY, lacks);
	known = remembered(jwt, m, ex, hash, now);
	if (known != NULL) {
		weir_counter_add(jwt->remembered, 1);
		return accept(jwt, ex, known);
	}
	fault = jwt_judge(jwt, ex, text, now, &judged);
	if (fault == FAULT_NONE)
		fault = needs_check(&jwt->needs, judged.learnt, &lacks);
	if (fault != FAULT_NONE) {
		free(judged.learnt);
		return refuse(jwt, ex, fault, lacks);
	}
	weir_counter_add(jwt->verified, 1);
	verdict = accept(jwt, ex, judged.learnt);
	cache_put(m->cache, hash, &(struct cached){ .expires = judged.expires, .keys = judged.keys,
		  .issuer = judged.issuer, .learnt = judged.learnt });
	return verdict;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	struct jwt *jwt = here->self;
	struct weir_str text;
	enum fault fault;

	for (uint32_t i = 0; i < jwt->header_count; i++)
		spoof_strip(ex, jwt->headers[i].header);
	fault = find(jwt, ex, &text);
	if (fault == FAULT_MISSING && jwt->optional)
		return WEIR_NEXT;
	if (fault != FAULT_NONE)
		return refuse(jwt, ex, fault, WEIR_ABSENT);
	return judge(jwt, here->worker, ex, text);
}

/* Lives ----------------------------------------------------------------------- */

static void worker_close(void *self, void *worker)
{
	struct memory *m = worker;

	(void)self;
	cache_free(m->cache);
	EVP_MD_CTX_free(m->hashing);
	EVP_MD_free(m->sha256);
	free(m);
}

static bool worker_open(void *self, void **worker, struct weir_error *error)
{
	const struct jwt *jwt = self;
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return weir_fail(error, "out of memory");
	m->cache = cache_new(jwt->cache_most);
	m->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	m->hashing = EVP_MD_CTX_new();
	if (m->cache == NULL || m->sha256 == NULL || m->hashing == NULL) {
		worker_close(self, m);
		return weir_fail(error, "out of memory");
	}
	*worker = m;
	return true;
}

static const struct weir_policy policy = WEIR_POLICY(
	.on_request = on_request, .explain = jwt_explain,
	.traits = WEIR_SETS_CLAIMS | WEIR_AUTHORISES);

WEIR_PLUGIN(jwt,
	.version = "1.0",
	.summary = "lets pass who brings a token of a trusted issuer",
	.options = jwt_options, .check = jwt_check,
	.open = jwt_open, .close = jwt_close,
	.worker_open = worker_open, .worker_close = worker_close,
	.background = jwt_background, .background_first = true,
	.policy = &policy);
