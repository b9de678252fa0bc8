/* fetch.h - the small HTTP client: one request on one connection of its own. Not for traffic. */
#ifndef CORE_CODEC_FETCH_H
#define CORE_CODEC_FETCH_H

#include <weir/host.h>

#include "core/codec/h1_stream.h"
#include "core/net/address.h"
#include "core/net/tls_client.h"

/* Everything is lent for the call. */
struct fetch {
	const struct address *to;	/* resolved */
	struct weir_str host;		/* Host header */
	struct weir_str method, path;	/* path with query */
	const struct weir_field *headers;
	size_t header_count;
	struct weir_str via;		/* absent: nobody is told */
	struct weir_str body;
	size_t most;			/* bytes of the answer's body */
	struct tls_client *tls;		/* NULL: plain */
	struct weir_str server_name;	/* when the client has none of its own */
};

/* Lies in the arena of the call. */
struct fetch_answer {
	struct response head;
	struct weir_str body;
	struct weir_error words;	/* when it was TLS that failed */
};

/* NONE: there is an answer, whatever its status. Otherwise why not; UPSTREAM_TOO_LARGE: longer than
 * `most`. Within the deadlines of the running fiber; waits. [worker, control] */
enum reason fetch_run(struct worker *w, const struct fetch *f, struct arena *arena,
		      struct fetch_answer *answer);

#endif
