/* test_slot.c - the places where a plugin can stand. */
#include "tests/conf/loading.h"

static const struct weir_option limit_options[] = {
	{ .name = "rate", .type = WEIR_RATE, .required = true },
	{ .name = "burst", .type = WEIR_INTEGER, .fallback = "10" },
	{ .name = "to", .type = WEIR_SERVICE },
	{ 0 }
};

static struct conf_slot *policies(const struct loaded *l, uint32_t *count)
{
	return conf_slots(first_route(l), "policies", count);
}

static void a_slot_is_a_bare_name_or_a_name_with_options(void **state)
{
	struct loaded l = load(ROUTE("policies: [jwt, {rate_limit: {rate: 1/s}}]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_str(slots[0].name, "jwt");
	assert_null(slots[0].options);
	assert_int_equal(slots[0].kind, SLOT_PLUGIN);
	assert_str(slots[1].name, "rate_limit");
	assert_int_equal(slots[1].options->kind, NODE_MAP);
	assert_int_equal(slots[1].place.line, 3);
	unload(&l);
}

static void one_policy_stands_for_a_list_of_one(void **state)
{
	struct loaded l = load(ROUTE("policies: {jwt: {}}"));
	uint32_t count;

	(void)state;
	(void)policies(&l, &count);
	assert_int_equal(count, 1);
	unload(&l);
}

static void the_hosts_keys_stand_beside_the_name(void **state)
{
	struct loaded l = load(ROUTE("policies: [{jwt: {}, on_error: continue, as: first, "
				     "when: {method: POST}}, cors]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	assert_string_equal(l.said.data, "");
	assert_true(slots[0].go_on);
	assert_str(slots[0].as, "first");
	assert_str(conf_items(slots[0].when, "method", &count)[0].text, "POST");
	assert_false(slots[1].go_on);
	assert_null(slots[1].when);
	unload(&l);
}

static void a_chain_or_any_stands_in_place_of_a_plugin(void **state)
{
	struct loaded l = load("chains: {staff: [jwt]}\n" ROUTE(
		"policies: [{use: staff}, {any: [{use: staff}, api_key]}]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	assert_string_equal(l.said.data, "");
	assert_int_equal(slots[0].kind, SLOT_USE);
	assert_str(slots[0].name, "staff");
	assert_int_equal(slots[1].kind, SLOT_ANY);
	assert_int_equal(slots[1].any_count, 2);
	assert_str(slots[1].any[1].name, "api_key");
	unload(&l);
}

static void faults_of_slots_say_what_to_do(void **state)
{
	(void)state;
	assert_says(ROUTE("policies: [{jwt: {}, cors: {}}]"),
		    "w.yaml:3:39: one slot holds one policy, here are \"jwt\" and \"cors\"; begin "
		    "a new list item for the second\n");
	assert_says(ROUTE("policies: [{jwt: {}, on_eror: continue}]"),
		    "w.yaml:3:39: unknown key \"on_eror\" beside jwt; did you mean "
		    "\"on_error\"?\n");
	assert_says(ROUTE("policies: [{on_error: continue}]"),
		    "w.yaml:3:29: this names no policy; write its name, or {name: options}\n");
	assert_says(ROUTE("policies: [[jwt]]"),
		    "w.yaml:3:29: expected a policy: its name or {name: options}, got a list\n");
	assert_says(ROUTE("policies: [a b]"),
		    "w.yaml:3:29: \"a b\" is no name; use letters, digits, \"-\", \"_\" and "
		    "\".\"\n");
	assert_says(ROUTE("policies: [{jwt: {}, on_error: ignore}]"),
		    "w.yaml:3:49: on_error: \"ignore\" is not one of refuse or continue\n");
	assert_says(ROUTE("policies: [{any: []}]"),
		    "w.yaml:3:35: any: is empty; nothing could pass\n");
	assert_says(ROUTE("policies: [{jwt: {}, isolate: true}]"),
		    "w.yaml:3:39: isolate: isolating a policy is not in this version; remove it\n");
	assert_says(ROUTE("policies: [{jwt: {}, when: {host: A}}]"),
		    "w.yaml:3:52: host: \"A\" has capital letters; hosts are matched in small "
		    "letters\n");
}

static void only_policies_have_keys_of_the_host(void **state)
{
	(void)state;
	assert_says("listen: 0.0.0.0:80\n"
		    "services: {a: {endpoints: ['h:1'], balance: {ring_hash: {}, on_error: "
		    "continue}}}\n",
		    "w.yaml:2:61: \"on_error\" belongs to policies; it cannot stand beside a "
		    "balancer\n");
	assert_says("listen: 0.0.0.0:80\n"
		    "services: {a: {endpoints: ['h:1'], balance: {use: x}}}\n",
		    "w.yaml:2:46: \"use\" belongs to policies; it cannot stand beside a "
		    "balancer\n");
	assert_says("listen: 0.0.0.0:80\n"
		    "services: {a: {endpoints: ['h:1'], balance: [a, b]}}\n",
		    "w.yaml:2:45: expected a balancer: its name or {name: options}, got a list\n");
}

static void discoveries_may_be_tiers(void **state)
{
	struct loaded l = load("listen: 0.0.0.0:80\n"
			       "services: {a: {discover: [{file: {path: x}}, dns]}}\n");
	uint32_t count;
	struct conf_slot *tiers = conf_slots(service(&l, "a"), "discover", &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_str(tiers[0].name, "file");
	assert_int_equal(tiers[0].role, ROLE_DISCOVERY);
	assert_str(tiers[1].name, "dns");
	unload(&l);
}

static void options_are_checked_once_the_plugin_is_known(void **state)
{
	struct loaded l = load(ROUTE("policies: [{limit: {rate: 5/s, to: a}}]"));
	uint32_t count;
	struct conf_slot *slot = policies(&l, &count);

	(void)state;
	assert_null(slot->values);
	assert_true(conf_check_slot(l.conf, slot, limit_options, &l.d));
	assert_true(conf_number(slot->values, "rate") == 5);
	assert_int_equal(conf_integer(slot->values, "burst"), 10);
	unload(&l);
}

static void faults_in_options_have_places_too(void **state)
{
	struct loaded l = load(ROUTE("policies: [{limit: {burts: 5, to: b}}, limit, {limit: 5}]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	for (uint32_t i = 0; i < count; i++)
		assert_false(conf_check_slot(l.conf, &slots[i], limit_options, &l.d));
	l.said.start = l.said.end = 0;
	listen_to(&l);
	assert_string_equal(l.said.data,
			    "w.yaml:3:38: unknown key \"burts\"; did you mean \"burst\"?\n"
			    "w.yaml:3:52: there is no service \"b\"; did you mean \"a\"?\n"
			    "w.yaml:3:57: \"rate\" is missing; expected a rate such as 100/s or "
			    "10/m\n"
			    "w.yaml:3:72: limit: expected a map of rate, burst, to, got text\n");
	unload(&l);
}

static void a_plugin_without_options_takes_none(void **state)
{
	struct loaded l = load(ROUTE("policies: [{p: {}}, {p: {a: 1}}, p]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	assert_true(conf_check_slot(l.conf, &slots[0], NULL, &l.d));
	assert_false(conf_check_slot(l.conf, &slots[1], NULL, &l.d));
	assert_string_equal(l.d.items[0].text, "unknown key \"a\"; there are no options here");
	assert_true(conf_check_slot(l.conf, &slots[2], NULL, &l.d));
	unload(&l);
}

static void plugin_defaults_lie_under_every_use(void **state)
{
	struct loaded l = load("plugins: {defaults: {limit: {rate: 7/s, burst: 1}}}\n"
			       ROUTE("policies: [limit, {limit: {burst: 2}}]"));
	uint32_t count;
	struct conf_slot *slots = policies(&l, &count);

	(void)state;
	assert_true(conf_check_slot(l.conf, &slots[0], limit_options, &l.d));
	assert_true(conf_check_slot(l.conf, &slots[1], limit_options, &l.d));
	assert_true(conf_number(slots[1].values, "rate") == 7);
	assert_int_equal(conf_integer(slots[0].values, "burst"), 1);
	assert_int_equal(conf_integer(slots[1].values, "burst"), 2);
	unload(&l);
}

static bool count_slot(void *context, struct conf_slot *slot)
{
	if (slot->kind == SLOT_PLUGIN)
		++*(int *)context;
	return true;
}

static void every_slot_is_visited(void **state)
{
	struct loaded l = load("listen: {l: {address: '0.0.0.0:80', policies: [p]}}\n"
			       "chains: {c: [p, {any: [p, p]}]}\n"
			       "services: {a: {discover: [d, d]}}\n"
			       "routes: [{to: a, policies: [p, {use: c}]}]\n");
	int seen = 0;

	(void)state;
	assert_string_equal(l.said.data, "");
	assert_true(conf_visit_slots(l.conf, count_slot, &seen));
	assert_int_equal(seen, 1 + 3 + 2 + 1 /* balancer */ + 1 + 1 /* retry */ + 1 /* that of calls */);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_is_a_bare_name_or_a_name_with_options),
		cmocka_unit_test(one_policy_stands_for_a_list_of_one),
		cmocka_unit_test(the_hosts_keys_stand_beside_the_name),
		cmocka_unit_test(a_chain_or_any_stands_in_place_of_a_plugin),
		cmocka_unit_test(faults_of_slots_say_what_to_do),
		cmocka_unit_test(only_policies_have_keys_of_the_host),
		cmocka_unit_test(discoveries_may_be_tiers),
		cmocka_unit_test(options_are_checked_once_the_plugin_is_known),
		cmocka_unit_test(faults_in_options_have_places_too),
		cmocka_unit_test(a_plugin_without_options_takes_none),
		cmocka_unit_test(plugin_defaults_lie_under_every_use),
		cmocka_unit_test(every_slot_is_visited),
	};

	return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
