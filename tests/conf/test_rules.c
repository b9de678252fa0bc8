/* test_rules.c - what no single option can say. */
#include "tests/conf/loading.h"

#define LISTEN "listen: 0.0.0.0:8080\n"

static void a_listener_is_needed(void **state)
{
	(void)state;
	assert_says("workers: 1\n",
		    "w.yaml:1:1: \"listen\" is missing; write listen: 0.0.0.0:8080 for example\n");
	assert_says("listen: {}\n",
		    "w.yaml:1:1: \"listen\" is missing; write listen: 0.0.0.0:8080 for example\n");
}

static void services_that_are_named_must_exist(void **state)
{
	(void)state;
	assert_says(LISTEN "services: {tariff: {endpoints: ['h:1']}}\n"
		    "routes:\n  - to: tarif\n  - split: {tariff: 1, beta: 2}\n"
		    "  - {to: tariff, mirror: audit}\n",
		    "w.yaml:4:9: there is no service \"tarif\"; did you mean \"tariff\"?\n"
		    "w.yaml:5:24: there is no service \"beta\"; services stand under `services:`\n"
		    "w.yaml:6:26: there is no service \"audit\"; services stand under "
		    "`services:`\n");
}

static void a_service_that_is_faulty_is_not_missing(void **state)
{
	(void)state;
	assert_says(LISTEN "services: {a: {endpoints: [h]}}\nroutes: [{to: a}]\n",
		    "w.yaml:2:28: address: \"h\" has no port; write h:80 for example\n");
}

static void chains_that_are_used_must_exist_and_end(void **state)
{
	(void)state;
	assert_says("chains: {one: [{use: two}], two: [{any: [{use: one}, p]}]}\n"
		    ROUTE("policies: [{use: on}]"),
		    "w.yaml:1:48: use: the chain \"one\" comes back to itself\n"
		    "w.yaml:4:35: there is no chain \"on\"; did you mean \"one\"?\n");
}

static void a_route_goes_to_exactly_one_place(void **state)
{
	(void)state;
	assert_says(LISTEN "routes:\n  - name: x\n",
		    "w.yaml:3:5: this route goes nowhere; write to: SERVICE, or one of split, "
		    "redirect and respond\n");
	assert_says(ROUTE("respond: 204"),
		    "w.yaml:3:27: a route has one of to, split, redirect and respond; this one "
		    "has to and respond\n");
}

static void names_of_routes_are_their_own(void **state)
{
	(void)state;
	assert_says(LISTEN "routes: [{name: x, respond: 200}, {name: x, respond: 200}]\n",
		    "w.yaml:2:42: name: the route at w.yaml:2:17 is named \"x\" too\n");
}

static void listeners_that_are_named_must_exist_and_serve(void **state)
{
	(void)state;
	assert_says("listen: {edge: '0.0.0.0:80', old: {address: '0.0.0.0:81', redirect: https}}\n"
		    "routes: [{respond: 200, listeners: [egde, old]}]\n",
		    "w.yaml:2:37: there is no listener \"egde\"; did you mean \"edge\"?\n"
		    "w.yaml:2:43: listeners: old redirects and serves no routes\n");
	assert_says("listen: {m: {address: '0.0.0.0:80', routes: named}}\nroutes: [{respond: "
		    "200}]\n",
		    "w.yaml:1:10: warning: the listener m serves only routes that list it, and "
		    "none does\n");
}

static void a_listener_without_a_name_is_noticed(void **state)
{
	(void)state;
	assert_says("listen: {address: '0.0.0.0:80'}\n",
		    "w.yaml:1:10: \"address\" is no good name for a listener; listeners stand "
		    "under their names, write listen: {NAME: {address: ...}}\n");
}

static void an_address_is_listened_on_once(void **state)
{
	(void)state;
	assert_says("listen: {a: '0.0.0.0:80', b: '0.0.0.0:80', c: '127.0.0.1:1', d: 'h:0', e: "
		    "'h:0'}\n"
		    "admin: 127.0.0.1:1\n",
		    "w.yaml:1:30: 0.0.0.0:80 is the address of the listener a too\n"
		    "w.yaml:1:47: 127.0.0.1:1 is the address of `admin` too\n");
}

static void a_redirecting_listener_runs_no_policies(void **state)
{
	(void)state;
	assert_says("listen: {a: {address: '0.0.0.0:80', redirect: {status: 304}, policies: "
		    "[p]}}\n",
		    "w.yaml:1:56: status: 304 does not redirect; expected 301, 302, 303, 307 or "
		    "308\n"
		    "w.yaml:1:72: policies: a listener with `redirect` runs none; remove one of "
		    "the two\n");
}

static void an_open_admin_needs_a_token(void **state)
{
	(void)state;
	assert_says(LISTEN "admin: 0.0.0.0:9901\n",
		    "w.yaml:2:8: admin: others can reach 0.0.0.0:9901, so a token must be set; "
		    "write token: ${file:PATH}, or listen on 127.0.0.1 or unix:PATH\n");
	assert_fine(LISTEN "admin: {address: '0.0.0.0:9901', token: x}\n");
	assert_fine(LISTEN "admin: 127.0.0.1:9901\n");
	assert_fine(LISTEN "admin: unix:/run/weir\n");
	assert_says(LISTEN "admin: 127.0.0.1:9901\nprobe: 127.0.0.1:9901\n",
		    "w.yaml:3:8: 127.0.0.1:9901 is the address of `admin` too; the probe needs one "
		    "of its own\n");
}

