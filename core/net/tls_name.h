/* tls_name.h - host names of TLS: what may be one, which certificate covers it, who a peer says it is.
 * Pure. */
#ifndef CORE_NET_TLS_NAME_H
#define CORE_NET_TLS_NAME_H

#include "core/base/str.h"

/* A name that a certificate may be for: letters, digits, - and _ between dots, at most 253 of them,
 * maybe "*." before. */
bool tls_name_valid(struct weir_str name);

/* Is `host` (small letters, without a dot at its end) covered by `name` (small letters)? `*.` stands for
 * exactly one label, and not for the left part of a name that has only two. */
bool tls_name_covers(struct weir_str name, struct weir_str host);

/* Small letters and no dot at the end, into `room` of 254 bytes; absent when it is no host name. */
struct weir_str tls_name_fold(struct weir_str asked, char *room);

/* spiffe://TRUST-DOMAIN/PATH as its specification has it: small letters in the domain, no port, user,
 * query, fragment, encoding or empty segment, at most 2048 bytes. */
bool spiffe_valid(struct weir_str id);

#endif
