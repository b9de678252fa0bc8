/* window_exchange.h - the exchange's part of the host table. */
#ifndef CORE_PROXY_WINDOW_EXCHANGE_H
#define CORE_PROXY_WINDOW_EXCHANGE_H

#include <weir/host.h>

#include "core/http/header.h"

/* At boot, before the first plugin is loaded. */
void window_fill_exchange(struct weir_host *host);

void window_fill_parts(struct weir_host *host);
void window_fill_waits(struct weir_host *host);

/* What frames a message, or belongs to one hop, is not a plugin's to write. */
bool window_header_is_ours(enum header_id id);

#endif
