/* slot.h - the places where a plugin can stand: its name, its options, and the host's own keys. */
#ifndef CORE_CONF_SLOT_H
#define CORE_CONF_SLOT_H

#include "core/conf/option.h"

enum slot_kind {
	SLOT_PLUGIN,	/* name: a plugin, or a Lua policy */
	SLOT_USE,	/* name: a chain, whose policies stand here */
	SLOT_ANY,	/* passes when one of `any` does */
};

enum slot_role { ROLE_POLICY, ROLE_BALANCER, ROLE_DISCOVERY, ROLE_RETRY, ROLE_TRACER };

struct conf_slot {
	enum slot_kind kind;
	enum slot_role role;
	struct weir_str name;		/* of the plugin or the chain */
	struct place place;		/* of that name */
	const struct node *options;	/* as they stand; NULL: a bare name */
	bool go_on;			/* on_error: continue */
	const struct conf_values *when;	/* by conf_match_options; NULL: always */
	struct weir_str as;		/* absent: no name of its own */
	struct conf_slot *any;
	uint32_t any_count;
	/* filled in by conf_check_slot(), once the plugin is loaded */
	const struct weir_option *table;
	const struct conf_values *values;
	void *plugin;			/* the loader's; nothing here looks at it */
};

/* Reads the slot or slots at `node` for `type` (CONF_POLICIES, CONF_BALANCER, ...) into
 * out->slots and out->count. False when something was faulty. */
bool slots_read(struct check *c, int type, const struct node *node, struct conf_value *out);

/* Calls `visit` for every slot of the list and, inside `any`, below it. */
typedef bool slot_visit_fn(void *context, struct conf_slot *slot);
bool slots_visit(struct conf_slot *slots, uint32_t count, slot_visit_fn *visit, void *context);

#endif
