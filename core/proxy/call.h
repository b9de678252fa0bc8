/* call.h - requests that Weir makes itself: for plugins, and copies for a mirror. */
#ifndef CORE_PROXY_CALL_H
#define CORE_PROXY_CALL_H

#include <weir/wait.h>

#include "core/proxy/exchange.h"

/* A request without a client. Everything is lent for the call. */
struct call {
	struct service *service;
	struct weir_str method, path;		/* path with query */
	struct weir_str host;			/* absent: the service's name */
	const struct weir_field *headers;
	size_t header_count;
	struct weir_str body;
	uint64_t timeout;			/* ns, in all */
	size_t most;				/* bytes of the answer's body */
	bool once;				/* not tried again */
	struct weir_str via;			/* by whom what it is made for came, lest a policy that
						 * calls its own route does so for ever; or absent */
	struct trace_context above;		/* trace_below() of whom it is made for */
};

/* What came back. Everything lies in `arena`. */
struct call_answer {
	uint16_t status;
	struct weir_str body;
	struct weir_field *headers;
	size_t header_count;
};

/* Goes through balancing, retries, pools and accounts like any other request. NONE: there is an answer,
 * whatever its status. BODY_TOO_LARGE: its body is longer than `most`. On a fiber of a worker that
 * carries traffic; waits. */
enum reason call_service(struct proxy *px, const struct call *call, struct arena *arena,
			 struct call_answer *answer);

/* The window's side. */
enum weir_wait call_from_window(struct weir_exchange *ex, const struct weir_call_request *request,
				struct weir_call_reply *reply);
void call_reply_done(struct weir_call_reply *reply);

#endif
