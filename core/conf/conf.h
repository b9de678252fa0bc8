/* conf.h - a configuration: file(s) in, checked and typed values out. */
#ifndef CORE_CONF_CONF_H
#define CORE_CONF_CONF_H

#include "core/base/map.h"
#include "core/conf/diagnostic.h"
#include "core/conf/option.h"
#include "core/conf/slot.h"
#include "core/conf/source.h"
#include "core/conf/values.h"

/* How a consumer reads it; the names and types are those of tables.h:
 *
 *	struct conf *conf;
 *	uint32_t count;
 *
 *	if (!conf_load("weir.yaml", &conf, &diagnostics))
 *		... diagnostics_print(), conf_free(), stop
 *	const struct conf_entry *services = conf_entries(conf->top, "services", &count);
 *	for (uint32_t i = 0; i < count; i++) {
 *		const struct conf_values *service = services[i].value.object;
 *		uint64_t ns = conf_duration(conf_object(service, "timeouts"), "connect");
 *		...
 *	}
 *	const struct conf_value *routes = conf_items(conf->top, "routes", &count);
 *	... routes[i].object, conf_text(routes[i].object, "to"), conf_place(routes[i].object, "to")
 *	struct conf_slot *policies = conf_slots(routes[i].object, "policies", &count);
 *	... once the plugin is loaded: conf_check_slot(conf, &policies[j], its_options, &d)
 *
 * Objects with defaults (timeouts, retry, eject, limits ...) are always there; others (health,
 * mirror, redirect, admin ...) are NULL unless written. `limits` and `timeouts` of a listener hold
 * what the top of the file says where the listener says nothing, and `defaults:` lies under
 * services and routes already. */
struct conf {
	struct arena arena;		/* all of it lives here and is freed whole */
	const struct conf_values *top;	/* by conf_options */
	const struct node *tree;	/* as read and united, before any default */
	struct sources sources;		/* every file that had a part in it */
	struct map services;		/* name -> struct conf_entry */
	struct map chains;		/* name -> struct conf_entry */
	struct check check;
	const struct conf_values *calls;	/* what rules requests that no client made: a route that says nothing */
};

/* Reads and checks a file and what it includes. True: fine, *out is given. False: the
 * diagnostics say why; *out is given nevertheless when it is worth checking plugins' options
 * too, else NULL. One thread until conf_check_slot() has seen all slots; any thread from then
 * on, read-only. */
bool conf_load(const char *path, struct conf **out, struct diagnostics *d);

/* The same from the files as they were, in what sources_pack() made of conf->sources; the disk is not
 * touched. Variables have their value of now. Copies. */
bool conf_load_kept(const char *path, struct weir_str packed, struct conf **out,
		    struct diagnostics *d);

/* The same from a text that has no files beside it (neither include nor ${file:}). Copies both. */
bool conf_load_text(const char *name, struct weir_str text, struct conf **out,
		    struct diagnostics *d);

void conf_free(struct conf *conf);	/* NULL is fine */

/* Checks the slot's options against the plugin's own table (NULL: it takes none), with
 * plugins.defaults of its name under them, and sets slot->table and slot->values. Services it
 * names must exist. */
bool conf_check_slot(struct conf *conf, struct conf_slot *slot, const struct weir_option *table,
		     struct diagnostics *d);

/* Calls `visit` for every slot there is: of listeners, chains, services and routes, `any:`
 * included. */
bool conf_visit_slots(struct conf *conf, slot_visit_fn *visit, void *context);

/* The service or chain of this name, or NULL. */
const struct conf_entry *conf_service(const struct conf *conf, struct weir_str name);
const struct conf_entry *conf_chain(const struct conf *conf, struct weir_str name);

#endif
