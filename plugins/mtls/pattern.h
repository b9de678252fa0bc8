/* pattern.h - which names and fingerprints a certificate may have. Pure. */
#ifndef PLUGINS_MTLS_PATTERN_H
#define PLUGINS_MTLS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <weir/str.h>

/* A DNS name, compared without case; `*.` before it stands for exactly one label. */
bool dns_pattern_valid(struct weir_str pattern);
bool dns_matches(struct weir_str pattern, struct weir_str name);

/* spiffe://TRUST-DOMAIN/PATH: the domain is exact, `*` as a whole segment stands for any one, `**` at the
 * end for any that follow, one or more. */
bool spiffe_pattern_valid(struct weir_str pattern);
bool spiffe_matches(struct weir_str pattern, struct weir_str id);

/* SHA-256 as `openssl x509 -fingerprint -sha256` or sha256sum print it: hex digits of either case, colons
 * or not, into 64 small digits. False when it is none. */
enum { FINGERPRINT = 64 };
bool fingerprint_read(struct weir_str text, char out[FINGERPRINT]);

#endif
