/* fault.h - what is wrong with a token: a row of one table, with the words for client, log and
 * metric. */
#ifndef PLUGINS_JWT_FAULT_H
#define PLUGINS_JWT_FAULT_H

#include <stdint.h>
#include <weir/str.h>

/* name, reason, status (0: the reason's own), error of RFC 6750 ("": none), sentence */
#define FAULTS(X) \
	X(NONE, "", 0, "", "") \
	X(MISSING, "token-missing", 0, "", "the request has no token") \
	X(SEVERAL, "token-invalid", 400, "invalid_request", "the request has more than one token") \
	X(TOO_LONG, "token-invalid", 0, "invalid_token", "the token is too long") \
	X(FORM, "token-invalid", 0, "invalid_token", "the token is not a signed JWT") \
	X(ALGORITHM, "token-invalid", 0, "invalid_token", \
	  "the token's algorithm is not one that its key is for") \
	X(CRITICAL, "token-invalid", 0, "invalid_token", \
	  "the token demands an extension that is not understood here") \
	X(TYPE, "token-invalid", 0, "invalid_token", "the token is not of an accepted type") \
	X(ISSUER, "token-invalid", 0, "invalid_token", "the token is not of an accepted issuer") \
	X(KEY, "token-invalid", 0, "invalid_token", "no key of the issuer is the token's") \
	X(SIGNATURE, "token-invalid", 0, "invalid_token", "the token's signature is wrong") \
	X(CLAIMS, "token-invalid", 0, "invalid_token", "the token's claims are not as they must be") \
	X(NO_EXPIRY, "token-invalid", 0, "invalid_token", "the token does not say when it expires") \
	X(AUDIENCE, "token-invalid", 0, "invalid_token", "the token is not meant for this service") \
	X(NOT_YET, "token-invalid", 0, "invalid_token", "the token is not valid yet") \
	X(TOO_OLD, "token-expired", 0, "invalid_token", "the token was issued too long ago") \
	X(EXPIRED, "token-expired", 0, "invalid_token", "the token has expired") \
	X(SCOPE, "scope-missing", 0, "insufficient_scope", "the token lacks a scope that is needed") \
	X(CLAIM, "scope-missing", 0, "insufficient_scope", "the token lacks a claim that is needed") \
	X(NO_KEYS, "keys-unavailable", 0, "", "the issuer's keys could not be fetched yet") \
	X(MEMORY, "out-of-memory", 0, "", "there is no memory to check the token")

enum fault {
#define X(name, reason, status, error, sentence) FAULT_##name,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

struct fault_row {
	struct weir_str reason, error, sentence;
	uint16_t status;
};

const struct fault_row *fault_row(enum fault f);

#endif
