/* test_conf.c - a whole configuration, from text to typed values. */
#include "core/base/clock.h"
#include "tests/conf/loading.h"

static void ten_lines_are_enough(void **state)
{
	struct loaded l = load(ROUTE(""));
	const struct conf_entry *listeners;
	uint32_t count;

	(void)state;
	assert_true(l.fine);

	listeners = conf_entries(l.conf->top, "listen", &count);
	assert_int_equal(count, 1);
	assert_str(listeners[0].key, "default");
	assert_str(conf_text(listeners[0].value.object, "address"), "0.0.0.0:8080");
	assert_str(conf_text(first_route(&l), "to"), "a");

	unload(&l);
}

static void resilience_is_on_by_default(void **state)
{
	struct loaded l = load(ROUTE(""));
	const struct conf_values *route = first_route(&l), *a = service(&l, "a");
	uint32_t count;

	(void)state;
	assert_int_equal(conf_integer(conf_object(route, "retry"), "attempts"), 2);
	assert_true(conf_number(conf_object(route, "retry"), "budget") == 0.2);
	assert_str(conf_slots(conf_object(route, "retry"), "decide", &count)->name, "standard");
	assert_true(conf_duration(conf_object(route, "timeout"), "head") == 30 * NS_PER_S);
	assert_true(conf_get(conf_object(route, "timeout"), "all")->none);
	assert_true(conf_duration(conf_object(a, "timeouts"), "connect") == NS_PER_S);
	assert_int_equal(conf_integer(conf_object(a, "eject"), "after"), 5);
	assert_str(conf_slots(a, "balance", &count)->name, "least_request");

	unload(&l);
}

static void what_is_off_by_default_is_absent(void **state)
{
	struct loaded l = load(ROUTE(""));

	(void)state;
	assert_null(conf_object(l.conf->top, "admin"));
	assert_null(conf_object(l.conf->top, "access_log"));
	assert_null(conf_object(service(&l, "a"), "health"));
	assert_null(conf_object(first_route(&l), "mirror"));
	assert_null(conf_object(first_route(&l), "match"));
	unload(&l);
}

static void a_listener_has_the_limits_of_the_top_unless_it_says_otherwise(void **state)
{
	struct loaded l = load("limits: {body: 1m, headers: 50}\n"
			       "timeouts: {idle: 5s, drain: 1s}\n"
			       "listen:\n  a: 0.0.0.0:1\n"
			       "  b: {address: '0.0.0.0:2', limits: {body: none}, timeouts: "
			       "{head: 1s}}\n");
	const struct conf_values *a = listener(&l, 0), *b = listener(&l, 1);

	(void)state;
	assert_string_equal(l.said.data, "");
	assert_int_equal(conf_size(conf_object(a, "limits"), "body"), 1 << 20);
	assert_int_equal(conf_integer(conf_object(a, "limits"), "headers"), 50);
	assert_int_equal(conf_integer(conf_object(a, "limits"), "connections"), 20000);
	assert_true(conf_duration(conf_object(a, "timeouts"), "idle") == 5 * NS_PER_S);
	assert_true(conf_size(conf_object(b, "limits"), "body") == UINT64_MAX);
	assert_int_equal(conf_integer(conf_object(b, "limits"), "headers"), 50);
	assert_true(conf_duration(conf_object(b, "timeouts"), "head") == NS_PER_S);
	assert_true(conf_duration(conf_object(b, "timeouts"), "idle") == 5 * NS_PER_S);
	assert_true(conf_duration(conf_object(l.conf->top, "timeouts"), "drain") == NS_PER_S);
	unload(&l);
}

static void a_fault_at_the_top_is_told_once(void **state)
{
	(void)state;
	assert_says("limits: {body: 1}\nlisten: {a: 'h:1', b: 'h:2'}\n",
		    "w.yaml:1:16: body: \"1\" has no unit; write 1k for example\n");
	assert_says("defaults: {route: {timeout: 5}, service: {balans: x}}\n"
		    FRAME "routes: [{to: a}, {to: a, name: x}]\n",
		    "w.yaml:1:29: timeout: \"5\" has no unit; write 5s for example\n"
		    "w.yaml:1:43: unknown key \"balans\"; did you mean \"balance\"?\n");
}

static void defaults_lie_under_every_route_and_service(void **state)
{
	struct loaded l = load("defaults:\n"
			       "  route: {timeout: {head: 10s, all: 20s}, retry: {attempts: 3}}\n"
			       "  service: {eject: {after: 9}, balance: random}\n"
			       FRAME
			       "routes:\n  - {to: a, timeout: 1s}\n  - {to: a, retry: {per_try: "
			       "2s}}\n");
	const struct conf_value *routes;
	const struct conf_values *one, *two, *eject;
	uint32_t count;

	(void)state;
	assert_string_equal(l.said.data, "");
	routes = conf_items(l.conf->top, "routes", &count);
	one = routes[0].object;
	two = routes[1].object;
	assert_true(conf_duration(conf_object(one, "timeout"), "head") == NS_PER_S);
	assert_true(conf_duration(conf_object(one, "timeout"), "all") == 20 * NS_PER_S);
	assert_int_equal(conf_integer(conf_object(one, "retry"), "attempts"), 3);
	assert_true(conf_duration(conf_object(one, "retry"), "per_try") == 15 * NS_PER_S);
	assert_true(conf_duration(conf_object(two, "timeout"), "head") == 10 * NS_PER_S);
	assert_int_equal(conf_integer(conf_object(two, "retry"), "attempts"), 3);
	assert_true(conf_duration(conf_object(two, "retry"), "per_try") == 2 * NS_PER_S);
	eject = conf_object(service(&l, "a"), "eject");
	assert_int_equal(conf_integer(eject, "after"), 9);
	assert_true(conf_duration(eject, "for") == 30 * NS_PER_S);
	assert_str(conf_slots(service(&l, "a"), "balance", &count)->name, "random");
	unload(&l);
}

