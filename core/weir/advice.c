/* advice.c - the table of advice: a sentence or two for each reason. */
#include "core/weir/advice.h"

#define ADVICE(NAME, TEXT) [REASON_##NAME] = { TEXT, sizeof(TEXT) - 1 }

static const struct weir_str advice[REASON_COUNT] = {
	ADVICE(BAD_REQUEST, "Look at what the client sends; only the client can mend it."),
	ADVICE(BAD_HOST, "The client sent no Host header, several, or one that is no host; HTTP/1.1 "
	       "wants exactly one."),
	ADVICE(BAD_PATH, "The path holds %2f, %5c, %00, a backslash or a control character, or climbs "
	       "above the root. For an application that needs %2f: `encoded_slash: keep` on the "
	       "listener."),
	ADVICE(BAD_FRAMING, "The request has two lengths, or a length beside a transfer coding. An old "
	       "proxy in between, or an attack."),
	ADVICE(BAD_CHUNK, "The client, or a proxy before Weir, writes chunks wrongly."),
	ADVICE(UNKNOWN_CODING, "The client uses a transfer coding such as gzip; a content coding is "
	       "passed on."),
	ADVICE(BAD_VERSION, "The client speaks something other than HTTP/1.0 or 1.1. HTTP/2 is not in "
	       "this version."),
	ADVICE(UNKNOWN_EXPECT, "The client sent an Expect header other than 100-continue."),
	ADVICE(TARGET_TOO_LONG, "If such URLs are meant: raise `limits.target`, and see that the "
	       "endpoint takes them."),
	ADVICE(HEAD_TOO_LARGE, "Often cookies that grew. If they are meant: raise `limits.header_bytes` "
	       "or `limits.headers`."),
	ADVICE(BODY_TOO_LARGE, "If such bodies are meant: raise `limits.body`, at best on the one "
	       "route."),
	ADVICE(HEAD_SLOW, "A client that connects and does not send. Many of them: an attack or a broken "
	       "client; `timeouts.head` is how long they may."),
	ADVICE(BODY_SLOW, "The client stopped sending its body for `timeouts.body`."),
	ADVICE(CLIENT_GONE, "The client gave up or was stopped. Many of them: its own time limit is "
	       "shorter than the answers take; look at `total` in the access log."),
	ADVICE(CLIENT_SLOW, "The client took nothing for `timeouts.body` while there was something to "
	       "take."),
	ADVICE(UPGRADE_REFUSED, "WebSocket and other upgrades are not in this version."),
	ADVICE(MISDIRECTED, "The client asked for one name in its TLS handshake and for another one in the "
	       "request, which has a certificate of its own. A client that opens a connection for "
	       "each name is served."),
	ADVICE(HTTP_ON_TLS, "The client's URL says http:// and the port of a TLS listener: it should "
	       "say https://. A plain listener with `redirect` sends clients to the right place."),
	ADVICE(TLS_ON_HTTP, "The client's URL says https:// and the port of a plain listener: write "
	       "http://, or give the listener `tls`."),
	ADVICE(TLS_SLOW, "A client that connects and does not finish its handshake within "
	       "`timeouts.tls`: an attack, a port scanner, or a bad line."),
	ADVICE(TLS_GONE, "Port scanners and load balancers' checks connect and leave; clients that do "
	       "not trust the certificate may as well."),
	ADVICE(TLS_NO_COMMON, "The client is old, or was told to be strict. `tls.min` and `tls.ciphers` "
	       "say what is accepted; the log says what failed."),
	ADVICE(TLS_REJECTED, "The client does not know the authority of the certificate, or the "
	       "certificate is for another name or has expired. The file should hold the "
	       "whole chain, the server's own certificate first."),
	ADVICE(TLS_BROKEN, "The client sent something that is not TLS, or broke its rules; the log has "
	       "the words."),
	ADVICE(CLIENT_CERT_MISSING, "`client_cert: required` wants a certificate of every client: give "
	       "the client one, or write `optional` and let a policy decide by route."),
	ADVICE(CLIENT_CERT_INVALID, "The certificate was not issued by an authority in `client_ca`; "
	       "intermediate certificates must come from the client or stand in that file."),
	ADVICE(CLIENT_CERT_EXPIRED, "Renew the client's certificate. Many at once: look at this "
	       "machine's clock."),
	ADVICE(CLIENT_CERT_REVOKED, "The list in `client_crl` names the certificate, or is past its time, "
	       "or an authority of the chain has none in the file."),
	ADVICE(TOKEN_MISSING, "The client sent no token where `jwt` looks for it: `authorization: Bearer`, "
	       "unless `header`, `cookie` or `query` say otherwise."),
	ADVICE(TOKEN_INVALID, "The detail says which rule the token breaks; the access log has it too. "
	       "Wrong issuer, audience, algorithm or key; or a forgery."),
	ADVICE(TOKEN_EXPIRED, "The client must get a new token. If all of them are: compare the clocks."),
	ADVICE(SCOPE_MISSING, "The detail names the scope or claim that the token lacks; the issuer grants "
	       "it."),
	ADVICE(CREDENTIALS_MISSING, "The client sent no API key, or no user and password, where the policy "
	       "looks for it."),
	ADVICE(CREDENTIALS_INVALID, "A key that is not in the file, or a wrong password."),
	ADVICE(DENIED, "`weir explain` with the same client and claims shows which rule of `acl` or `ip` "
	       "decided."),
	ADVICE(NO_ROUTE, "Ask `weir explain METHOD URL`: it shows why each route does not match."),
	ADVICE(METHOD_NOT_ALLOWED, "The header Allow says which methods have a route. Add the method to "
	       "`match.method`, or mend the client."),
	ADVICE(RATE_LIMITED, "`retry-after` says when the next request may come, and the headers "
	       "RateLimit and RateLimit-Policy which limit it was. `weir explain` shows the policy "
	       "and its key."),
	ADVICE(CONCURRENCY_LIMITED, "The client, or whatever the key of the policy `concurrency` "
	       "is, has too many requests under way at once; it can try again when one has ended. "
	       "A `queue` lets them wait."),
	ADVICE(FAULT_INJECTED, "The policy `fault` does this for tests; take it out of the chain, or "
	       "its share down to 0%."),
	ADVICE(REFUSED, "The detail in the answer is the policy's own sentence; `weir explain` shows "
	       "which policies run."),
	ADVICE(POLICY_ERROR, "The log names the policy and the request. `on_error: continue` goes on "
	       "without a policy that fails."),
	ADVICE(POLICY_TIMEOUT, "The log names script and line. One hook may compute for `lua.time`; waiting "
	       "is not counted."),
	ADVICE(POLICY_MEMORY, "The log names script and line. One script may have `lua.memory` on each "
	       "worker; `GET /metrics` shows what it has."),
	ADVICE(KEYS_UNAVAILABLE, "Weir cannot reach the token issuer, and never could: `/readyz` and the log "
	       "say why. It goes on trying."),
	ADVICE(AUTH_UNAVAILABLE, "The service that `forward_auth` asks did not answer; it fails closed unless "
	       "`on_error: continue` is set."),
	ADVICE(NO_ENDPOINT, "`GET /services` of the admin API says of each endpoint why it is not used: "
	       "checks fail, it is ejected, or discovery found none."),
	ADVICE(UNKNOWN_SERVICE, "A plugin called a service that the configuration does not have."),
	ADVICE(QUEUE_FULL, "The service is slower than its requests come: more endpoints, or more than "
	       "`services.NAME.limits` allows."),
	ADVICE(QUEUE_SLOW, "As queue-full; the wait is bounded by `services.NAME.timeouts.connect`."),
	ADVICE(OVERLOADED, "`limits.requests` is reached, or the process has no descriptor, port or stack "
	       "left; then the log says which."),
	ADVICE(OUT_OF_MEMORY, "Give the process more memory, or lower `limits` and `fiber_stack`."),
	ADVICE(DRAINING, "No answer has this in this version; while draining, connections end after "
	       "their request."),
	ADVICE(TIMEOUT, "Look which part was slow (`attempts` in the access log). Raise the route's "
	       "`timeout` if it may take so long."),
	ADVICE(ALL_TIMEOUT, "Raise the route's `timeout: {all: ...}`, or write `none` for streams."),
	ADVICE(LOOP, "Two gateways send requests to each other: an endpoint's address leads back here."),
	ADVICE(INTERNAL, "A mistake in Weir. Please report it, with the lines of the log around it."),
	ADVICE(CONNECT_REFUSED, "Nobody listens at the endpoint's address: it is down, or the address or "
	       "port is wrong."),
	ADVICE(CONNECT_TIMEOUT, "Packets are lost or filtered on the way, or the endpoint does not accept "
	       "any more. `timeouts.connect` is the limit."),
	ADVICE(CONNECT_FAILED, "There is no way to the address: routing, a firewall that refuses, or a "
	       "network that is not there."),
	ADVICE(TLS_FAILED, "The endpoint speaks no TLS on this port, or none that `tls` of the service "
	       "allows; the log has the words."),
	ADVICE(TLS_VERIFY, "The endpoint's certificate has expired, or its authority is not in `tls.ca` "
	       "of the service (without it: not among those of this machine)."),
	ADVICE(TLS_NAME, "Write the name that stands in the endpoint's certificate as "
	       "`tls.server_name` of the service."),
	ADVICE(TLS_REFUSED, "The endpoint wants a certificate of its clients: give the service "
	       "`tls.cert` and `tls.key` that its authority has issued."),
	ADVICE(UPSTREAM_STALE, "The endpoint closes idle connections before Weir does: make "
	       "`timeouts.keepalive` of the service shorter than the endpoint's own."),
	ADVICE(UPSTREAM_RESET, "The endpoint crashed, was restarted, or closed without an answer: look "
	       "into its log."),
	ADVICE(UPSTREAM_INVALID, "The endpoint's answer breaks HTTP (two lengths, bad header, no HTTP at "
	       "all). Look whether it is the right port."),
	ADVICE(UPSTREAM_TOO_LARGE, "If such heads are meant: raise `limits.header_bytes` or "
	       "`limits.headers` of the listener."),
	ADVICE(HEAD_TIMEOUT, "The endpoint is slow. Raise `timeouts.first_byte` of the service if it may "
	       "take so long."),
	ADVICE(TRY_TIMEOUT, "As head-timeout, for one try: `retry.per_try` of the route."),
	ADVICE(UPSTREAM_STALLED, "The endpoint sent or took nothing for `timeouts.between_bytes` of the "
	       "service. For event streams write `none`."),
	ADVICE(UPSTREAM_CUT, "The endpoint ended its answer early: it crashed, or its length is wrong. "
	       "The client's connection was cut so that it can tell."),
	ADVICE(UPSTREAM_STATUS, "Only of attempts: the answer had a status that `retry.when` lists. The "
	       "last answer is passed on as it is."),
};

struct weir_str advice_on(enum reason why)
{
	return why < REASON_COUNT ? advice[why] : STR("");
}
