/* rules_listen.c - rules of listeners. */
#include "core/conf/rules.h"

#include "core/base/mem.h"
#include "core/conf/shape.h"
#include "core/conf/tables.h"

static void check_status(const struct conf_values *redirect, struct diagnostics *d)
{
	int64_t status = conf_integer(redirect, "status");

	if (redirect != NULL && (status == 304 || status == 305 || status == 306))
		diagnose(d, conf_place(redirect, "status"), "status: %d does not redirect; "
			 "expected 301, 302, 303, 307 or 308", (int)status);
}

/* `listen: {address: ...}` would be a listener of that name. */
static bool name_is_option(const struct conf_entry *listener, struct diagnostics *d)
{
	if (conf_index(conf_listener_options, listener->key.data) < 0)
		return false;
	diagnose(d, listener->key_place, "\"%s\" is no good name for a listener; listeners stand "
		 "under their names, write listen: {NAME: {%s: ...}}", listener->key.data,
		 listener->key.data);
	return true;
}

static bool same_address(struct weir_str a, struct weir_str b)
{
	return a.len > 0 && str_eq(a, b) && !str_ends(a, STR(":0"));
}

static void check_addresses(const struct conf *conf, const struct conf_entry *listeners,
			    uint32_t count, struct diagnostics *d)
{
	const struct conf_values *admin = conf_object(conf->top, "admin");
	struct weir_str taken[] = { conf_text(conf->top, "probe"), conf_text(admin, "address") };
	static const char *const by[] = { "probe", "admin" };

	for (uint32_t i = 0; i < count; i++) {
		const struct conf_values *one = listeners[i].value.object;
		struct weir_str address = conf_text(one, "address");

		for (uint32_t j = 0; j < i; j++)
			if (same_address(address,
					 conf_text(listeners[j].value.object, "address")))
				diagnose(d, conf_place(one, "address"), "%s is the address of the "
					 "listener %s too", shown(address).text,
					 listeners[j].key.data);
		for (size_t j = 0; j < ARRAY_LEN(taken); j++)
			if (same_address(address, taken[j]))
				diagnose(d, conf_place(one, "address"), "%s is the address of "
					 "`%s` too",
					 shown(address).text, by[j]);
	}
}

static void check_tls(const struct conf_values *tls, struct diagnostics *d)
{
	bool asks = tls != NULL && !conf_is(tls, "client_cert", "none");
	static const char *const idle[] = { "client_ca", "client_crl" };
	uint32_t certs;

	if (tls == NULL)
		return;
	(void)conf_items(tls, "certs", &certs);
	if (certs == 0 && conf_given(tls, "certs"))
		diagnose(d, conf_place(tls, "certs"), "certs: is empty; a listener with TLS shows a "
			 "certificate, write certs: [{cert: FILE, key: FILE}]");
	if (asks && conf_text(tls, "client_ca").len == 0 && !option_has_unknown(tls))
		diagnose(d, conf_place(tls, "client_cert"), "client_cert: needs client_ca, the file of "
			 "the authorities that issue the clients' certificates");
	for (size_t i = 0; i < ARRAY_LEN(idle) && !asks; i++)
		if (conf_given(tls, idle[i]) && !option_has_unknown(tls))
			diagnose(d, conf_place(tls, idle[i]), "%s: has no effect while no client is "
				 "asked for a certificate; write client_cert: optional or required",
				 idle[i]);
	if (!asks && conf_boolean(tls, "forward_client_cert"))
		diagnose(d, conf_place(tls, "forward_client_cert"), "forward_client_cert: no client is "
			 "asked for a certificate; write client_cert: optional or required");
}

static void check_listener(const struct conf_entry *listener, struct diagnostics *d)
{
	const struct conf_values *one = listener->value.object;
	const struct conf_values *redirect = conf_object(one, "redirect");
	uint32_t policies;

	check_status(redirect, d);
	check_tls(conf_object(one, "tls"), d);
	(void)conf_slots(one, "policies", &policies);
	if (redirect != NULL && policies > 0)
		diagnose(d, conf_place(one, "policies"), "policies: a listener with `redirect` "
			 "runs none; remove one of the two");
}

void rules_check_listeners(const struct conf *conf, struct diagnostics *d)
{
	const struct conf_value *listen = conf_get(conf->top, "listen");
	uint32_t count;
	const struct conf_entry *listeners = conf_entries(conf->top, "listen", &count);
	bool named = true;

	if (listen == NULL || (listen->given && count == 0 && diagnostics_fine(d))) {
		if (node_get(conf->tree, STR("listen")) == NULL || listen != NULL)
			diagnose(d, conf->top->place, "\"listen\" is missing; write listen: "
				 "0.0.0.0:8080 for example");
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		named = !name_is_option(&listeners[i], d) && named;
	for (uint32_t i = 0; i < count && named; i++)
		check_listener(&listeners[i], d);
	if (named)
		check_addresses(conf, listeners, count, d);
}
