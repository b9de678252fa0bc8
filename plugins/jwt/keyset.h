/* keyset.h - the keys of one issuer: whole and immutable once it is published. */
#ifndef PLUGINS_JWT_KEYSET_H
#define PLUGINS_JWT_KEYSET_H

#include "plugins/jwt/key.h"

enum { KEYSET_MOST = 64, KEYSET_BYTES = 512 * 1024 };

struct keyset {
	uint64_t number;	/* another one for each set that differs from the one before it */
	uint32_t count;
	struct key at[KEYSET_MOST];
};

/* Gives an empty one; NULL when out of memory. */
struct keyset *keyset_new(void);
void keyset_free(void *set);

/* Adds the keys of a JWKS document. Those that cannot be used are passed over, and `passed` says
 * why of the last one. False: it is no key set, has more than KEYSET_MOST keys, or none that can be
 * used. */
bool keyset_add_jwks(struct keyset *set, struct weir_str text, const struct key_rules *rules,
		     struct weir_error *passed, struct weir_error *error);
/* Takes what the key holds. False: there are too many. */
bool keyset_add(struct keyset *set, struct key *key, struct weir_error *error);

bool keyset_same(const struct keyset *a, const struct keyset *b);
/* A copy of its own; NULL when out of memory. */
struct keyset *keyset_copy(const struct keyset *set);

/* Walks over the keys that a token of this kid (absent: it names none) may have been signed with:
 * those of that name, and those without a name. *at begins as 0. NULL after the last. */
const struct key *keyset_next(const struct keyset *set, struct weir_str kid, uint32_t *at);

#endif
