/* digest.h - the door to OpenSSL's digests: SHA-1, SHA-2 and their keyed form. */
#ifndef CORE_BASE_DIGEST_H
#define CORE_BASE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

/* SHA-1 is for what others sign with it; choose none of it for anything new. */
enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_COUNT };

enum { DIGEST_MOST = 64 };	/* bytes of the longest */

/* "sha256"; false: no such one. */
bool digest_parse(struct weir_str word, enum digest *out);
size_t digest_size(enum digest d);

/* Writes digest_size() bytes. Any thread; algorithms are looked up once in the process's life.
 * False: OpenSSL has no memory, or does not offer it (as when a policy of the machine forbids it). */
bool digest_of(enum digest d, struct weir_str data, uint8_t out[DIGEST_MOST]);
bool digest_hmac(enum digest d, struct weir_str key, struct weir_str data,
		 uint8_t out[DIGEST_MOST]);

/* Random bytes fit for keys and tokens. */
bool digest_random(void *out, size_t size);

#endif
