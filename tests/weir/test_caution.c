/* test_caution.c - what a configuration may say and yet will not mean. */
#include "tests/weir/desk.h"

#define HEAD "listen: 0.0.0.0:1\nservices: {app: {endpoints: [\"h:1\"]}}\n"

/* Routes. */

static void a_route_behind_one_that_takes_all_of_its_requests_is_told(void **state)
{
	desk_warns(*state, HEAD "routes:\n"
		   "  - {name: wide, match: {path: /a, method: [GET, HEAD]}, to: app}\n"
		   "  - {name: narrow, match: {path: /a, method: GET}, to: app}\n",
		   "w.yaml:5:5: warning: route narrow can never be reached: wide at w.yaml:4:5 takes all "
		   "of its requests; change or remove one\n");
}

static void a_route_that_one_listener_can_reach_is_fine(void **state)
{
	desk_fine(*state, "listen: {a: 0.0.0.0:1, b: 0.0.0.0:2}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\nroutes:\n"
		  "  - {listeners: a, match: {path: /a, method: [GET, HEAD]}, to: app}\n"
		  "  - {match: {path: /a, method: GET}, to: app}\n");
}

static void a_route_that_no_listener_has_is_told(void **state)
{
	desk_warns(*state, "listen:\n  a: {address: 0.0.0.0:1, redirect: {scheme: https}}\n"
		   "  b: {address: 0.0.0.0:2, routes: named}\n"
		   "services: {app: {endpoints: [\"h:1\"]}}\n"
		   "routes: [{name: lost, to: app}, {name: found, listeners: b, to: app}]\n",
		   "w.yaml:5:10: warning: route lost can never be reached: no listener that serves routes "
		   "has it; list one in its `listeners`\n");
}

/* Who matches on networks, and nothing else, is told apart by them. */
static void routes_for_other_networks_are_others(void **state)
{
	desk_fine(*state, HEAD "routes:\n"
		  "  - {match: {path: /a, client: [10.0.0.0/8, 192.168.0.0/16]}, to: app}\n"
		  "  - {match: {path: /a, client: 172.16.0.0/12}, to: app}\n"
		  "  - {match: {path: /a, client: 10.0.0.0/8}, to: app}\n");
}

/* Names. */

static void a_name_that_the_path_has_not_is_told_for_it_is_always_empty(void **state)
{
	desk_warns(*state, HEAD "routes:\n"
		   "  - {match: {path: \"/t/{code}\"}, to: app, rewrite: \"/v2/{cod}\"}\n"
		   "  - {match: {path: {regex: \"/(a|b)/.*\"}}, respond: {body: \"{1} {2}\"}}\n"
		   "  - {to: app, response_headers: {set: {x-rest: \"{*}\"}}}\n",
		   "w.yaml:4:52: warning: {cod} is always empty: the route's path \"/t/{code}\" has nothing "
		   "of that name\n"
		   "w.yaml:5:59: warning: {2} is always empty: the route's path \"/(a|b)/.*\" has nothing of "
		   "that name\n"
		   "w.yaml:6:48: warning: {*} is always empty: the route takes every path and names no part "
		   "of it\n");
}

static void names_of_segments_groups_and_the_rest_are_fine(void **state)
{
	desk_fine(*state, HEAD "routes:\n"
		  "  - {match: {path: \"/t/{code}/*\"}, to: app, rewrite: \"/v2/{code}/{path.code}/{*}\"}\n"
		  "  - {match: {path: {regex: \"/(a)/(?<word>b)\"}}, to: app, rewrite: \"/{1}/{2}/{word}\"}\n"
		  "  - {match: {path: /h}, redirect: \"https://{host}/{client.ip}/{{code}\"}\n");
}

/* It is meant for those that have the name. */
static void what_lies_under_all_routes_may_name_what_only_some_have(void **state)
{
	desk_fine(*state, "defaults: {route: {request_headers: {set: {x-code: \"{code}\"}}}}\n" HEAD
		  "routes: [{match: {path: \"/t/{code}\"}, to: app}, {to: app}]\n");
}

/* Claims. */

static void a_route_may_match_on_claims_that_its_listener_learns(void **state)
{
	desk_fine(*state, "listen: {edge: {address: 0.0.0.0:1, policies: [knows]}}\n"
		  "services: {app: {endpoints: [\"h:1\"]}}\n"
		  "routes: [{match: {claim: {role: admin, sub: {present: true}}}, to: app}, {to: app}]\n");
}

static void a_route_cannot_match_on_claims_that_are_learnt_later(void **state)
{
	desk_refuses(*state, HEAD "routes: [{name: a, match: {claim: {role: x}}, policies: [knows], "
		     "to: app}]\n",
		     "w.yaml:3:35: route a matches on a claim, but no policy of listener default learns "
		     "claims; put one that does, such as jwt, there (a route's own policies come too "
		     "late)\n");
}

