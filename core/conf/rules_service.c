/* rules_service.c - rules of services and of chains. */
#include "core/conf/rules.h"

#include "core/base/mem.h"
#include "core/conf/shape.h"

static bool stands_before(const struct conf_value *endpoints, uint32_t at)
{
	struct weir_str address = conf_text(endpoints[at].object, "address");

	for (uint32_t i = 0; i < at && address.len > 0; i++)
		if (str_eq(address, conf_text(endpoints[i].object, "address")))
			return true;
	return false;
}

static void check_endpoints(const struct conf_value *endpoints, uint32_t count,
			    struct diagnostics *d)
{
	for (uint32_t i = 0; i < count; i++) {
		struct weir_str address = conf_text(endpoints[i].object, "address");
		struct place place = conf_place(endpoints[i].object, "address");

		if (str_ends(address, STR(":0")))
			diagnose(d, place, "address: nobody can be reached at port 0");
		if (count < 1000 && stands_before(endpoints, i))
			diagnose(d, place, "%s stands twice; use weight to give it more",
				 shown(address).text);
	}
}

static void check_tls(const struct conf_values *tls, struct diagnostics *d)
{
	bool cert, key;

	if (tls == NULL)
		return;
	cert = conf_given(tls, "cert");
	key = conf_given(tls, "key");
	if (cert != key && !option_has_unknown(tls))
		diagnose(d, conf_place(tls, cert ? "cert" : "key"), "%s: a certificate goes with its key; "
			 "write both cert and key", cert ? "cert" : "key");
	if (!conf_boolean(tls, "verify") && (conf_given(tls, "ca") || conf_given(tls, "crl")))
		diagnose(d, conf_place(tls, "verify"), "verify: nothing is verified, so ca and crl have "
			 "no effect; remove one of the two");
	else if (!conf_boolean(tls, "verify"))
		diagnose_warning(d, conf_place(tls, "verify"), "verify: whoever stands between can read "
				 "and change everything; better name the authority in ca");
}

static void check_service(const struct conf_entry *service, struct diagnostics *d)
{
	const struct conf_values *one = service->value.object;
	const struct conf_values *health = conf_object(one, "health");
	struct weir_str path = conf_text(health, "path");
	bool fixed = conf_get(one, "endpoints") != NULL;
	bool found = conf_get(one, "discover") != NULL;
	uint32_t count;
	const struct conf_value *endpoints = conf_items(one, "endpoints", &count);

	if (!fixed && !found && !option_has_unknown(one))
		diagnose(d, service->key_place, "service %s has neither endpoints nor discover; "
			 "write endpoints: [\"HOST:PORT\"] for example", service->key.data);
	if (fixed && found)
		diagnose(d, conf_place(one, "discover"), "service %s has both endpoints and "
			 "discover; keep one", service->key.data);
	check_endpoints(endpoints, count, d);
	check_tls(conf_object(one, "tls"), d);
	if (conf_is(one, "protocol", "http2"))
		diagnose(d, conf_place(one, "protocol"), "protocol: HTTP/2 to services is not in "
			 "this version; write auto or http1");
	if (path.len > 0 && path.data[0] != '/')
		diagnose(d, conf_place(health, "path"), "path: \"%s\" is no path; it begins with /",
			 shown(path).text);
}

void rules_check_services(const struct conf *conf, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_entry *services = conf_entries(conf->top, "services", &count);

	for (uint32_t i = 0; i < count; i++)
		check_service(&services[i], d);
}

/* Following `use:` from chain to chain must end. A chain is on the way, done, or not yet seen. */
enum colour { UNSEEN, ON_THE_WAY, DONE };

struct walk {
	const struct conf *conf;
	const struct conf_entry *chains;
	enum colour *colours;
	struct diagnostics *out;
	uint32_t depth;
};

enum { CHAINS_DEEPEST = 32 };

static void walk_chain(struct walk *w, const struct conf_entry *chain);

static bool follow_use(void *context, struct conf_slot *slot)
{
	struct walk *w = context;
	const struct conf_entry *next = slot->kind == SLOT_USE ? conf_chain(w->conf, slot->name)
							       : NULL;

	if (next == NULL)
		return true;
	if (w->colours[next - w->chains] == ON_THE_WAY)
		diagnose(w->out, slot->place, "use: the chain \"%s\" comes back to itself",
			 shown(slot->name).text);
	else if (w->depth == CHAINS_DEEPEST)
		diagnose(w->out, slot->place, "use: chains use each other deeper than %d",
			 CHAINS_DEEPEST);
	else
		walk_chain(w, next);
	return true;
}

static void walk_chain(struct walk *w, const struct conf_entry *chain)
{
	if (w->colours[chain - w->chains] != UNSEEN)
		return;
	w->colours[chain - w->chains] = ON_THE_WAY;
	w->depth++;
	(void)slots_visit(chain->value.slots, chain->value.count, follow_use, w);
	w->depth--;
	w->colours[chain - w->chains] = DONE;
}

bool rules_check_chains(const struct conf *conf, struct diagnostics *d)
{
	struct walk w = { .conf = conf, .out = d };
	uint32_t count;

	w.chains = conf_entries(conf->top, "chains", &count);
	if (count == 0)
		return true;
	w.colours = mem_array(count, sizeof(*w.colours));
	if (w.colours == NULL)
		return false;
	for (uint32_t i = 0; i < count; i++)
		walk_chain(&w, &w.chains[i]);
	mem_free(w.colours);
	return true;
}
