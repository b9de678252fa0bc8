/* fuzz_token.c - a text in place of a token: what is opened is what was signed, and what is learnt
 * has bounds. */
#include <stdlib.h>

#include "plugins/jwt/claims.h"
#include "plugins/jwt/learnt.h"
#include "plugins/jwt/token.h"
#include "tests/fuzz/fuzz.h"

static void check_learnt(const struct token *t)
{
	struct learnt *l = learnt_from(t->body);

	if (l == NULL)
		return;
	must(l->count <= LEARNT_MOST);
	for (uint32_t i = 0; i < l->count; i++) {
		must(l->at[i].name.data != NULL && l->at[i].value.data != NULL);
		must(learnt_has(l, l->at[i].name, l->at[i].value));
	}
	(void)learnt_grants(l, WEIR_STR("read"));
	free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct weir_str audience = { "orders", 6 };
	const struct claims_rules rules = { .issuer = { "a", 1 }, .audiences = &audience,
					    .audience_count = 1, .leeway = 30, .oldest = 1000 };
	struct weir_str text = { (const char *)data, size };
	enum fault fault;
	struct token t;
	int64_t expires;

	fault = token_open(&t, text, 8192);
	must(fault < FAULT_COUNT);
	if (fault != FAULT_NONE)
		return 0;
	must(t.alg < ALG_COUNT && t.signature.len > 0);
	must(t.signed_part.data == text.data && t.signed_part.len < text.len);
	must(text.data[t.signed_part.len] == '.');
	fault = claims_check(&t, &rules, 1000000, &expires);
	must(fault != FAULT_NONE || expires > 1000000);
	check_learnt(&t);
	token_end(&t);
	return 0;
}
