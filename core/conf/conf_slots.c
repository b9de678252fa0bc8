/* conf_slots.c - all the slots of a configuration, and their options once the plugins are known. */
#include "core/conf/conf.h"
#include "core/conf/rules.h"
#include "core/conf/shape.h"

/* What plugins.defaults says of this plugin, read by its table. */
static const struct conf_values *plugin_defaults(struct conf *conf, struct weir_str name,
						 const struct weir_option *table)
{
	uint32_t count;
	const struct conf_entry *all = conf_entries(conf_object(conf->top, "plugins"), "defaults",
						    &count);

	for (uint32_t i = 0; i < count; i++)
		if (str_eq(all[i].key, name))
			return check_table(&conf->check, table, all[i].value.node, NULL,
					   all[i].value.place, true);
	return NULL;
}

bool conf_check_slot(struct conf *conf, struct conf_slot *slot, const struct weir_option *table,
		     struct diagnostics *d)
{
	static const struct weir_option nothing[] = { { 0 } };
	uint32_t errors = d->errors;

	table = table != NULL ? table : nothing;
	if (slot->kind != SLOT_PLUGIN || (slot->values != NULL && slot->table == table))
		return true;	/* a default is one slot for all that have it */
	conf->check.out = d;
	slot->table = table;
	slot->values = check_table(&conf->check, slot->table, slot->options,
				   plugin_defaults(conf, slot->name, slot->table), slot->place,
				   false);
	rules_check_references(conf, d);
	if (conf->arena.overflowed)
		(void)diagnose_memory(d);
	conf->check.out = NULL;
	return slot->values != NULL && d->errors == errors;
}

static bool visit_row(const struct conf_values *v, const char *name, slot_visit_fn *visit,
		      void *context)
{
	uint32_t count;
	struct conf_slot *slots = conf_slots(v, name, &count);

	return slots_visit(slots, count, visit, context);
}

bool conf_visit_slots(struct conf *conf, slot_visit_fn *visit, void *context)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(conf->top, "listen", &count);
	const struct conf_value *routes;

	for (uint32_t i = 0; i < count; i++)
		if (!visit_row(entries[i].value.object, "policies", visit, context))
			return false;
	if (!visit_row(conf_object(conf->top, "trace"), "export", visit, context))
		return false;
	entries = conf_entries(conf->top, "chains", &count);
	for (uint32_t i = 0; i < count; i++)
		if (!slots_visit(entries[i].value.slots, entries[i].value.count, visit, context))
			return false;
	entries = conf_entries(conf->top, "services", &count);
	for (uint32_t i = 0; i < count; i++)
		if (!visit_row(entries[i].value.object, "discover", visit, context) ||
		    !visit_row(entries[i].value.object, "balance", visit, context))
			return false;
	routes = conf_items(conf->top, "routes", &count);
	for (uint32_t i = 0; i < count; i++)
		if (!visit_row(routes[i].object, "policies", visit, context) ||
		    !visit_row(conf_object(routes[i].object, "retry"), "decide", visit, context))
			return false;
	return visit_row(conf_object(conf->calls, "retry"), "decide", visit, context);
}