static void a_service_has_endpoints_or_a_discovery(void **state)
{
	(void)state;
	assert_says(LISTEN "services:\n  a: {}\n  b: {endpoints: ['h:1'], discover: dns}\n",
		    "w.yaml:3:3: service a has neither endpoints nor discover; write endpoints: "
		    "[\"HOST:PORT\"] for example\n"
		    "w.yaml:4:37: service b has both endpoints and discover; keep one\n");
	assert_says(LISTEN "services: {a: {endpoints: ['h:1', 'h:0', 'h:1'], health: ok, "
			   "protocol: http2}}\n",
		    "w.yaml:2:35: address: nobody can be reached at port 0\n"
		    "w.yaml:2:42: h:1 stands twice; use weight to give it more\n"
		    "w.yaml:2:58: path: \"ok\" is no path; it begins with /\n"
		    "w.yaml:2:72: protocol: HTTP/2 to services is not in this version; write auto "
		    "or http1\n");
}

static void a_split_sends_something_somewhere(void **state)
{
	(void)state;
	assert_says(FRAME "routes: [{split: {a: 0}}]\n",
		    "w.yaml:3:18: split: nothing is left to send anywhere; one weight must be "
		    "above 0\n");
	assert_says(ROUTE("split_by: host"), "w.yaml:3:28: split_by: there is no split here\n");
	assert_fine(FRAME "routes: [{split: {a: 1}, split_by: [host, client.ip]}]\n");
}

static void redirects_go_somewhere_else(void **state)
{
	(void)state;
	assert_says(LISTEN "routes:\n"
		    "  - redirect: {status: 301}\n"
		    "  - redirect: {to: /x, path: /y}\n"
		    "  - redirect: {path: /y, status: 305}\n",
		    "w.yaml:3:15: redirect: this goes back to the same URL; write to, scheme, "
		    "host, port or path\n"
		    "w.yaml:4:20: redirect: write either `to` or its parts scheme, host, port and "
		    "path\n"
		    "w.yaml:5:34: status: 305 does not redirect; expected 301, 302, 303, 307 or "
		    "308\n");
	assert_says(LISTEN "routes: [{respond: {body: x, file: y}}]\n",
		    "w.yaml:2:36: respond: has both body and file; keep one\n");
}

static void a_predicate_asks_one_thing(void **state)
{
	(void)state;
	assert_says(ROUTE("match: {path: {is: /a, regex: /b}, header: {x: {}}, "
			  "query: {q: {is: a, present: true}}}"),
		    "w.yaml:3:32: path: expected either a path or {regex: \"...\"}\n"
		    "w.yaml:3:65: x: expected one of is, present and regex\n"
		    "w.yaml:3:81: q: expected one of is, present and regex\n");
	assert_says(ROUTE("policies: [{p: {}, when: {path: {}}}]"),
		    "w.yaml:3:50: path: expected either a path or {regex: \"...\"}\n");
	assert_says("listen: {l: {address: 'h:1', policies: [{p: {}, when: {path: {}}}]}}\n",
		    "w.yaml:1:62: path: expected either a path or {regex: \"...\"}\n");
}

static void times_that_contradict_are_warned_of(void **state)
{
	(void)state;
	assert_says(ROUTE("timeout: {head: 3s, all: 2s}, retry: {per_try: 5s}"),
		    "w.yaml:3:43: warning: all: this ends before the time for the head does\n"
		    "w.yaml:3:65: warning: per_try: one try may take longer than the route's "
		    "timeout, so a slow one is never followed by another\n");
}

static void rules_wait_until_every_file_could_be_read(void **state)
{
	(void)state;
	assert_says("include: nowhere\nroutes: [{to: elsewhere}]\n",
		    "w.yaml:1:10: include: there are no files here\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_is_needed),
		cmocka_unit_test(services_that_are_named_must_exist),
		cmocka_unit_test(a_service_that_is_faulty_is_not_missing),
		cmocka_unit_test(chains_that_are_used_must_exist_and_end),
		cmocka_unit_test(a_route_goes_to_exactly_one_place),
		cmocka_unit_test(names_of_routes_are_their_own),
		cmocka_unit_test(listeners_that_are_named_must_exist_and_serve),
		cmocka_unit_test(a_listener_without_a_name_is_noticed),
		cmocka_unit_test(an_address_is_listened_on_once),
		cmocka_unit_test(a_redirecting_listener_runs_no_policies),
		cmocka_unit_test(an_open_admin_needs_a_token),
		cmocka_unit_test(a_service_has_endpoints_or_a_discovery),
		cmocka_unit_test(a_split_sends_something_somewhere),
		cmocka_unit_test(redirects_go_somewhere_else),
		cmocka_unit_test(a_predicate_asks_one_thing),
		cmocka_unit_test(times_that_contradict_are_warned_of),
		cmocka_unit_test(rules_wait_until_every_file_could_be_read),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
