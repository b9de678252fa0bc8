/* resolve.h - names to addresses, asked of the system's resolver on a helper thread. */
#ifndef CORE_PROXY_RESOLVE_H
#define CORE_PROXY_RESOLVE_H

#include <weir/wait.h>

#include "core/net/address.h"

/* The first address of a host; an IP is taken as it is. Waits. False: there is none. */
bool resolve_host(struct weir_str host, uint16_t port, struct address *out);

/* The window's side. */
enum weir_wait resolve_from_window(struct weir_exchange *ex, struct weir_str name, int kind,
				   struct weir_resolved *out);
void resolve_done(struct weir_resolved *resolved);

#endif
