/* rules.c - what no single option can say. */
#include "core/conf/rules.h"

#include "core/conf/shape.h"

static void say_missing_name(const struct map *known, const struct check_reference *reference,
			     struct diagnostics *d)
{
	const char *what = reference->chain ? "chain" : "service";
	struct nearest near;

	nearest_init(&near, reference->name);
	map_for_each(entry, known)
		nearest_try(&near, entry->key.data);
	diagnose(d, reference->place, "there is no %s \"%s\"%s", what, shown(reference->name).text,
		 near.best != NULL ? nearest_words(&near).text :
		 reference->chain ? "; chains stand under `chains:`" :
				    "; services stand under `services:`");
}

/* It is there, but was not good enough to be kept: that has been said. */
static bool stands_faulty(const struct conf *conf, const struct check_reference *reference)
{
	const struct node *all = node_get(conf->tree, reference->chain ? STR("chains")
								       : STR("services"));

	return node_get(all, reference->name) != NULL;
}

void rules_check_references(struct conf *conf, struct diagnostics *d)
{
	for (struct check_reference *r = conf->check.references; r != NULL; r = r->older) {
		const struct map *known = r->chain ? &conf->chains : &conf->services;

		if (map_get(known, r->name) == NULL && !stands_faulty(conf, r))
			say_missing_name(known, r, d);
	}
	conf->check.references = NULL;
}

static void check_admin(const struct conf *conf, struct diagnostics *d)
{
	const struct conf_values *admin = conf_object(conf->top, "admin");
	struct weir_str address = conf_text(admin, "address");
	struct weir_str probe = conf_text(conf->top, "probe");

	if (address.len > 0 && !address_is_private(address) && conf_text(admin, "token").len == 0)
		diagnose(d, conf_place(admin, "address"), "admin: others can reach %s, so a token "
			 "must be set; write token: ${file:PATH}, or listen on 127.0.0.1 or "
			 "unix:PATH",
			 shown(address).text);
	if (address.len > 0 && str_eq(address, probe) && !str_ends(address, STR(":0")))
		diagnose(d, conf_place(conf->top, "probe"), "%s is the address of `admin` too; the "
			 "probe needs one of its own", shown(probe).text);
}

bool rules_check(struct conf *conf, struct diagnostics *d)
{
	uint32_t errors = d->errors;

	rules_check_references(conf, d);
	check_admin(conf, d);
	rules_check_listeners(conf, d);
	rules_check_services(conf, d);
	if (!rules_check_chains(conf, d) || !rules_check_routes(conf, d))
		return diagnose_memory(d);
	return d->errors == errors;
}
