/* window_exchange.h - the exchange's part of the host table. */
#ifndef CORE_PROXY_WINDOW_EXCHANGE_H
#define CORE_PROXY_WINDOW_EXCHANGE_H

#include <weir/host.h>

/* At boot, before the first plugin is loaded. */
void window_fill_exchange(struct weir_host *host);

void window_fill_parts(struct weir_host *host);
void window_fill_waits(struct weir_host *host);

#endif
