/* test_assemble.c - a checked configuration made into the world that requests see, and what stops it. */
#include "tests/weir/desk.h"

#include "core/base/clock.h"
#include "core/proxy/plan.h"

#define HEAD "listen: 0.0.0.0:1\nservices: {app: {endpoints: [\"h:1\"]}, b: {endpoints: [\"h:2\"]}}\n"

static const struct plan *plan(struct desk *desk, uint32_t at)
{
	assert_true(at < desk->w->snapshot.plan_count);
	return desk->w->snapshot.plans[at];
}

static const struct listener_plan *listener(struct desk *desk, const char *name)
{
	const struct snapshot *s = &desk->w->snapshot;

	for (uint32_t i = 0; i < s->listener_slots; i++)
		if (s->listeners[i] != NULL && str_eq(s->listeners[i]->name, str_from(name)))
			return s->listeners[i];
	fail_msg("there is no listener %s", name);
	return NULL;
}

static void a_route_has_its_times_and_tries(void **state)
{
	desk_fine(*state, HEAD "routes: [{to: app, timeout: {head: 3s, all: none}, retry: {attempts: 3, "
		  "per_try: 1s, when: [connect, 5xx, upstream-reset], budget: 10%, body: 1k}}]\n");

	const struct plan *p = plan(*state, 0);
	assert_int_equal(p->kind, PLAN_SERVICE);
	assert_int_equal(p->head_timeout, 3 * NS_PER_S);
	assert_int_equal(p->all_timeout, CLOCK_NEVER);
	assert_int_equal(p->retry.attempts, 3);
	assert_int_equal(p->retry.per_try, NS_PER_S);
	assert_int_equal(p->retry.replay_bytes, 1024);
	assert_true(retry_lists_status(&p->retry, 500) && retry_lists_status(&p->retry, 599));
	assert_false(retry_lists_status(&p->retry, 404));
	assert_true(retry_lists_reason(&p->retry, REASON_CONNECT_REFUSED));
	assert_true(retry_lists_reason(&p->retry, REASON_UPSTREAM_RESET));
	assert_false(retry_lists_reason(&p->retry, REASON_HEAD_TIMEOUT));
}

static void a_split_gives_running_totals(void **state)
{
	desk_fine(*state, HEAD "routes: [{split: {app: 95, b: 5}, split_by: client.ip}]\n");

	const struct plan *p = plan(*state, 0);
	assert_int_equal(p->kind, PLAN_SPLIT);
	assert_int_equal(p->share_count, 2);
	assert_int_equal(p->share_total, 100);
	assert_int_equal(p->shares[0].upto, 95);
	assert_int_equal(p->shares[1].upto, 100);
	assert_non_null(p->split_by);
}

static void a_listener_reads_within_the_widest_of_its_routes(void **state)
{
	desk_fine(*state, "listen: {a: 0.0.0.0:1, b: {address: 0.0.0.0:2, limits: {header_bytes: 4k}, "
		  "routes: named}}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\nroutes:\n"
		  "  - {listeners: [a, b], to: app, limits: {header_bytes: 64k, headers: 500}}\n"
		  "  - {match: {path: /x}, to: app, limits: {header_bytes: 128k}}\n");

	assert_int_equal(listener(*state, "a")->limits.head_bytes, 128 * 1024);
	assert_int_equal(listener(*state, "a")->head_limit, 32 * 1024);
	assert_int_equal(listener(*state, "a")->limits.headers, 500);
	assert_int_equal(listener(*state, "b")->limits.head_bytes, 64 * 1024);
	assert_int_equal(listener(*state, "b")->head_limit, 4 * 1024);
	assert_int_equal(plan(*state, 0)->head_limit, 64 * 1024);
	assert_int_equal(plan(*state, 0)->header_limit, 500);
}

static void listeners_with_the_same_routes_share_a_table(void **state)
{
	desk_fine(*state, "listen: {a: 0.0.0.0:1, b: 0.0.0.0:2, c: {address: 0.0.0.0:3, routes: named}}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\n"
		  "routes: [{to: app}, {listeners: c, match: {path: /c}, to: app}]\n");

	assert_ptr_equal(listener(*state, "a")->routes, listener(*state, "b")->routes);
	assert_ptr_not_equal(listener(*state, "a")->routes, listener(*state, "c")->routes);
}

static void chains_are_written_out_and_numbered_on(void **state)
{
	desk_fine(*state, "listen: {a: {address: 0.0.0.0:1, policies: [knows, guards]}}\n"
		  "chains: {one: [guards, {use: two}], two: [{any: [guards, caches]}, caches]}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\n"
		  "routes: [{to: app, policies: [{use: one}, knows]}]\n");

	const struct chain *c = &plan(*state, 0)->chain;
	assert_int_equal(listener(*state, "a")->chain.count, 2);
	assert_int_equal(c->count, 4);
	assert_int_equal(c->links[0].number, 2);	/* behind the listener's */
	assert_int_equal(c->links[1].kind, LINK_ANY);
	assert_int_equal(c->links[1].inner_count, 2);
	assert_int_equal(c->links[3].number, 6);
}

