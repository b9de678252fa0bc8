/* tables_trace.c - `trace:`, which exchanges become spans, and where these go. */
#include "core/conf/tables.h"

static const char *const formats[] = { "w3c", "b3", "b3multi", "jaeger", NULL };
static const char *const parents[] = { "follow", "trusted", "ignore", NULL };

const struct weir_option conf_trace_options[] = {
	{ .name = "sample", .type = WEIR_SHARE, .fallback = "100%",
	  .about = "of the traces that begin here; which ones follows from their id, so that all "
		   "who sample by it agree" },
	{ .name = "failures", .type = WEIR_BOOLEAN, .fallback = "true",
	  .about = "exchanges that failed (5xx, or cut by the upstream) are recorded in any case" },
	{ .name = "parent", .type = WEIR_CHOICE, .choices = parents, .fallback = "follow",
	  .about = "whose trace is continued, and whose decision to record it holds: everybody's, "
		   "that of `trusted_proxies` alone, or nobody's" },
	{ .name = "propagate", .type = WEIR_CHOICE, .choices = formats, .list = true,
	  .fallback = "w3c",
	  .about = "the headers in which endpoints are told of the trace; all formats are read" },
	{ .name = "policies", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "a span for each hook of a policy, too: who takes how long, and who refused" },
	{ .name = "export", .type = CONF_TRACERS,
	  .about = "where spans go; without it ids are given and passed on, and nothing is recorded" },
	{ .name = "buffer", .type = WEIR_SIZE, .fallback = "2m", .min = 65536, .max = 1073741824,
	  .about = "of each worker, for spans until they are collected; over it spans are dropped" },
	{ .name = "batch", .type = WEIR_INTEGER, .fallback = "512", .min = 1, .max = 8192,
	  .about = "spans handed on in one go, at most" },
	{ .name = "every", .type = WEIR_DURATION, .fallback = "1s", .min = 0.01, .max = 60,
	  .about = "how often spans are collected; earlier when a buffer is half full" },
	{ .name = "queue", .type = WEIR_INTEGER, .fallback = "8192", .min = 1, .max = 1000000,
	  .about = "spans that wait for each exporter; over it the newest are dropped" },
	{ .name = "patience", .type = WEIR_DURATION, .fallback = "30s", .min = 0.1, .max = 3600,
	  .about = "how long a batch is tried again before it is dropped" },
	{ .name = "flush", .type = WEIR_DURATION, .fallback = "3s", .min = 0, .max = 60,
	  .about = "how long an exporter that ends may take for what it still has" },
	{ 0 }
};
