/* tables_service.c - services: where requests can go, and how they are treated there. */
#include "core/conf/tables.h"

static const struct weir_option endpoint_options[] = {
	{ .name = "address", .type = WEIR_ADDRESS, .required = true, .bare = true,
	  .about = "IP:PORT, [IPv6]:PORT, HOST:PORT or unix:PATH" },
	{ .name = "weight", .type = WEIR_INTEGER, .min = 0, .max = 1000, .fallback = "1",
	  .about = "its share of the requests; 0: none" },
	{ 0 }
};

static const struct weir_option timeouts_options[] = {
	{ .name = "connect", .type = WEIR_DURATION, .min = 0.001, .max = 3600, .fallback = "1s",
	  .about = "until the connection stands" },
	{ .name = "first_byte", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true,
	  .fallback = "15s", .about = "from the request's last byte to the answer's first" },
	{ .name = "between_bytes", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true,
	  .fallback = "30s", .about = "between two bytes of the answer" },
	{ .name = "keepalive", .type = WEIR_DURATION, .none_is_allowed = true, .fallback = "55s",
	  .about = "how long an unused connection is kept" },
	{ 0 }
};

static const struct weir_option health_options[] = {
	{ .name = "path", .type = WEIR_TEXT, .bare = true,
	  .about = "what is asked for with GET, 2xx and 3xx are healthy; absent: connecting is "
		   "enough" },
	{ .name = "host", .type = WEIR_TEXT, .about = "the Host of that request; the endpoint's "
						      "address when absent" },
	{ .name = "interval", .type = WEIR_DURATION, .min = 0.01, .max = 86400, .fallback = "5s",
	  .about = "from one check to the next" },
	{ .name = "timeout", .type = WEIR_DURATION, .min = 0.001, .max = 3600, .fallback = "1s",
	  .about = "for one check" },
	{ .name = "unhealthy", .type = WEIR_INTEGER, .min = 1, .max = 1000, .fallback = "3",
	  .about = "failures in a row that make an endpoint unhealthy" },
	{ .name = "healthy", .type = WEIR_INTEGER, .min = 1, .max = 1000, .fallback = "2",
	  .about = "successes in a row that make it healthy again" },
	{ 0 }
};

static const struct weir_option eject_options[] = {
	{ .name = "after", .type = WEIR_INTEGER, .min = 1, .max = 100000, .fallback = "5",
	  .none_is_allowed = true, .bare = true,
	  .about = "failed attempts in a row after which an endpoint is left out; none: never" },
	{ .name = "for", .type = WEIR_DURATION, .min = 0.001, .max = 86400, .fallback = "30s",
	  .about = "how long, the first time; longer each time it happens again" },
	{ .name = "at_most", .type = WEIR_SHARE, .fallback = "50%",
	  .about = "the share of the endpoints that may be left out at once" },
	{ 0 }
};

static const struct weir_option limits_options[] = {
	{ .name = "connections", .type = WEIR_INTEGER, .min = 1, .max = 10000000,
	  .none_is_allowed = true, .fallback = "none",
	  .about = "connections to all its endpoints at once" },
	{ .name = "requests", .type = WEIR_INTEGER, .min = 1, .max = 10000000,
	  .none_is_allowed = true, .fallback = "none",
	  .about = "requests of the service at work at once" },
	{ .name = "queue", .type = WEIR_INTEGER, .max = 10000000, .fallback = "256",
	  .about = "requests that may wait for one of the limits above; beyond it 503" },
	{ 0 }
};

static const char *const protocols[] = { "auto", "http1", "http2", NULL };

static const char *const versions[] = { "1.2", "1.3", NULL };

static const struct weir_option tls_options[] = {
	{ .name = "ca", .type = WEIR_PATH,
	  .about = "the authorities that issue the endpoints' certificates, PEM; those of this machine "
		   "when absent. All files here are read again when they change" },
	{ .name = "crl", .type = WEIR_PATH,
	  .about = "their revocation lists, PEM: one of every authority in the chain" },
	{ .name = "cert", .type = WEIR_PATH,
	  .about = "the certificate that is shown to endpoints, and its chain, PEM" },
	{ .name = "key", .type = WEIR_PATH, .about = "its private key, PEM, without a passphrase" },
	{ .name = "server_name", .type = WEIR_TEXT,
	  .about = "the name that is asked for and must stand in the endpoint's certificate; the "
		   "endpoint's own host name or address when absent" },
	{ .name = "verify", .type = WEIR_BOOLEAN, .fallback = "true",
	  .about = "false: whatever certificate the endpoint shows is taken, and anybody may stand in "
		   "between" },
	{ .name = "min", .type = WEIR_CHOICE, .choices = versions, .fallback = "1.2",
	  .about = "the oldest version of TLS" },
	{ .name = "ciphers", .type = WEIR_TEXT,
	  .about = "of TLS 1.2, as OpenSSL writes them; good ones with forward secrecy when absent" },
	{ 0 }
};

#define SHARED_ROWS \
	{ .name = "balance", .type = CONF_BALANCER, .fallback = "least_request", \
	  .about = "how an endpoint is picked" }, \
	{ .name = "protocol", .type = WEIR_CHOICE, .choices = protocols, .fallback = "auto", \
	  .about = "what is spoken to the endpoints; auto: HTTP/1.1 on plain connections" }, \
	{ .name = "timeouts", .type = WEIR_OBJECT, .fields = timeouts_options, .fallback = "{}", \
	  .about = "how long endpoints may take" }, \
	{ .name = "health", .type = WEIR_OBJECT, .fields = health_options, \
	  .about = "asks each endpoint now and then how it is; off when absent" }, \
	{ .name = "eject", .type = WEIR_OBJECT, .fields = eject_options, .fallback = "{}", \
	  .about = "leaves out endpoints that fail" }, \
	{ .name = "limits", .type = WEIR_OBJECT, .fields = limits_options, .fallback = "{}", \
	  .about = "how much is asked of the service at once" }, \
	{ .name = "slow_start", .type = WEIR_DURATION, .max = 86400, .fallback = "0s", \
	  .about = "how long a new or recovered endpoint takes to reach its full share" }, \
	{ .name = "tls", .type = WEIR_OBJECT, .fields = tls_options, \
	  .about = "speaks TLS to the endpoints; plain when absent" }

const struct weir_option conf_service_options[] = {
	{ .name = "endpoints", .type = WEIR_OBJECT, .list = true, .fields = endpoint_options,
	  .about = "its addresses, when they are known beforehand" },
	{ .name = "discover", .type = CONF_DISCOVERIES,
	  .about = "who knows its addresses; a list is tiers: the next one is used when none of "
		   "the one before is healthy" },
	SHARED_ROWS,
	{ 0 }
};

const struct weir_option conf_service_defaults[] = { SHARED_ROWS, { 0 } };
