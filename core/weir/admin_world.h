/* admin_world.h - what the admin API is told about the gateway, and what it may ask of it. */
#ifndef CORE_WEIR_ADMIN_WORLD_H
#define CORE_WEIR_ADMIN_WORLD_H

#include "core/admin/world.h"

struct gateway;

void admin_world_fill(struct admin_world *world, struct gateway *g);

#endif
