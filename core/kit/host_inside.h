/* host_inside.h - the parts that the fake host table is put together from. */
#ifndef CORE_KIT_HOST_INSIDE_H
#define CORE_KIT_HOST_INSIDE_H

#include "core/kit/inside.h"

/* host_parts.c: what frames the message is not a plugin's; then the fault is noted. */
bool fake_header_fine(struct weir_exchange *ex, struct weir_str name, struct weir_str value);

void fake_fill_parts(struct weir_host *host);
void fake_fill_decisions(struct weir_host *host);
void fake_fill_waits(struct weir_host *host);
void fake_fill_calls(struct weir_host *host);
void fake_fill_tickets(struct weir_host *host);
void fake_fill_cells(struct weir_host *host);
void fake_fill_roles(struct weir_host *host);
void fake_fill_stores(struct weir_host *host);
void fake_fill_counters(struct weir_host *host);
void fake_fill_uses(struct weir_host *host);

/* What has a name in the request; nobody is blamed. */
struct weir_str fake_named(const struct weir_exchange *ex, enum weir_named what,
			   struct weir_str name);

#endif
