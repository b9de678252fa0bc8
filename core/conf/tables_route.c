/* tables_route.c - routes: which requests go where, and what happens on the way. */
#include "core/conf/tables.h"

static const struct weir_option path_options[] = {
	{ .name = "is", .type = CONF_ROUTE_PATH, .bare = true,
	  .about = "/exact, /prefix/* (which is also /prefix), or /with/{name} for one segment" },
	{ .name = "regex", .type = WEIR_TEXT, .about = "a regular expression for the whole path" },
	{ 0 }
};

static const struct weir_option value_options[] = {
	{ .name = "is", .type = WEIR_TEXT, .bare = true, .about = "exactly this" },
	{ .name = "present", .type = WEIR_BOOLEAN, .about = "there, or not there" },
	{ .name = "regex", .type = WEIR_TEXT,
	  .about = "a regular expression that the value holds somewhere" },
	{ 0 }
};

const struct weir_option conf_match_options[] = {
	{ .name = "host", .type = CONF_HOST, .list = true,
	  .about = "one of these: exact, or *.example.com for one or more labels before it" },
	{ .name = "path", .type = WEIR_OBJECT, .fields = path_options,
	  .about = "the path, without the query" },
	{ .name = "method", .type = CONF_METHOD, .list = true, .about = "one of these" },
	{ .name = "header", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = value_options,
	  .keys = WEIR_HEADER_NAME, .about = "all of these headers" },
	{ .name = "query", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = value_options,
	  .about = "all of these query parameters" },
	{ .name = "client", .type = WEIR_CIDR, .list = true,
	  .about = "the client's address is in one of these" },
	{ .name = "identity", .type = WEIR_OBJECT, .fields = value_options,
	  .about = "who the client is, by its certificate or by a policy before" },
	{ .name = "claim", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = value_options,
	  .about = "all of these claims, which a policy before has learnt; of a claim with several "
		   "values one is enough" },
	{ 0 }
};

static const struct weir_option rewrite_options[] = {
	{ .name = "path", .type = WEIR_TEMPLATE, .bare = true,
	  .about = "the path sent upstream; the query is kept" },
	{ .name = "host", .type = WEIR_TEMPLATE, .about = "the Host sent upstream" },
	{ 0 }
};

static const struct weir_option headers_options[] = {
	{ .name = "set", .type = WEIR_MAP, .of = WEIR_TEMPLATE, .keys = WEIR_HEADER_NAME,
	  .about = "in place of what is there" },
	{ .name = "add", .type = WEIR_MAP, .of = WEIR_TEMPLATE, .keys = WEIR_HEADER_NAME,
	  .about = "beside what is there" },
	{ .name = "remove", .type = WEIR_HEADER_NAME, .list = true, .about = "taken away first" },
	{ 0 }
};

static const char *const schemes[] = { "http", "https", NULL };

static const struct weir_option redirect_options[] = {
	{ .name = "to", .type = WEIR_TEMPLATE, .bare = true,
	  .about = "the whole new URL, or a path; instead of its parts below" },
	{ .name = "scheme", .type = WEIR_CHOICE, .choices = schemes,
	  .about = "the scheme of the new URL; as it was when absent" },
	{ .name = "host", .type = WEIR_TEMPLATE, .about = "its host; as it was when absent" },
	{ .name = "port", .type = WEIR_INTEGER, .min = 1, .max = 65535,
	  .about = "its port; the scheme's own when absent" },
	{ .name = "path", .type = WEIR_TEMPLATE, .about = "its path; as it was when absent" },
	{ .name = "status", .type = WEIR_INTEGER, .min = 301, .max = 308, .fallback = "307",
	  .about = "301, 302, 303, 307 or 308" },
	{ 0 }
};

static const struct weir_option respond_options[] = {
	{ .name = "status", .type = WEIR_INTEGER, .min = 200, .max = 599, .fallback = "200",
	  .bare = true, .about = "of the answer" },
	{ .name = "headers", .type = WEIR_MAP, .of = WEIR_TEMPLATE, .keys = WEIR_HEADER_NAME,
	  .about = "of the answer" },
	{ .name = "body", .type = WEIR_TEMPLATE, .about = "of the answer" },
	{ .name = "file", .type = WEIR_PATH,
	  .about = "a file whose content is the body, read when the configuration is" },
	{ 0 }
};

static const struct weir_option timeout_options[] = {
	{ .name = "head", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true,
	  .fallback = "30s", .bare = true,
	  .about = "until the head of the answer, retries included" },
	{ .name = "all", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true,
	  .fallback = "none", .about = "until the last byte of the answer" },
	{ 0 }
};

