/* reason.h - how an exchange or an attempt ended: one row of one table. The same word stands in the
 * answer's weir-reason header, the problem document, the access log, the metrics and the spans. */
#ifndef CORE_BASE_REASON_H
#define CORE_BASE_REASON_H

#include "core/base/str.h"

enum reason_side { SIDE_NOBODY, SIDE_CLIENT, SIDE_GATEWAY, SIDE_UPSTREAM };

/* May the request be sent again after an attempt ended so? */
enum reason_retry {
	RETRY_NEVER,
	RETRY_SAFE,	/* nothing of the request reached the upstream: any method */
	RETRY_IDEMP,	/* RFC 9110 9.2.2: an idempotent method, or a `repeatable` route */
};

/* name, word, group (what `retry.when` may say for several), side, status, retry, sentence */
#define REASONS(X) \
	X(NONE, "", "", NOBODY, 0, NEVER, "") \
	/* the client's doing */ \
	X(BAD_REQUEST, "bad-request", "", CLIENT, 400, NEVER, "the request is not valid HTTP") \
	X(BAD_HOST, "bad-host", "", CLIENT, 400, NEVER, \
	  "the request must name exactly one valid host") \
	X(BAD_PATH, "bad-path", "", CLIENT, 400, NEVER, \
	  "the path has an encoding on which two servers could disagree") \
	X(BAD_FRAMING, "bad-framing", "", CLIENT, 400, NEVER, \
	  "the length of the request body is not stated in one clear way") \
	X(BAD_CHUNK, "bad-chunk", "", CLIENT, 400, NEVER, "the request body is badly chunked") \
	X(UNKNOWN_CODING, "unknown-coding", "", CLIENT, 501, NEVER, \
	  "the transfer coding is not supported; only chunked is") \
	X(BAD_VERSION, "bad-version", "", CLIENT, 505, NEVER, \
	  "this HTTP version is not spoken here") \
	X(UNKNOWN_EXPECT, "unknown-expect", "", CLIENT, 417, NEVER, \
	  "the only expectation that can be met is 100-continue") \
	X(TARGET_TOO_LONG, "target-too-long", "", CLIENT, 414, NEVER, \
	  "the request target is longer than the limit") \
	X(HEAD_TOO_LARGE, "head-too-large", "", CLIENT, 431, NEVER, \
	  "the request head is larger than the limit") \
	X(BODY_TOO_LARGE, "body-too-large", "", CLIENT, 413, NEVER, \
	  "the request body is larger than the limit") \
	X(HEAD_SLOW, "head-slow", "", CLIENT, 408, NEVER, \
	  "the request head did not arrive in time") \
	X(BODY_SLOW, "body-slow", "", CLIENT, 408, NEVER, \
	  "the request body did not arrive in time") \
	X(CLIENT_GONE, "client-gone", "", CLIENT, 499, NEVER, \
	  "the client went away before the answer was complete") \
	X(CLIENT_SLOW, "client-slow", "", CLIENT, 499, NEVER, \
	  "the client did not take the answer in time") \
	X(UPGRADE_REFUSED, "upgrade-refused", "", CLIENT, 400, NEVER, \
	  "this upgrade is not allowed on this route") \
	X(MISDIRECTED, "misdirected", "", CLIENT, 421, NEVER, \
	  "this host is not served on this connection") \
	X(HTTP_ON_TLS, "http-on-tls", "", CLIENT, 400, NEVER, \
	  "plain HTTP was sent to a port that speaks TLS") \
	X(TLS_ON_HTTP, "tls-on-http", "", CLIENT, 400, NEVER, \
	  "a TLS handshake was sent to a port that speaks plain HTTP") \
	X(TLS_SLOW, "tls-slow", "", CLIENT, 408, NEVER, \
	  "the TLS handshake did not end in time") \
	X(TLS_GONE, "tls-gone", "", CLIENT, 499, NEVER, \
	  "the client went away during the TLS handshake") \
	X(TLS_NO_COMMON, "tls-no-common", "", CLIENT, 400, NEVER, \
	  "the client and the listener have no TLS version, cipher or protocol in common") \
	X(TLS_REJECTED, "tls-rejected", "", CLIENT, 400, NEVER, \
	  "the client did not accept the listener's certificate") \
	X(TLS_BROKEN, "tls-broken", "", CLIENT, 400, NEVER, "the TLS handshake failed") \
	X(CLIENT_CERT_MISSING, "client-cert-missing", "", CLIENT, 403, NEVER, \
	  "the client showed no certificate where one is required") \
	X(CLIENT_CERT_INVALID, "client-cert-invalid", "", CLIENT, 403, NEVER, \
	  "the client's certificate does not come from an accepted authority") \
	X(CLIENT_CERT_EXPIRED, "client-cert-expired", "", CLIENT, 403, NEVER, \
	  "the client's certificate is past its time, or before it") \
	X(CLIENT_CERT_REVOKED, "client-cert-revoked", "", CLIENT, 403, NEVER, \
	  "the client's certificate was revoked, or no current revocation list says that it was not") \
	X(TOKEN_MISSING, "token-missing", "", CLIENT, 401, NEVER, "the request has no token") \
	X(TOKEN_INVALID, "token-invalid", "", CLIENT, 401, NEVER, \
	  "the request's token is not one that is accepted here") \
	X(TOKEN_EXPIRED, "token-expired", "", CLIENT, 401, NEVER, \
	  "the request's token is no longer valid") \
	X(SCOPE_MISSING, "scope-missing", "", CLIENT, 403, NEVER, \
	  "the token is valid, but does not allow this") \
	X(CREDENTIALS_MISSING, "credentials-missing", "", CLIENT, 401, NEVER, \
	  "the request does not say who sends it") \
	X(CREDENTIALS_INVALID, "credentials-invalid", "", CLIENT, 401, NEVER, \
	  "nobody with these credentials is known") \
	X(DENIED, "denied", "", CLIENT, 403, NEVER, "this client may not do this") \
	/* the gateway's */ \
	X(NO_ROUTE, "no-route", "", GATEWAY, 404, NEVER, "no route matches the request") \
	X(METHOD_NOT_ALLOWED, "method-not-allowed", "", GATEWAY, 405, NEVER, \
	  "a route matches, but not with this method") \
	X(REFUSED, "refused", "", GATEWAY, 403, NEVER, "a policy refused the request") \
	X(RATE_LIMITED, "rate-limited", "", CLIENT, 429, NEVER, \
	  "more requests came than a rate limit lets through") \
	X(CONCURRENCY_LIMITED, "concurrency-limited", "", CLIENT, 429, NEVER, \
	  "more requests were under way at once than a limit lets through") \
	X(FAULT_INJECTED, "fault-injected", "", GATEWAY, 503, NEVER, \
	  "a fault was injected on purpose") \
	X(POLICY_ERROR, "policy-error", "", GATEWAY, 500, NEVER, "a policy failed") \
	X(POLICY_TIMEOUT, "policy-timeout", "", GATEWAY, 500, NEVER, \
	  "a policy computed for longer than it may") \
	X(POLICY_MEMORY, "policy-memory", "", GATEWAY, 500, NEVER, \
	  "a policy wanted more memory than it may have") \
	X(KEYS_UNAVAILABLE, "keys-unavailable", "", GATEWAY, 503, NEVER, \
	  "the keys that tokens are checked with could not be fetched yet") \
	X(AUTH_UNAVAILABLE, "auth-unavailable", "", GATEWAY, 503, NEVER, \
	  "who decides about this request could not be asked") \
	X(NO_ENDPOINT, "no-endpoint", "", GATEWAY, 503, NEVER, \
	  "the service has no endpoint that may be used") \
	X(UNKNOWN_SERVICE, "unknown-service", "", GATEWAY, 503, NEVER, \
	  "no service of this name is configured") \
	X(QUEUE_FULL, "queue-full", "", GATEWAY, 503, NEVER, \
	  "the service is at its limit and its queue is full") \
	X(QUEUE_SLOW, "queue-slow", "", GATEWAY, 503, NEVER, \
	  "the service stayed at its limit while the request waited") \
	X(OVERLOADED, "overloaded", "", GATEWAY, 503, NEVER, "the gateway is at its limit") \
	X(OUT_OF_MEMORY, "out-of-memory", "", GATEWAY, 503, NEVER, \
	  "the gateway has no memory for this request") \
	X(DRAINING, "draining", "", GATEWAY, 503, NEVER, "the gateway is stopping") \
	X(TIMEOUT, "timeout", "timeout", GATEWAY, 504, NEVER, \
	  "the route's time ran out before an answer began") \
	X(ALL_TIMEOUT, "all-timeout", "timeout", GATEWAY, 504, NEVER, \
	  "the route's time for the whole exchange ran out") \
	X(LOOP, "loop", "", GATEWAY, 508, NEVER, "the request has passed this gateway too often") \
	X(INTERNAL, "internal", "", GATEWAY, 500, NEVER, "the gateway made a mistake") \
	/* the upstream's */ \
	X(CONNECT_REFUSED, "connect-refused", "connect", UPSTREAM, 503, SAFE, \
	  "endpoint refused the connection") \
	X(CONNECT_TIMEOUT, "connect-timeout", "connect", UPSTREAM, 504, SAFE, \
	  "endpoint did not accept the connection in time") \
	X(CONNECT_FAILED, "connect-failed", "connect", UPSTREAM, 502, SAFE, \
	  "endpoint could not be reached") \
	X(TLS_FAILED, "tls-failed", "connect", UPSTREAM, 502, SAFE, \
	  "the TLS handshake with the endpoint failed") \
	X(TLS_VERIFY, "tls-verify", "connect", UPSTREAM, 502, SAFE, \
	  "the endpoint's certificate could not be verified") \
	X(TLS_NAME, "tls-name", "connect", UPSTREAM, 502, SAFE, \
	  "the endpoint's certificate is for another name") \
	X(TLS_REFUSED, "tls-refused", "connect", UPSTREAM, 502, SAFE, \
	  "the endpoint did not accept the certificate it was shown, or wants one") \
	X(UPSTREAM_STALE, "upstream-stale", "reset", UPSTREAM, 502, IDEMP, \
	  "a kept connection closed as the request was sent") \
	X(UPSTREAM_RESET, "upstream-reset", "reset", UPSTREAM, 502, IDEMP, \
	  "endpoint closed the connection before it answered") \
	X(UPSTREAM_INVALID, "upstream-invalid", "invalid", UPSTREAM, 502, IDEMP, \
	  "endpoint answered with something that is not valid HTTP") \
	X(UPSTREAM_TOO_LARGE, "upstream-too-large", "invalid", UPSTREAM, 502, NEVER, \
	  "endpoint's response head is larger than the limit") \
	X(HEAD_TIMEOUT, "head-timeout", "timeout", UPSTREAM, 504, IDEMP, \
	  "endpoint did not answer in time") \
	X(TRY_TIMEOUT, "try-timeout", "timeout", UPSTREAM, 504, IDEMP, \
	  "endpoint did not answer within the time of one try") \
	X(UPSTREAM_STALLED, "upstream-stalled", "stall", UPSTREAM, 504, NEVER, \
	  "endpoint stopped in the middle of its answer") \
	X(UPSTREAM_CUT, "upstream-cut", "cut", UPSTREAM, 502, NEVER, \
	  "endpoint's answer ended before its length") \
	X(UPSTREAM_STATUS, "upstream-status", "status", UPSTREAM, 0, IDEMP, \
	  "endpoint answered with a status that is retried")

enum reason {
#define X(name, word, group, side, status, retry, sentence) REASON_##name,
	REASONS(X)
#undef X
	REASON_COUNT
};

struct reason_row {
	struct weir_str word, group, sentence;
	enum reason_side side;
	enum reason_retry retry;
	uint16_t status;	/* of the answer that Weir makes for it */
};

extern const struct reason_row reason_rows[REASON_COUNT];

static inline const struct reason_row *reason_row(enum reason why)
{
	return &reason_rows[why];
}

/* The reason of this word; REASON_COUNT when there is none. */
enum reason reason_of_word(struct weir_str word);
/* True when some row has this group. */
bool reason_group_exists(struct weir_str group);

struct weir_str reason_side_word(enum reason_side side);

#endif
