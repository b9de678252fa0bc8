/* tables_listen.c - listeners, and what clients may ask for. */
#include "core/conf/tables.h"

#define CLIENT_LIMITS \
	{ .name = "connections", .type = WEIR_INTEGER, .min = 1, .max = 10000000, \
	  .none_is_allowed = true, .fallback = "20000", \
	  .about = "client connections at once; beyond it new ones wait to be accepted" }, \
	{ .name = "header_bytes", .type = WEIR_SIZE, .min = 1024, .max = 262144, \
	  .fallback = "32k", .about = "the whole head of a request; beyond it 431" }, \
	{ .name = "headers", .type = WEIR_INTEGER, .min = 8, .max = 1000, .fallback = "100", \
	  .about = "headers of a request; beyond it 431" }, \
	{ .name = "target", .type = WEIR_SIZE, .min = 256, .max = 1048576, .fallback = "8k", \
	  .about = "the request target; beyond it 414" }, \
	{ .name = "body", .type = WEIR_SIZE, .none_is_allowed = true, .fallback = "64m", \
	  .about = "the body of a request; beyond it 413" }

const struct weir_option conf_limits_options[] = {
	CLIENT_LIMITS,
	{ .name = "requests", .type = WEIR_INTEGER, .min = 1, .max = 10000000,
	  .none_is_allowed = true, .fallback = "10000",
	  .about = "requests at work at once; beyond it the answer is 503 overloaded" },
	{ 0 }
};

static const struct weir_option listener_limits[] = { CLIENT_LIMITS, { 0 } };

#define CLIENT_TIMEOUTS \
	{ .name = "tls", .type = WEIR_DURATION, .min = 0.001, .max = 3600, .fallback = "5s", \
	  .about = "the TLS handshake, from the connection on" }, \
	{ .name = "head", .type = WEIR_DURATION, .min = 0.001, .max = 3600, .fallback = "10s", \
	  .about = "the head of a request, in all" }, \
	{ .name = "body", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true, \
	  .fallback = "10s", \
	  .about = "without a byte of the body, or without the client taking one" }, \
	{ .name = "idle", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true, \
	  .fallback = "60s", .about = "without a byte between two requests" }

const struct weir_option conf_timeouts_options[] = {
	CLIENT_TIMEOUTS,
	{ .name = "drain", .type = WEIR_DURATION, .fallback = "30s",
	  .about = "how long requests may go on once Weir is stopping" },
	{ .name = "stop_delay", .type = WEIR_DURATION, .fallback = "0s",
	  .about = "how long accepting goes on after SIGTERM, while /readyz fails already" },
	{ 0 }
};

static const struct weir_option listener_timeouts[] = { CLIENT_TIMEOUTS, { 0 } };

static const char *const schemes[] = { "http", "https", NULL };

static const struct weir_option redirect_options[] = {
	{ .name = "scheme", .type = WEIR_CHOICE, .choices = schemes, .bare = true,
	  .fallback = "https", .about = "the scheme of the new URL" },
	{ .name = "status", .type = WEIR_INTEGER, .min = 301, .max = 308, .fallback = "307",
	  .about = "301, 302, 303, 307 or 308" },
	{ .name = "port", .type = WEIR_INTEGER, .min = 1, .max = 65535,
	  .about = "the port of the new URL; the scheme's own when absent" },
	{ 0 }
};

static const char *const route_choices[] = { "all", "named", NULL };
static const char *const on_off[] = { "on", "off", NULL };
static const char *const keep_refuse[] = { "refuse", "keep", NULL };

static const struct weir_option cert_options[] = {
	{ .name = "cert", .type = WEIR_PATH, .required = true,
	  .about = "the certificate and its chain, PEM, the server's own first" },
	{ .name = "key", .type = WEIR_PATH, .required = true,
	  .about = "its private key, PEM, without a passphrase" },
	{ .name = "ocsp", .type = WEIR_PATH,
	  .about = "an OCSP answer, DER, that is shown with the certificate while it is good" },
	{ 0 }
};

static const char *const asks[] = { "none", "optional", "required", NULL };
static const char *const versions[] = { "1.2", "1.3", NULL };

static const struct weir_option tls_options[] = {
	{ .name = "certs", .type = WEIR_OBJECT, .list = true, .fields = cert_options, .required = true,
	  .about = "certificates: chosen by the name that the client asks for and by the keys it "
		   "can use; the first is for unknown names. Read again when they change" },
	{ .name = "client_cert", .type = WEIR_CHOICE, .choices = asks, .fallback = "none",
	  .about = "whether clients show a certificate; one that cannot be verified ends the "
		   "handshake in any case" },
	{ .name = "client_ca", .type = WEIR_PATH,
	  .about = "the authorities that issue the clients' certificates, PEM" },
	{ .name = "client_crl", .type = WEIR_PATH,
	  .about = "their revocation lists, PEM: one of every authority in the chain" },
	{ .name = "forward_client_cert", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "tells services who the client is in x-forwarded-client-cert, which is always "
		   "removed from what clients send" },
	{ .name = "min", .type = WEIR_CHOICE, .choices = versions, .fallback = "1.2",
	  .about = "the oldest version of TLS" },
	{ .name = "ciphers", .type = WEIR_TEXT,
	  .about = "of TLS 1.2, as OpenSSL writes them; good ones with forward secrecy when absent" },
	{ .name = "tickets", .type = WEIR_BOOLEAN, .fallback = "true",
	  .about = "clients may resume a session; the keys change every hour and are never written "
		   "down" },
	{ 0 }
};

const struct weir_option conf_listener_options[] = {
	{ .name = "address", .type = WEIR_ADDRESS, .required = true, .bare = true,
	  .about = "where it listens: IP:PORT, [IPv6]:PORT or unix:PATH" },
	{ .name = "routes", .type = WEIR_CHOICE, .choices = route_choices, .fallback = "all",
	  .about = "named: it serves only the routes that list it" },
	{ .name = "redirect", .type = WEIR_OBJECT, .fields = redirect_options,
	  .about = "answers every request with a redirect and serves no routes" },
	{ .name = "policies", .type = CONF_POLICIES,
	  .about = "run for every request before a route is chosen, and around 404 as well" },
	{ .name = "trusted_proxies", .type = WEIR_CIDR, .list = true,
	  .about = "who may tell us the client's address in x-forwarded-for" },
	{ .name = "reasons", .type = WEIR_CHOICE, .choices = on_off, .fallback = "on",
	  .about = "off: answers made by Weir do not say their reason" },
	{ .name = "encoded_slash", .type = WEIR_CHOICE, .choices = keep_refuse,
	  .fallback = "refuse", .about = "what becomes of %2f in a path" },
	{ .name = "limits", .type = WEIR_OBJECT, .fields = listener_limits,
	  .fallback = "{}", .about = "instead of the limits at the top, key by key" },
	{ .name = "timeouts", .type = WEIR_OBJECT, .fields = listener_timeouts,
	  .fallback = "{}", .about = "instead of the timeouts at the top, key by key" },
	{ .name = "tls", .type = WEIR_OBJECT, .fields = tls_options,
	  .about = "speaks TLS; plain when absent" },
	{ .name = "proxy_protocol", .type = CONF_LATER, .about = "the PROXY protocol" },
	{ 0 }
};
