/* judge.c - the whole judgement over one token: taken apart, its issuer, its key, its signature,
 * its claims. */
#include "plugins/jwt/jwt.h"

#include <stdlib.h>

#include "plugins/jwt/token.h"
#include "plugins/jwt/verify.h"

enum { TRIES = 8 };	/* keys that one token may be tried with */

/* The one of this name; or else the one that asks for no name. */
static struct issuer *issuer_of(struct jwt *jwt, struct weir_str name)
{
	struct issuer *any = NULL;

	for (uint32_t i = 0; i < jwt->issuer_count; i++) {
		struct issuer *is = &jwt->issuers[i];

		if (is->claims.issuer.data == NULL)
			any = any != NULL ? any : is;
		else if (name.data != NULL && weir_str_eq(name, is->claims.issuer))
			return is;
	}
	return any;
}

/* NONE: one of the keys has signed it. KEY: none has its name. */
static enum fault check_signature(const struct keyset *set, const struct token *t)
{
	enum fault fault = FAULT_KEY;
	uint32_t at = 0, tries = 0;
	const struct key *key;

	while (tries < TRIES && (key = keyset_next(set, t->kid, &at)) != NULL) {
		if ((key->algs & ALG_BIT(t->alg)) == 0) {
			fault = fault == FAULT_KEY ? FAULT_ALGORITHM : fault;
			continue;
		}
		if (verify_signature(key, t->alg, t->signed_part, t->signature))
			return FAULT_NONE;
		fault = FAULT_SIGNATURE;
		tries++;
	}
	return fault;
}

/* An issuer that has a new key signs with it before we know of it. */
static enum fault look_again(struct jwt *jwt, struct issuer *is, struct weir_exchange *ex,
			     const struct token *t, const struct keyset **set)
{
	const struct keyset *before = *set;

	if (!issuer_ask_again(jwt, is, ex, before))
		return FAULT_NO_KEYS;
	*set = weir_cell_read(ex, is->cell);
	return *set == before ? FAULT_KEY : *set != NULL ? check_signature(*set, t) : FAULT_NO_KEYS;
}

static enum fault check_key(struct jwt *jwt, struct issuer *is, struct weir_exchange *ex,
			    const struct token *t, uint64_t *number)
{
	const struct keyset *set = weir_cell_read(ex, is->cell);
	enum fault fault = set != NULL ? check_signature(set, t) : FAULT_NO_KEYS;

	if (fault == FAULT_KEY && t->kid.data != NULL && issuer_fetches(is))
		fault = look_again(jwt, is, ex, t, &set);
	*number = set != NULL ? set->number : 0;
	return fault;
}

static enum fault check_token(struct jwt *jwt, struct weir_exchange *ex, const struct token *t,
			      int64_t now, struct judged *out)
{
	struct issuer *is = issuer_of(jwt, t->iss);
	enum fault fault;

	if (is == NULL)
		return FAULT_ISSUER;
	fault = check_key(jwt, is, ex, t, &out->keys);
	if (fault == FAULT_NONE)
		fault = claims_check(t, &is->claims, now, &out->expires);
	if (fault != FAULT_NONE)
		return fault;
	out->issuer = (uint32_t)(is - jwt->issuers);
	out->learnt = learnt_from(t->body);
	return out->learnt != NULL ? FAULT_NONE : FAULT_CLAIMS;
}

enum fault jwt_judge(struct jwt *jwt, struct weir_exchange *ex, struct weir_str text, int64_t now,
		     struct judged *out)
{
	struct token t;
	enum fault fault = token_open(&t, text, jwt->longest);

	*out = (struct judged){ 0 };
	if (fault != FAULT_NONE)
		return fault;
	fault = check_token(jwt, ex, &t, now, out);
	token_end(&t);
	return fault;
}