static const struct weir_option retry_options[] = {
	{ .name = "attempts", .type = WEIR_INTEGER, .min = 1, .max = 20, .fallback = "2",
	  .bare = true, .about = "the most, the first included; 1: no retries" },
	{ .name = "per_try", .type = WEIR_DURATION, .min = 0.001, .none_is_allowed = true,
	  .fallback = "15s", .about = "for one attempt, until the head of its answer" },
	{ .name = "when", .type = CONF_WHEN, .list = true,
	  .fallback = "[connect, reset, timeout, 503]",
	  .about = "what is retried: reasons, groups of reasons, statuses" },
	{ .name = "budget", .type = WEIR_SHARE, .fallback = "20%",
	  .about = "retries as a share of the requests to the service" },
	{ .name = "body", .type = WEIR_SIZE, .max = 16777216, .fallback = "64k",
	  .about = "how much of a request body is kept to be sent again; a longer one is not "
		   "retried" },
	{ .name = "decide", .type = CONF_RETRY, .fallback = "standard",
	  .about = "the plugin that decides" },
	{ 0 }
};

static const struct weir_option mirror_options[] = {
	{ .name = "to", .type = WEIR_SERVICE, .required = true, .bare = true,
	  .about = "the service that gets the copies; its answers are thrown away" },
	{ .name = "share", .type = WEIR_SHARE, .fallback = "100%",
	  .about = "how many of the requests are copied" },
	{ .name = "body", .type = WEIR_SIZE, .max = 16777216, .fallback = "64k",
	  .about = "requests with a longer body are not copied" },
	{ .name = "remove", .type = WEIR_HEADER_NAME, .list = true,
	  .about = "headers that copies do not have" },
	{ 0 }
};

/* What is decided before a route is known stands in the listener. */
static const struct weir_option limits_options[] = {
	{ .name = "header_bytes", .type = WEIR_SIZE, .min = 1024, .max = 262144,
	  .about = "the whole head of a request; beyond it 431" },
	{ .name = "headers", .type = WEIR_INTEGER, .min = 8, .max = 1000,
	  .about = "headers of a request; beyond it 431" },
	{ .name = "body", .type = WEIR_SIZE, .none_is_allowed = true,
	  .about = "the body of a request; beyond it 413" },
	{ 0 }
};

#define SHARED_ROWS \
	{ .name = "policies", .type = CONF_POLICIES, \
	  .about = "run in this order after those of the listener, on the way back reversed" }, \
	{ .name = "rewrite", .type = WEIR_OBJECT, .fields = rewrite_options, \
	  .about = "what is sent upstream instead" }, \
	{ .name = "request_headers", .type = WEIR_OBJECT, .fields = headers_options, \
	  .about = "changes to the headers sent upstream" }, \
	{ .name = "response_headers", .type = WEIR_OBJECT, .fields = headers_options, \
	  .about = "changes to the headers sent to the client" }, \
	{ .name = "timeout", .type = WEIR_OBJECT, .fields = timeout_options, .fallback = "{}", \
	  .about = "how long the answer may take" }, \
	{ .name = "retry", .type = WEIR_OBJECT, .fields = retry_options, .fallback = "{}", \
	  .about = "when and how often a failed attempt is followed by another; only what is " \
		   "safe to repeat is" }, \
	{ .name = "repeatable", .type = WEIR_BOOLEAN, .fallback = "false", \
	  .about = "true: requests may be repeated whatever their method" }, \
	{ .name = "mirror", .type = WEIR_OBJECT, .fields = mirror_options, \
	  .about = "sends copies of requests to another service" }, \
	{ .name = "limits", .type = WEIR_OBJECT, .fields = limits_options, \
	  .about = "instead of the limits of the listener, key by key" }, \
	{ .name = "upgrade", .type = CONF_LATER, .about = "upgrading to WebSocket" }

const struct weir_option conf_route_options[] = {
	{ .name = "name", .type = CONF_NAME, .about = "in logs and metrics" },
	{ .name = "listeners", .type = CONF_NAME, .list = true,
	  .about = "which listeners serve it; absent: all that are not `routes: named`" },
	{ .name = "match", .type = WEIR_OBJECT, .fields = conf_match_options,
	  .about = "which requests; absent: all" },
	{ .name = "to", .type = WEIR_SERVICE, .about = "the service that answers" },
	{ .name = "split", .type = WEIR_MAP, .of = WEIR_INTEGER, .keys = WEIR_SERVICE,
	  .max = 1000000, .about = "several services and their weights, instead of `to`" },
	{ .name = "split_by", .type = WEIR_KEY,
	  .about = "what decides the side of a split; absent: dice" },
	{ .name = "redirect", .type = WEIR_OBJECT, .fields = redirect_options,
	  .about = "sends the client elsewhere, instead of `to`" },
	{ .name = "respond", .type = WEIR_OBJECT, .fields = respond_options,
	  .about = "answers at once, instead of `to`" },
	SHARED_ROWS,
	{ 0 }
};

const struct weir_option conf_route_defaults[] = { SHARED_ROWS, { 0 } };
