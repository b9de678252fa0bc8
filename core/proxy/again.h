/* again.h - instead of the answer that a policy did not want, another. */
#ifndef CORE_PROXY_AGAIN_H
#define CORE_PROXY_AGAIN_H

#include "core/proxy/exchange.h"

/* A policy's wish, in a response hook; `service` absent: the same one. After `after` ns. Says why not, when
 * it may not be. Does not wait. */
enum weir_retry_wish exchange_ask_again(struct exchange *ex, struct weir_str service, uint64_t after);
/* When that was wished: lets the answer go and makes attempts, to the head of another. Waits. */
enum reason exchange_again(struct exchange *ex);
/* forward.c: those attempts, at ex->service. */
enum reason forward_again(struct exchange *ex);
/* In finish: lets go of the services that were left. */
void exchange_end_again(struct exchange *ex);

#endif
