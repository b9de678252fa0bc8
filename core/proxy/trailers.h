/* trailers.h - trailers of requests: none has the name of a header that Weir sets or takes away. */
#ifndef CORE_PROXY_TRAILERS_H
#define CORE_PROXY_TRAILERS_H

#include "core/proxy/exchange.h"

/* A policy sets or removes this header of the request: a trailer of that name is not the client's to send. */
void exchange_touch(struct exchange *ex, struct weir_str name);
/* Before they are sent on: takes away those, and those that the route edits. */
void exchange_clean_trailers(struct exchange *ex);

#endif
