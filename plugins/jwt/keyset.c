/* keyset.c - the keys of one issuer. */
#include "plugins/jwt/keyset.h"

#include <stdlib.h>

#include "plugins/jwt/json.h"

struct keyset *keyset_new(void)
{
	return calloc(1, sizeof(struct keyset));
}

void keyset_free(void *arg)
{
	struct keyset *set = arg;

	if (set == NULL)
		return;
	for (uint32_t i = 0; i < set->count; i++)
		key_end(&set->at[i]);
	free(set);
}

bool keyset_add(struct keyset *set, struct key *key, struct weir_error *error)
{
	if (set->count == KEYSET_MOST) {
		key_end(key);
		return weir_fail(error, "there are more than %d keys", KEYSET_MOST);
	}
	set->at[set->count++] = *key;
	*key = (struct key){ 0 };
	return true;
}

bool keyset_add_jwks(struct keyset *set, struct weir_str text, const struct key_rules *rules,
		     struct weir_error *passed, struct weir_error *error)
{
	json_t *json = text.len <= KEYSET_BYTES ? json_object_read(text) : NULL;
	const json_t *keys = json_object_get(json, "keys"), *jwk;
	uint32_t before = set->count;
	bool ok = true;
	size_t i;

	if (!json_is_array(keys) || json_array_size(keys) > KEYSET_MOST) {
		json_decref(json);
		return weir_fail(error, "it is no key set: an object with at most %d `keys` is wanted",
				 KEYSET_MOST);
	}
	json_array_foreach(keys, i, jwk) {
		struct key key;

		passed->text[0] = '\0';
		if (key_from_jwk(&key, jwk, rules, passed))
			ok = ok && keyset_add(set, &key, error);
	}
	json_decref(json);
	if (ok && set->count == before)
		return weir_fail(error, "none of its keys can be used%s%s",
				 passed->text[0] != '\0' ? "; of the last one: " : "", passed->text);
	return ok;
}

bool keyset_same(const struct keyset *a, const struct keyset *b)
{
	if (a == NULL || b == NULL || a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!key_same(&a->at[i], &b->at[i]))
			return false;
	return true;
}

static bool copy_key(struct key *to, const struct key *from)
{
	*to = (struct key){ .algs = from->algs };
	if (from->kid != NULL && (to->kid = strdup(from->kid)) == NULL)
		return false;
	if (from->public != NULL && EVP_PKEY_up_ref(from->public) == 1)
		to->public = from->public;
	if (from->secret != NULL) {
		to->secret = malloc(from->secret_len);
		if (to->secret == NULL)
			return false;
		memcpy(to->secret, from->secret, from->secret_len);
		to->secret_len = from->secret_len;
	}
	return true;
}

struct keyset *keyset_copy(const struct keyset *set)
{
	struct keyset *copy = keyset_new();

	if (copy == NULL)
		return NULL;
	copy->number = set->number;
	for (; copy->count < set->count; copy->count++)
		if (!copy_key(&copy->at[copy->count], &set->at[copy->count])) {
			key_end(&copy->at[copy->count]);
			keyset_free(copy);
			return NULL;
		}
	return copy;
}

const struct key *keyset_next(const struct keyset *set, struct weir_str kid, uint32_t *at)
{
	while (*at < set->count) {
		const struct key *key = &set->at[(*at)++];

		if (kid.data == NULL || key->kid == NULL ||
		    weir_str_eq(kid, weir_str_from(key->kid)))
			return key;
	}
	return NULL;
}
