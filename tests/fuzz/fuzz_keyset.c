/* fuzz_keyset.c - a document in place of a key set, or of an issuer's description: every key that
 * is taken from it is bound to algorithms of its own kind. */
#include <strings.h>

#include "plugins/jwt/keyset.h"
#include "plugins/jwt/provider.h"
#include "tests/fuzz/fuzz.h"

static void check_key(const struct key *key, const struct key_rules *rules)
{
	must(key->algs != 0);
	must((key->public != NULL) != (key->secret != NULL));
	must(key->public == NULL || (key->algs & ALGS_HMAC) == 0);
	must(key->secret == NULL || (rules->secrets && (key->algs & ~ALGS_HMAC) == 0));
	must(rules->algs == 0 || (key->algs & ~rules->algs) == 0);
}

static void read_set(struct weir_str text, struct key_rules rules)
{
	struct weir_error passed = { "" }, error = { "" };
	struct keyset *set = keyset_new(), *copy;

	if (set == NULL)
		return;
	if (keyset_add_jwks(set, text, &rules, &passed, &error)) {
		must(set->count > 0 && set->count <= KEYSET_MOST);
		for (uint32_t i = 0; i < set->count; i++)
			check_key(&set->at[i], &rules);
		copy = keyset_copy(set);
		must(copy == NULL || keyset_same(set, copy));
		keyset_free(copy);
	} else {
		must(error.text[0] != '\0');
	}
	keyset_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str text = { (const char *)data, size };
	struct weir_error error = { "" };
	char url[PROVIDER_URL];

	if (size > 16384)
		return 0;
	read_set(text, (struct key_rules){ 0 });
	read_set(text, (struct key_rules){ .algs = ALGS_RSA | ALGS_HMAC, .secrets = true });
	must(provider_keys(text, WEIR_STR("https://a/"), url, &error) == (error.text[0] == '\0'));
	if (error.text[0] == '\0')
		must(strncasecmp(url, "https://", 8) == 0);
	return 0;
}
