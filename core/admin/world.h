/* world.h - what the admin API asks of the rest of the program: one struct of functions, filled
 * by whoever owns the answers. */
#ifndef CORE_ADMIN_WORLD_H
#define CORE_ADMIN_WORLD_H

#include "core/base/json.h"

/* The question of GET /explain. Slices live until the call returns; absent: not asked. */
struct admin_pair {
	struct weir_str name, value;
};

enum { ADMIN_PAIRS = 32 };

struct admin_question {
	struct weir_str method, url;
	struct weir_str listener, client, identity;
	struct admin_pair headers[ADMIN_PAIRS];
	unsigned header_count;
	struct admin_pair claims[ADMIN_PAIRS];
	unsigned claim_count;
};

/* Every function gets `self` first and may be NULL: its path then answers 501.
 *
 * [readers] run on the threads of libmicrohttpd, the admin's and the probe's, possibly both at
 * once. They read published state, hold the snapshot only while they run, and never wait for
 * workers or the disk. [helper] run on one helper thread of the admin API, one at a time, and may
 * take as long as they must: /healthz and /metrics are answered meanwhile.
 *
 * json_t * that is given belongs to the caller. NULL is an error; the sentence says which. */
struct admin_world {
	void *self;

	/* False adds one short string for each cause to the array. [readers] */
	bool (*alive)(void *self, json_t *causes);	/* workers turn */
	bool (*ready)(void *self, json_t *causes);	/* configured, not draining, ... */

	/* The effective configuration, defaults filled in, secrets masked. [readers] */
	json_t *(*config)(void *self, struct weir_error *error);

	/* Arrays of objects that have at least "name". [readers]
	 * services: [{"name", "balance", "endpoints": [{"address", "state", "why", "since",
	 *            "load", "latency_ms", ...}], ...}] */
	json_t *(*routes)(void *self, struct weir_error *error);
	json_t *(*services)(void *self, struct weir_error *error);
	json_t *(*plugins)(void *self, struct weir_error *error);

	/* Which routes were considered and why, policies, service, endpoints. [readers] */
	json_t *(*explain)(void *self, const struct admin_question *question,
			   struct weir_error *error);

	/* Adds the Prometheus text. [readers] */
	bool (*metrics)(void *self, struct buffer *out);

	/* Gives true when the new configuration is in force everywhere. Adds the diagnostics,
	 * warnings too, to the array: {"file", "line", "column", "severity", "message"}. [helper]
	 */
	bool (*reload)(void *self, json_t *diagnostics, struct weir_error *error);

	/* Begins to drain as SIGTERM does, and returns at once. [helper] */
	bool (*drain)(void *self, struct weir_error *error);
};

#endif