static void a_chain_with_a_when_of_its_own_stays_whole(void **state)
{
	desk_fine(*state, "listen: {a: 0.0.0.0:1}\n"
		  "chains: {one: [guards, knows], two: [{use: one}, knows]}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\n"
		  "routes: [{to: app, policies: [{use: two, when: {method: GET}}, "
		  "{use: one, on_error: continue}, caches]}]\n");

	const struct link *links = plan(*state, 0)->chain.links;
	assert_int_equal(plan(*state, 0)->chain.count, 3);
	assert_int_equal(links[0].kind, LINK_ALL);
	assert_int_equal(links[0].inner_count, 3);
	assert_non_null(links[0].applies);
	assert_false(links[0].inner[0].goes_on_back);
	assert_true(links[1].go_on);
	assert_true(links[1].inner[1].goes_on_back);
	assert_int_equal(links[2].number, 5);
}

static void two_routes_that_match_the_same_are_refused(void **state)
{
	const char *said = desk_build(*state, HEAD "routes: [{name: one, to: app}, {name: two, to: b}]\n");

	assert_true(strncmp(said, "w.yaml:3:32: routes one and two match the same requests", 55) == 0);
	assert_null(((struct desk *)*state)->w);
}

static void faults_that_only_assembling_finds_have_their_place(void **state)
{
	static const struct { const char *route, *why; } faults[] = {
		{ "{match: {path: {regex: \"(\"}}, to: app}", "w.yaml:3:33: route route-1: the regular" },
		{ "{to: app, policies: [nobody]}", "w.yaml:3:31: there is no plugin \"nobody\"" },
		{ "{to: app, policies: [{guards: {kee: host}}]}", "did you mean \"key\"?" },
		{ "{respond: {file: /nonexistent/page}}", "cannot open /nonexistent/page" },
		{ "{to: app, policies: [{any: [{any: [guards]}]}]}", "any:" },
		{ "{to: app, policies: [{guards: {}, when: {path: {regex: \"(\"}}}]}", "w.yaml:3:" },
	};

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		char text[512];
		const char *said;

		(void)snprintf(text, sizeof(text), HEAD "routes: [%s]\n", faults[i].route);
		said = desk_build(*state, text);
		if (strstr(said, faults[i].why) == NULL)
			fail_msg("%s: wanted \"%s\", got \"%s\"", faults[i].route, faults[i].why, said);
		assert_null(((struct desk *)*state)->w);
	}
}

static void faults_are_shown_all_at_once(void **state)
{
	const char *said = desk_build(*state, HEAD "routes:\n  - {match: {path: /a}, policies: [nobody], "
				      "to: app}\n  - {match: {path: /b}, policies: [noone], to: app}\n");

	assert_non_null(strstr(said, "w.yaml:4:"));
	assert_non_null(strstr(said, "w.yaml:5:"));
}

/* Some are found by the tables of options, some by plugins, some by those who compile. */
static void faults_of_every_floor_are_shown_together(void **state)
{
	static const char *const faults[] = {
		"w.yaml:4:22: timeout: \"3\" has no unit", "w.yaml:4:36: there is no plugin \"nobody\"",
		"w.yaml:5:18: route route-2: path \"/a/*/b\"", "w.yaml:6:39: route third: the regular",
		"w.yaml:7:34: route route-4: header x-a: the regular", "w.yaml:8:33: \"claim.\" is no key",
		"w.yaml:9:66: header x-b: the regular",
	};
	const char *said = desk_build(*state, HEAD "routes:\n"
		"- {to: app, timeout: 3, policies: [nobody]}\n"
		"- {match: {path: \"/a/*/b\"}, to: app}\n"
		"- {name: third, match: {path: {regex: \"(\"}}, to: app}\n"
		"- {match: {header: {x-a: {regex: \"[\"}}}, to: app}\n"
		"- {match: {path: /r}, redirect: \"/{claim.}\"}\n"
		"- {to: app, policies: [{guards: {}, when: {header: {x-b: {regex: \"[\"}}}}]}\n");

	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (strstr(said, faults[i]) == NULL)
			fail_msg("wanted \"%s\", got \"%s\"", faults[i], said);
}

static void of_routes_that_match_the_same_every_one_is_shown(void **state)
{
	const char *said = desk_build(*state, HEAD "routes:\n- {name: a, to: app}\n- {name: b, to: app}\n"
				      "- {name: c, match: {path: /c}, to: app}\n- {name: d, to: app}\n"
				      "- {name: e, match: {path: /c}, to: app}\n");

	assert_non_null(strstr(said, "w.yaml:5:3: routes a and b match the same"));
	assert_non_null(strstr(said, "w.yaml:7:3: routes a and d match the same"));
	assert_non_null(strstr(said, "w.yaml:8:3: routes c and e match the same"));
	assert_int_equal(((struct desk *)*state)->d.errors, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_route_has_its_times_and_tries),
		DESK_TEST(a_split_gives_running_totals),
		DESK_TEST(a_listener_reads_within_the_widest_of_its_routes),
		DESK_TEST(listeners_with_the_same_routes_share_a_table),
		DESK_TEST(chains_are_written_out_and_numbered_on),
		DESK_TEST(a_chain_with_a_when_of_its_own_stays_whole),
		DESK_TEST(two_routes_that_match_the_same_are_refused),
		DESK_TEST(faults_that_only_assembling_finds_have_their_place),
		DESK_TEST(faults_are_shown_all_at_once),
		DESK_TEST(faults_of_every_floor_are_shown_together),
		DESK_TEST(of_routes_that_match_the_same_every_one_is_shown),
	};

	return cmocka_run_group_tests_name("assemble", tests, NULL, NULL);
}
