/* tls_pair.h - a certificate, its chain and its key, as their files say them. */
#ifndef CORE_NET_TLS_PAIR_H
#define CORE_NET_TLS_PAIR_H

#include <weir/error.h>

#include "core/base/str.h"

/* Immutable once loaded, and read by any thread; each worker makes its own keys of it, so that they share
 * nothing. The bytes of the key are wiped at the end. */
struct tls_pair {
	struct weir_str cert, key;	/* PEM, owned */
	struct weir_str staple;		/* an OCSP answer in DER, owned; or absent */
	int64_t staple_until;		/* it is good so long; seconds since 1970; 0: about another */
	char *cert_path;
	int kind;			/* what the key is: OpenSSL's EVP_PKEY_ numbers */
	int64_t not_before, not_after;	/* seconds since 1970 */
	struct weir_str *names;		/* it is good for: small letters, maybe with "*." before; owned */
	uint32_t name_count;
};

/* Reads the files; `staple` may be NULL. Blocks. NULL with a sentence that says which file is wrong and
 * how: unreadable, no certificate, another key's, encrypted. */
struct tls_pair *tls_pair_load(const char *cert, const char *key, const char *staple,
			       struct weir_error *error);
void tls_pair_free(struct tls_pair *p);		/* NULL is fine */

/* Is there one, and still good? */
bool tls_staple_is_fresh(const struct tls_pair *p);

/* Whole days until it expires; negative: so long ago. */
int tls_days_left(int64_t not_after, int64_t now);

#endif
