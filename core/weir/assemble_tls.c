/* assemble_tls.c - `tls` of listeners and services: files read, contexts tried. */
#include "core/weir/assemble_tls.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/loop.h"

/* Reading ---------------------------------------------------------------------------------- */

/* One or the other, away from the loop. */
struct reading {
	const struct tls_server_spec *server_spec;
	const struct tls_client_spec *client_spec;
	struct tls_server *server;
	struct tls_client *client;
	struct weir_error error;
};

static void read_files(void *arg)
{
	struct reading *r = arg;

	if (r->server_spec != NULL)
		r->server = tls_server_new(r->server_spec, &r->error);
	else
		r->client = tls_client_new(r->client_spec, &r->error);
}

static bool read_away(struct reading *r)
{
	if (fiber_self() == NULL)
		read_files(r);
	else if (!loop_offload(read_files, r))
		return false;
	return r->server != NULL || r->client != NULL;
}

/* Expiry ----------------------------------------------------------------------------------- */

struct looking {
	struct diagnostics *d;
	struct place place;
};

static void look_at_expiry(void *arg, const struct tls_pair *pair)
{
	struct looking *l = arg;
	int days = tls_days_left(pair->not_after, (int64_t)(clock_wall() / NS_PER_S));

	if (days < 0)
		diagnose_warning(l->d, l->place, "%s has expired; clients will refuse it",
				 pair->cert_path);
	else if (days < TLS_WARN_DAYS)
		diagnose_warning(l->d, l->place, "%s expires in %d day%s", pair->cert_path, days,
				 days == 1 ? "" : "s");
}

/* Keeping ---------------------------------------------------------------------------------- */

static bool keep(struct world *w, const struct tls_thing *thing)
{
	struct tls_thing *more = mem_resize(w->tls, w->tls_count + 1u, sizeof(*more));

	if (more == NULL)
		return false;
	w->tls = more;
	w->tls[w->tls_count++] = *thing;
	return true;
}

static void thing_free(struct tls_thing *thing)
{
	tls_server_free(thing->server);
	tls_client_unref(thing->client);
}

static bool make(struct world *w, struct reading *r, struct tls_thing *thing, struct diagnostics *d)
{
	struct looking look = { d, thing->place };

	if (!read_away(r)) {
		if (r->error.text[0] == '\0')
			return diagnose_memory(d);
		return diagnose(d, thing->place, "tls: %s", r->error.text);
	}
	thing->server = r->server;
	thing->client = r->client;
	if (!keep(w, thing)) {
		thing_free(thing);
		return diagnose_memory(d);
	}
	tls_thing_visit(thing, look_at_expiry, &look);
	return true;
}

void tls_things_free(struct world *w)
{
	for (uint32_t i = 0; i < w->tls_count; i++)
		thing_free(&w->tls[i]);
	mem_free(w->tls);
	w->tls = NULL;
	w->tls_count = 0;
}

void tls_thing_visit(const struct tls_thing *thing, void (*see)(void *arg, const struct tls_pair *pair),
		     void *arg)
{
	if (thing->server != NULL)
		tls_server_visit(thing->server, see, arg);
	else
		tls_client_visit(thing->client, see, arg);
}

void tls_thing_files(const struct tls_thing *thing, void (*see)(void *arg, const char *path), void *arg)
{
	if (thing->server != NULL)
		tls_server_files(thing->server, see, arg);
	else
		tls_client_files(thing->client, see, arg);
}

/* Listeners -------------------------------------------------------------------------------- */

static const char *path_of(const struct conf_values *c, const char *name)
{
	struct weir_str path = conf_text(c, name);

	return path.len > 0 ? path.data : NULL;
}

static enum tls_ask ask_of(const struct conf_values *c)
{
	if (conf_is(c, "client_cert", "required"))
		return TLS_ASK_REQUIRED;
	return conf_is(c, "client_cert", "optional") ? TLS_ASK_OPTIONAL : TLS_ASK_NONE;
}

static struct tls_pair_files *pairs_of(struct world *w, const struct conf_values *c, uint32_t *count)
{
	const struct conf_value *items = conf_items(c, "certs", count);
	struct tls_pair_files *files = arena_zero(&w->arena, (*count + 1u) * sizeof(*files));

