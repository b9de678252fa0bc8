/* assemble_service.c - services of the configuration made into those that requests are sent to. */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/upstream/service.h"
#include "core/weir/assemble_tls.h"

static uint32_t limit_of(const struct conf_values *limits, const char *name)
{
	int64_t n = conf_integer(limits, name);

	return n >= NO_LIMIT || n < 0 ? NO_LIMIT : (uint32_t)n;
}

static struct service_settings settings_of(const struct conf_values *c)
{
	const struct conf_values *limits = conf_object(c, "limits");
	const struct conf_values *times = conf_object(c, "timeouts");
	const struct conf_values *eject = conf_object(c, "eject");
	const struct conf_values *health = conf_object(c, "health");
	struct service_settings s = { 0 };

	s.limits.connections = limit_of(limits, "connections");
	s.limits.requests = limit_of(limits, "requests");
	s.limits.queue = limit_of(limits, "queue");
	s.timeouts.connect = conf_duration(times, "connect");
	s.timeouts.first_byte = conf_duration(times, "first_byte");
	s.timeouts.between_bytes = conf_duration(times, "between_bytes");
	s.timeouts.keepalive = conf_duration(times, "keepalive");
	if (s.timeouts.keepalive == 0)
		s.timeouts.keepalive = NOT_KEPT;
	s.eject.after = limit_of(eject, "after");
	s.eject.span = conf_duration(eject, "for");
	s.eject.at_most = conf_number(eject, "at_most");
	if (s.eject.at_most == 0)
		s.eject.at_most = -1;
	s.slow_start = conf_duration(c, "slow_start");
	if (health != NULL) {
		s.health.on = true;
		s.health.path = conf_text(health, "path");
		s.health.host = conf_text(health, "host");
		s.health.interval = conf_duration(health, "interval");
		s.health.timeout = conf_duration(health, "timeout");
		s.health.unhealthy = limit_of(health, "unhealthy");
		s.health.healthy = limit_of(health, "healthy");
	}
	return s;
}

static bool endpoints_of(struct world *w, const struct conf_values *c, struct service_tier *tier,
			 struct diagnostics *d)
{
	uint32_t count;
	const struct conf_value *items = conf_items(c, "endpoints", &count);
	struct service_endpoint *all = arena_zero(&w->arena, (count + 1) * sizeof(*all));

	if (all == NULL)
		return diagnose_memory(d);
	for (uint32_t i = 0; i < count; i++) {
		const struct conf_values *e = items[i].object;
		int64_t weight = conf_integer(e, "weight");
		struct weir_error error = { "" };

		if (weight == 0)
			continue;	/* out of use, as written */
		if (!address_parse(&all[tier->endpoint_count].address, conf_text(e, "address"), &error))
			return diagnose(d, conf_place(e, "address"), "%s", error.text);
		all[tier->endpoint_count++].weight = (uint32_t)weight;
	}
	tier->endpoints = all;
	return true;
}

/* The static endpoints, or the discovery plugins, each a tier. */
static bool tiers_of(struct world *w, const struct conf_values *c, struct weir_str path,
		     struct service_spec *spec, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_slot *slots = conf_slots(c, "discover", &count);
	struct service_tier *tiers = arena_zero(&w->arena, (count + 1) * sizeof(*tiers));

	if (tiers == NULL)
		return diagnose_memory(d);
	spec->tiers = tiers;
	if (count == 0 || conf_given(c, "endpoints")) {
		if (!endpoints_of(w, c, &tiers[spec->tier_count++], d))
			return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct weir_str at = arena_print(&w->arena, "%.*s, discover %u", STR_ARG(path),
						 i + 1);

		tiers[spec->tier_count++].discover = world_use(w, AS_DISCOVERY, &slots[i], at, d);
	}
	return diagnostics_fine(d);
}

static bool spec_of(struct world *w, const struct conf_entry *entry, struct service_spec *spec,
		    struct diagnostics *d)
{
	const struct conf_values *c = entry->value.object;
	struct weir_str path = arena_print(&w->arena, "service %.*s", STR_ARG(entry->key));
	const struct conf_slot *balance;
	uint32_t count;

	*spec = (struct service_spec){ .name = entry->key, .settings = settings_of(c) };
	if (conf_object(c, "tls") != NULL) {
		spec->settings.tls = assemble_tls_client(w, entry, d);
		if (spec->settings.tls == NULL)
			return false;
	}
	balance = conf_slots(c, "balance", &count);
	if (count > 0)
		spec->balance = world_use(w, AS_BALANCER, balance,
					  arena_print(&w->arena, "%.*s, balance", STR_ARG(path)), d);
	return tiers_of(w, c, path, spec, d) && diagnostics_fine(d);
}

static int by_name(const void *a, const void *b)
{
	struct service *const *one = a, *const *other = b;

	return str_compare((*one)->name, (*other)->name);
}

static bool add_service(struct world *w, const struct conf_entry *entry, struct diagnostics *d)
{
	struct snapshot *s = &w->snapshot;
	struct weir_error error = { "" };
	struct service_spec spec;
	struct service *svc;

	if (!spec_of(w, entry, &spec, d))
		return false;
	if (w->gateway == NULL)
		return true;
	svc = service_new(w->gateway->upstreams, &spec, &error);
	if (svc == NULL)
		return diagnose(d, entry->key_place, "%s", error.text);
	s->services[s->service_count++] = svc;
	return true;
}

static bool open_services(struct world *w, struct diagnostics *d)
{
	struct snapshot *s = &w->snapshot;

	for (; w->opened < s->service_count; w->opened++) {
		struct service *svc = s->services[w->opened];
		struct weir_error error = { "" };

		if (!service_open(svc, &error))
			return diagnose(d, w->conf->top->place, "service %.*s: %s",
					STR_ARG(svc->name), error.text);
	}
	return true;
}

bool assemble_services(struct world *w, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(w->conf->top, "services", &count);
	bool ok = true;

	w->snapshot.services = arena_zero(&w->arena, (count + 1) * sizeof(struct service *));
	if (w->snapshot.services == NULL)
		return diagnose_memory(d);
	for (uint32_t i = 0; i < count; i++)
		ok &= add_service(w, &entries[i], d);
	if (!ok)
		return false;
	qsort(w->snapshot.services, w->snapshot.service_count, sizeof(struct service *), by_name);
	return w->gateway == NULL || open_services(w, d);
}
