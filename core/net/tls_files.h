/* tls_files.h - PEM files into OpenSSL's objects. For the TLS files of this floor. */
#ifndef CORE_NET_TLS_FILES_H
#define CORE_NET_TLS_FILES_H

#include <openssl/ssl.h>

#include "core/net/tls_pair.h"

/* All of a file, owned by the caller. False with a sentence. Blocks. */
bool tls_file_read(const char *path, struct weir_str *out, struct weir_error *error);
/* Wipes and frees. */
void tls_bytes_free(struct weir_str *bytes);

/* Certificate, chain, key and staple into a context; the calling thread's own copies. */
bool tls_pair_use(const struct tls_pair *p, SSL_CTX *ctx, struct weir_error *error);

/* The authorities of a file (NULL: this machine's), with the revocation lists of another (may be NULL).
 * Blocks. NULL with a sentence. */
X509_STORE *tls_store_load(const char *authorities, const char *revoked, struct weir_error *error);
/* Their names, for the client to choose a certificate by. */
STACK_OF(X509_NAME) *tls_store_names(const char *authorities);

/* What every context has, of both sides. False: out of memory, or a cipher that is none. */
struct tls_rules {
	int min, max;			/* TLS1_2_VERSION, TLS1_3_VERSION */
	const char *ciphers;		/* of TLS 1.2; NULL: as below */
};
bool tls_context_rules(SSL_CTX *ctx, const struct tls_rules *rules, struct weir_error *error);

/* Once per process: a handshake of the context with itself. Blocks. False with a sentence. */
bool tls_trial(SSL_CTX *ctx, struct weir_error *error);

#endif