	for (uint32_t i = 0; files != NULL && i < *count; i++) {
		files[i].cert = path_of(items[i].object, "cert");
		files[i].key = path_of(items[i].object, "key");
		files[i].staple = path_of(items[i].object, "ocsp");
	}
	return files;
}

static uint32_t workers_of(const struct world *w)
{
	return w->gateway != NULL ? w->gateway->count : 1;
}

struct tls_server *assemble_tls_server(struct world *w, const struct conf_entry *listener,
				       struct diagnostics *d)
{
	const struct conf_values *c = conf_object(listener->value.object, "tls");
	struct tls_thing thing = {
		.owner = arena_print(&w->arena, "listener %.*s", STR_ARG(listener->key)),
		.place = conf_place(c, "certs"),
	};
	struct tls_server_spec spec = {
		.name = listener->key,
		.ask = ask_of(c),
		.client_ca = path_of(c, "client_ca"),
		.client_crl = path_of(c, "client_crl"),
		.ciphers = path_of(c, "ciphers"),
		.only_13 = conf_is(c, "min", "1.3"),
		.no_tickets = !conf_boolean(c, "tickets"),
		.places = workers_of(w),
	};
	struct reading r = { .server_spec = &spec };

	spec.pairs = pairs_of(w, c, &spec.pair_count);
	if (spec.pairs == NULL) {
		diagnose_memory(d);
		return NULL;
	}
	return make(w, &r, &thing, d) ? thing.server : NULL;
}

/* Services --------------------------------------------------------------------------------- */

struct tls_client *assemble_tls_client(struct world *w, const struct conf_entry *service,
				       struct diagnostics *d)
{
	const struct conf_values *c = conf_object(service->value.object, "tls");
	struct tls_thing thing = {
		.owner = arena_print(&w->arena, "service %.*s", STR_ARG(service->key)),
		.place = c->place,
	};
	const struct tls_client_spec spec = {
		.ca = path_of(c, "ca"),
		.crl = path_of(c, "crl"),
		.cert = path_of(c, "cert"),
		.key = path_of(c, "key"),
		.server_name = conf_text(c, "server_name"),
		.ciphers = path_of(c, "ciphers"),
		.trusting = !conf_boolean(c, "verify"),
		.only_13 = conf_is(c, "min", "1.3"),
		.places = workers_of(w) + 1,
	};
	struct reading r = { .client_spec = &spec };

	return make(w, &r, &thing, d) ? thing.client : NULL;
}

/* Advice ----------------------------------------------------------------------------------- */

static bool lists(const struct conf_values *route, struct weir_str listener, bool named_only)
{
	uint32_t count;
	const struct conf_value *names = conf_items(route, "listeners", &count);

	if (count == 0)
		return !named_only;
	for (uint32_t i = 0; i < count; i++)
		if (str_eq(names[i].text, listener))
			return true;
	return false;
}

struct openness {
	struct weir_str plain, secure;	/* the first listener of each kind that serves it */
};

static struct openness openness_of(const struct world *w, const struct conf_values *route)
{
	struct openness o = { STR_ABSENT, STR_ABSENT };
	uint32_t count;
	const struct conf_entry *entries = conf_entries(w->conf->top, "listen", &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct conf_values *c = entries[i].value.object;
		bool tls = conf_object(c, "tls") != NULL;
		struct weir_str *kind = tls ? &o.secure : &o.plain;

		if (conf_object(c, "redirect") == NULL && kind->data == NULL &&
		    lists(route, entries[i].key, conf_is(c, "routes", "named")))
			*kind = entries[i].key;
	}
	return o;
}

void assemble_tls_advise(const struct world *w, struct diagnostics *d)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);

	for (uint32_t i = 0; i < count; i++) {
		struct openness o = openness_of(w, routes[i].object);

		if (o.plain.data == NULL || o.secure.data == NULL)
			continue;
		diagnose_warning(d, routes[i].place, "the route is open on the TLS listener %.*s and, "
				 "unprotected, on the plain listener %.*s too; say which with "
				 "`listeners`, or give %.*s a `redirect`", STR_ARG(o.secure),
				 STR_ARG(o.plain), STR_ARG(o.plain));
	}
}