static void what_makes_a_route_itself_is_no_default(void **state)
{
	(void)state;
	assert_says("defaults: {route: {to: a, name: x}}\n" FRAME,
		    "w.yaml:1:20: unknown key \"to\"; did you mean mirror.to?\n"
		    "w.yaml:1:27: unknown key \"name\"; expected one of policies, rewrite, "
		    "request_headers, response_headers, timeout, retry, repeatable, mirror, "
		    "limits\n");
}

static void what_comes_later_is_never_silently_ignored(void **state)
{
	static const struct { const char *text, *lines; } later[] = {
		{ "listen: {a: {address: 'h:1', proxy_protocol: true}}\n",
		  "w.yaml:1:30: proxy_protocol: the PROXY protocol is not in this version; remove "
		  "it\n" },
		{ "listen: h:1\nregistry: {}\nsidecar: {}\n",
		  "w.yaml:2:1: registry: the embedded registry is not in this version; remove it\n"
		  "w.yaml:3:1: sidecar: the sidecar is not in this version; remove it\n" },
		{ ROUTE("upgrade: [websocket]"),
		  "w.yaml:3:18: upgrade: upgrading to WebSocket is not in this version; remove "
		  "it\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		assert_says(later[i].text, later[i].lines);
}

static void a_wrong_shape_of_the_whole_is_told(void **state)
{
	(void)state;
	assert_says("- a\n", "w.yaml:1:1: expected a map with keys such as listen, services and "
			     "routes, got a list\n");
	assert_says("just words\n", "w.yaml:1:1: expected a map with keys such as listen, "
				    "services and routes, got text\n");
	assert_says("lisen: 0.0.0.0:1\nlisten: h:1\n",
		    "w.yaml:1:1: unknown key \"lisen\"; did you mean \"listen\"?\n");
	assert_says("listen: [a]\n", "w.yaml:1:9: listen: expected a map, got a list\n");
	assert_says("listen:\n", "w.yaml:1:8: listen: has no value; expected a map\n");
}

static void services_and_chains_are_found_by_name(void **state)
{
	struct loaded l = load("chains: {c: [p]}\n" FRAME);

	(void)state;
	assert_non_null(conf_service(l.conf, STR("a")));
	assert_null(conf_service(l.conf, STR("b")));
	assert_str(conf_chain(l.conf, STR("c"))->value.slots[0].name, "p");
	unload(&l);
}

static void faulty_options_do_not_keep_plugins_from_being_checked(void **state)
{
	struct loaded l = load(ROUTE("timeout: 5, policies: [p]"));

	(void)state;
	assert_false(l.fine);
	assert_non_null(l.conf);
	unload(&l);
}

/* Enough for the largest gateways; a reader that were quadratic would not end within minutes. */
static void ten_thousand_routes_load(void **state)
{
	struct buffer text;
	struct loaded l;
	uint32_t count;

	(void)state;
	buffer_init(&text, 1 << 24);
	assert_true(buffer_print(&text, "listen: 0.0.0.0:8080\nservices:\n"));
	for (int i = 0; i < 1000; i++)
		assert_true(buffer_print(&text, "  s%d: {endpoints: ['10.0.0.1:%d']}\n", i, 1 + i));
	assert_true(buffer_print(&text, "routes:\n"));
	for (int i = 0; i < 10000; i++)
		assert_true(buffer_print(&text, "  - {name: r%d, match: {host: h%d.example, path: "
					 "'/a/*'}, to: s%d, timeout: 3s}\n", i, i, i % 1000));
	assert_true(buffer_add(&text, STR("\0")));
	l = load(text.data);
	assert_string_equal(l.said.data, "");
	(void)conf_items(l.conf->top, "routes", &count);
	assert_int_equal(count, 10000);
	assert_true(l.conf->arena.taken < 64u << 20);
	unload(&l);
	buffer_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_lines_are_enough),
		cmocka_unit_test(resilience_is_on_by_default),
		cmocka_unit_test(what_is_off_by_default_is_absent),
		cmocka_unit_test(a_listener_has_the_limits_of_the_top_unless_it_says_otherwise),
		cmocka_unit_test(a_fault_at_the_top_is_told_once),
		cmocka_unit_test(defaults_lie_under_every_route_and_service),
		cmocka_unit_test(what_makes_a_route_itself_is_no_default),
		cmocka_unit_test(what_comes_later_is_never_silently_ignored),
		cmocka_unit_test(a_wrong_shape_of_the_whole_is_told),
		cmocka_unit_test(services_and_chains_are_found_by_name),
		cmocka_unit_test(faulty_options_do_not_keep_plugins_from_being_checked),
		cmocka_unit_test(ten_thousand_routes_load),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
