/* verify.h - is a signature that of a key? */
#ifndef PLUGINS_JWT_VERIFY_H
#define PLUGINS_JWT_VERIFY_H

#include "plugins/jwt/key.h"

/* True when `signature` is that of `key` over `data`, made with `alg`; false as well when the key
 * is not for `alg`. Any thread. */
bool verify_signature(const struct key *key, enum alg alg, struct weir_str data,
		      struct weir_str signature);

#endif