static void each_of_its_listeners_must_know(void **state)
{
	desk_refuses(*state, "listen:\n  a: {address: 0.0.0.0:1, policies: [{any: [guards, knows]}]}\n"
		     "  b: {address: 0.0.0.0:2}\n"
		     "services: {app: {endpoints: [\"h:1\"]}}\n"
		     "routes: [{name: r, match: {claim: {role: x}}, to: app}]\n",
		     "w.yaml:5:35: route r matches on a claim, but no policy of listener b learns claims; "
		     "put one that does, such as jwt, there (a route's own policies come too late)\n");
}

static void a_policy_cannot_wait_for_a_claim_that_comes_later(void **state)
{
	desk_refuses(*state, HEAD "routes: [{to: app, policies: [{guards: {}, when: {claim: {a: b}}}, "
		     "knows]}]\n",
		     "w.yaml:3:58: guards waits for a claim that nobody can have learnt; put a policy that "
		     "learns claims, such as jwt, before it\n");
	desk_fine(*state, HEAD "routes: [{to: app, policies: [knows, {guards: {}, when: {claim: {a: b}}}"
		  "]}]\n");
}

static void a_key_that_asks_for_a_claim_wants_it_learnt_before(void **state)
{
	desk_warns(*state, HEAD "routes: [{to: app, policies: [{guards: {key: [host, claim.sub]}}, "
		   "knows]}]\n",
		   "w.yaml:3:46: warning: guards asks for a claim, but no policy before it learns claims, "
		   "so it is always empty; put one that does, such as jwt, before it\n");
	desk_fine(*state, HEAD "routes: [{to: app, policies: [knows, {guards: {key: claim.sub}}]}]\n");
}

static void so_do_templates_wherever_they_stand(void **state)
{
	static const char *const options[] = { "text: ['{claim.sub}']", "map: {a: '{claim.sub}'}" };

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), HEAD "routes: [{to: app, policies: [{guards: {%s}}]}]\n",
			       options[i]);
		assert_non_null(strstr(desk_build(*state, text), "guards asks for a claim"));
	}
	assert_non_null(strstr(desk_build(*state, HEAD "routes: [{name: r, to: app, request_headers: {set: "
						  "{x-user: '{claim.sub}'}}}]\n"),
			       "warning: route r asks for a claim, but no policy on its way"));
	desk_fine(*state, HEAD "routes: [{to: app, policies: [knows], request_headers: {set: "
		  "{x-user: '{claim.sub}'}}}]\n");
}

/* A chain is met once for each route that uses it. */
static void what_stands_in_a_chain_is_told_once(void **state)
{
	desk_warns(*state, "listen: 0.0.0.0:1\nchains: {c: [{guards: {key: claim.sub}}]}\n"
		   "services: {app: {endpoints: [\"h:1\"]}}\n"
		   "routes: [{to: app, policies: {use: c}}, {match: {path: /a}, to: app, policies: "
		   "{use: c}}]\n",
		   "w.yaml:2:29: warning: guards asks for a claim, but no policy before it learns claims, "
		   "so it is always empty; put one that does, such as jwt, before it\n");
}

/* Order. */

static void who_refuses_stands_before_who_answers(void **state)
{
	desk_warns(*state, HEAD "routes: [{to: app, policies: [caches, guards]}]\n",
		   "w.yaml:3:39: warning: guards refuses those who may not pass, but caches at w.yaml:3:31 "
		   "comes before it and may have answered them; put guards first\n");
	desk_warns(*state, "listen: {edge: {address: 0.0.0.0:1, policies: [caches]}}\n"
		   "services: {app: {endpoints: [\"h:1\"]}}\nroutes: [{to: app, policies: [guards]}]\n",
		   "w.yaml:3:31: warning: guards refuses those who may not pass, but caches at w.yaml:1:48 "
		   "comes before it and may have answered them; put guards first\n");
	desk_fine(*state, HEAD "routes: [{to: app, policies: [guards, caches]}]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_route_behind_one_that_takes_all_of_its_requests_is_told),
		DESK_TEST(a_route_that_one_listener_can_reach_is_fine),
		DESK_TEST(a_route_that_no_listener_has_is_told),
		DESK_TEST(routes_for_other_networks_are_others),
		DESK_TEST(a_name_that_the_path_has_not_is_told_for_it_is_always_empty),
		DESK_TEST(names_of_segments_groups_and_the_rest_are_fine),
		DESK_TEST(what_lies_under_all_routes_may_name_what_only_some_have),
		DESK_TEST(a_route_may_match_on_claims_that_its_listener_learns),
		DESK_TEST(a_route_cannot_match_on_claims_that_are_learnt_later),
		DESK_TEST(each_of_its_listeners_must_know),
		DESK_TEST(a_policy_cannot_wait_for_a_claim_that_comes_later),
		DESK_TEST(a_key_that_asks_for_a_claim_wants_it_learnt_before),
		DESK_TEST(so_do_templates_wherever_they_stand),
		DESK_TEST(what_stands_in_a_chain_is_told_once),
		DESK_TEST(who_refuses_stands_before_who_answers),
	};

	return cmocka_run_group_tests_name("caution", tests, NULL, NULL);
}
