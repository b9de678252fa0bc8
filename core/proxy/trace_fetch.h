/* trace_fetch.h - a plugin's request to a URL, as part of the trace of the exchange it is made for. */
#ifndef CORE_PROXY_TRACE_FETCH_H
#define CORE_PROXY_TRACE_FETCH_H

#include <weir/wait.h>

#include "core/base/reason.h"
#include "core/base/str.h"

struct exchange;

/* Between begin and end; zeroed: not traced. */
struct fetch_trace {
	struct exchange *ex;
	uint64_t span, start;
};

/* What the other side is told is put behind the request's own headers, in the exchange's arena. `ex`
 * NULL, or no `trace:`: nothing happens. */
struct fetch_trace trace_fetch_begin(struct exchange *ex, struct weir_call_request *request);
void trace_fetch_end(const struct fetch_trace *t, const struct weir_call_request *request,
		     unsigned status, enum reason why);

#endif
