/* assemble.h - a checked configuration made into the world that requests see: a snapshot. */
#ifndef CORE_WEIR_ASSEMBLE_H
#define CORE_WEIR_ASSEMBLE_H

#include "core/route/table.h"
#include "core/plugin/role.h"
#include "core/plugin/setup.h"
#include "core/weir/gateway.h"

/* Everything a snapshot stands on; freed with it. */
struct world {
	struct snapshot snapshot;
	struct gateway *gateway;		/* NULL: a rehearsal, nothing is opened */
	struct registry *registry;
	struct uses *uses_of_all;
	struct conf *conf;
	struct arena arena;			/* on the heap: what the snapshot points to */
	struct weir_use **uses;
	uint32_t use_count, use_room;
	struct table **tables;
	uint32_t table_count, table_room;
	struct matcher **matchers;
	uint32_t matcher_count, matcher_room;
	struct route_spec *specs;		/* by number; for explain */
	struct chain listener_chain;		/* numbers behind all listeners' policies */
	struct script_set *scripts;		/* Lua policies that the configuration names */
	struct weir_use **tracers;		/* of `trace.export`; among `uses` too */
	uint32_t tracer_count;
	struct tls_thing *tls;			/* of listeners and services; see assemble_tls.h */
	uint32_t tls_count;
	uint32_t opened;			/* services that were opened, in the order of `services` */
};

static inline struct world *world_of(const struct snapshot *s)
{
	return s->world;
}

/* Builds the world; takes `conf` in any case. NULL with diagnostics. May wait. [control, a fiber] */
struct world *assemble(struct gateway *g, struct conf *conf, struct diagnostics *d);

/* The same without opening anything: loads the plugins, checks their options, compiles routes, keys and
 * templates. For `weir check` and `weir explain`. Takes `conf`. [the only thread] */
struct world *assemble_model(struct registry *registry, struct uses *uses, struct conf *conf,
			     struct diagnostics *d);

/* Only loads the plugins, checks their options and reads paths, keys and templates, of a configuration that
 * is faulty elsewhere: so that all findings are shown. NULL is fine. */
void assemble_look(struct registry *registry, struct conf *conf, struct diagnostics *d);

/* When no reader is left, or when it never came into force. May wait. [control, a fiber] */
void world_free(struct world *w);
/* At the end of the process: services and uses are closed by those who keep them. */
void world_drop(struct world *w);

/* Parts, one file each. */
void assemble_look_at_words(struct conf *conf, struct diagnostics *d);	/* once plugins are loaded */
bool assemble_services(struct world *w, struct diagnostics *d);
bool assemble_routes(struct world *w, struct diagnostics *d);
bool assemble_listeners(struct world *w, struct diagnostics *d);	/* before the routes */
bool assemble_tables(struct world *w, struct diagnostics *d);		/* after them */
bool assemble_tracers(struct world *w, struct diagnostics *d);		/* trace_side.c */
bool assemble_chain(struct world *w, struct chain *chain, const struct conf_slot *slots,
		    uint32_t count, struct weir_str path, const struct chain *before,
		    struct diagnostics *d);
bool assemble_retry(struct world *w, struct retry_rules *rules, const struct conf_values *route,
		    struct weir_str path, struct diagnostics *d);

/* May this route be taken by who comes in there? */
bool listener_serves(const struct listener_plan *lp, const struct conf_values *route);

/* Takes a use and keeps it with the world; NULL with a diagnostic. */
struct weir_use *world_use(struct world *w, enum role role, const struct conf_slot *slot,
			   struct weir_str path, struct diagnostics *d);
bool world_keep_table(struct world *w, struct table *t);
bool world_keep_matcher(struct world *w, struct matcher *m);

/* What a route's `match` (or a `when`) says, as the table wants it; in the arena. False: out of memory. */
bool match_spec(struct arena *arena, const struct conf_values *match, struct route_spec *out);

/* CIDR texts that were checked already; in the arena, NULL when it is full. */
struct network_list *networks_of(struct arena *arena, const struct conf_value *items, uint32_t count);

extern const struct setup_compiler assemble_compiler;

#endif
