/* abi.h - descriptors of any age made into those of today: what an old plugin does not know is
 * zero. */
#ifndef CORE_PLUGIN_ABI_H
#define CORE_PLUGIN_ABI_H

#include <weir/plugin.h>

#include "core/base/arena.h"

/* The vtables of a plugin's roles, of full size. */
struct kind_roles {
	struct weir_policy policy;
	struct weir_balancer balancer;
	struct weir_discovery discovery;
	struct weir_retry retry;
	struct weir_tracer tracer;
};

/* Which file it was: a different mark is a different file. */
struct file_mark {
	uint64_t device, inode, size;
	int64_t modified_ns;
};

/* Copies `found`, which may be smaller or larger than ours, into *out; its roles into *roles,
 * which out->policy ... then point to; its option tables, if their rows have another size, into
 * the arena. False with what is wrong: another major, a newer minor, no role, a name or an
 * option that cannot be. */
bool abi_read(const struct weir_plugin *found, struct arena *arena, struct weir_plugin *out,
	      struct kind_roles *roles, struct weir_error *error);

/* A word that may name a plugin: a-z 0-9 _, none of the words that stand beside one. */
bool plugin_name_valid(struct weir_str name);

#endif
