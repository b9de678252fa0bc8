/* test_lua.c - policies in Lua before a running gateway: what they do to requests, what they may not do to
 * others, and how they change while it runs. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>

#include "tests/e2e/load.h"

#define LUA LUA_FOR("50ms")
#define LUA_FOR(time) LISTEN \
	"lua: {path: [\"${DIR}\"], time: " time "}\n" \
	"services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\"]}}\n"
#define ROUTE_WITH(policy) LUA \
	"routes: [{name: r, policies: [" policy "], to: app, retry: {attempts: 2}}]\n"

#define REQUEST(body) \
	"local policy = {}\nfunction policy.request(req, options)\n" body "\nend\nreturn policy\n"
#define RESPONSE(body) \
	"local policy = {}\nfunction policy.response(req, res, options)\n" body "\nend\nreturn policy\n"

static void begins(struct story *s, const char *script, const char *config)
{
	gateway_writes_file(s->gateway, "play.lua", script);
	story_starts(s, config);
	story_reconnects(s);
}

static void a_policy_reads_and_writes(struct story *s)
{
	begins(s, "-- play.lua - shows what there is.\n"
	       "local policy = { options = { name = { type = 'header', default = 'x-stamp' }, "
	       "to = { type = 'service' } } }\n"
	       "function policy.request(req, options)\n"
	       "  req.headers['X-Seen'] = table.concat({ req.method, req.host, req.path, tostring(req.query), "
	       "req.query.b, req.params.code, req.client, req.scheme, req.route, req.headers['X-ONE'] }, '|')\n"
	       "  req.headers['x-two'] = { 'a', 'b' }\n"
	       "  req.headers['x-one'] = nil\n"
	       "  req.headers:add('x-two', 'c')\n"
	       "  req.headers['x-count'] = #req.headers:all('x-two')\n"
	       "  local names = {} for name in pairs(req.headers) do names[name] = true end\n"
	       "  req.headers['x-walked'] = tostring(names['x-seen'] and not names['x-one'])\n"
	       "  req.log.tenant = 'acme'\n"
	       "  if options.to then req:route_to(options.to) end\n"
	       "end\n"
	       "function policy.response(req, res, options)\n"
	       "  res.headers[options.name] = req:key('header.x-mark') .. res.status\n"
	       "end\n"
	       "return policy\n",
	       LUA "routes: [{name: r, match: {path: \"/t/{code}\"}, policies: [play: {to: other}], to: app}]\n");

	client_sends(s->client, "GET /t/42?a=1&b=two HTTP/1.1\r\nhost: api.example.com\r\nx-one: 1\r\n"
		     "x-mark: m\r\n\r\n");
	assert_true(client_reads(s->client));

	client_saw(s->client, 200, "B");
	client_saw_header(s->client, "x-stamp", "m200");
	assert_str(origin_last_header(s->b, "x-seen"),
		   "GET|api.example.com|/t/42|a=1&b=two|two|42|127.0.0.1|http|r|1");
	assert_str(origin_last_header(s->b, "x-count"), "3");
	assert_str(origin_last_header(s->b, "x-walked"), "true");
	assert_null(origin_last_header(s->b, "x-one").data);
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "acme"));
}

static void it_answers_denies_and_redirects(struct story *s)
{
	begins(s, REQUEST("if req.path == '/reply' then\n"
			  "  pcall(req.reply, req, 207, { a = { 1, 2 } }, { ['x-more'] = 'yes' }) end\n"
			  "if req.path == '/deny' then req:deny(429, 'not so fast') end\n"
			  "if req.path == '/move' then req:redirect('https://x.example/', 308) end\n"),
	       ROUTE_WITH("play"));

	client_gets(s->client, "/reply");
	client_saw(s->client, 207, "{\"a\":[1,2]}");
	client_saw_header(s->client, "content-type", "application/json");
	client_saw_header(s->client, "x-more", "yes");
	client_gets(s->client, "/deny");
	client_saw_reason(s->client, 429, "refused");
	client_gets(s->client, "/move");
	client_saw(s->client, 308, NULL);
	client_saw_header(s->client, "location", "https://x.example/");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void bodies_are_read_within_limits_and_replaced(struct story *s)
{
	begins(s, "local policy = {}\n"
	       "function policy.request(req)\n"
	       "  local body, why = req:body{ max = 8 }\n"
	       "  if why then req.headers['x-why'] = why return end\n"
	       "  req:set_body(body:upper())\n"
	       "end\n"
	       "function policy.response(req, res)\n"
	       "  local v = res:json{ max = '1k' }\n"
	       "  if v then v.more = true res:set_body(v) end\n"
	       "end\n"
	       "return policy\n", ROUTE_WITH("play"));
	origin_always(s->a, answers(200, "{\"n\":1}"));

	client_posts(s->client, "/", "small");
	client_saw(s->client, 200, "{\"more\":true,\"n\":1}");
	assert_string_equal(origin_last_body(s->a), "SMALL");

	client_posts(s->client, "/", "far too long");
	client_saw(s->client, 200, NULL);
	assert_string_equal(origin_last_body(s->a), "far too long");
	assert_str(origin_last_header(s->a, "x-why"), "too-large");
}

static void trailers_can_be_added(struct story *s)
{
	begins(s, RESPONSE("res.trailers['x-sum'] = '42'"), ROUTE_WITH("play"));

	client_gets(s->client, "/");

	client_saw(s->client, 200, "A");
	client_saw_header(s->client, "transfer-encoding", "chunked");
	client_asks(s->client, "GET", "/");
	client_hears(s->client, "x-sum: 42\r\n");
}

static void an_answer_that_is_not_wanted_is_asked_for_elsewhere(struct story *s)
{
	begins(s, RESPONSE("if res.status == 404 and req.attempt == 1 then\n"
			   "  local ok, why = res:retry{ service = 'other', after = '5ms' }\n"
			   "  res.headers['x-why'] = why\n"
			   "end\n"
			   "res.headers['x-attempt'] = req.attempt"), ROUTE_WITH("play"));
	origin_always(s->a, answers(404, "no"));
	origin_always(s->b, answers(200, "yes"));

	client_gets(s->client, "/");
	client_saw(s->client, 200, "yes");
	client_saw_header(s->client, "x-attempt", "2");
	client_posts(s->client, "/", "not to be repeated");
	client_saw(s->client, 404, "no");
	client_saw_header(s->client, "x-why", "unsafe");
	assert_int_equal(origin_count(s->b, NULL), 1);
}

static void it_is_also_asked_for_when_weir_itself_answered(struct story *s)
{
	origin_refuses(s->a);
	begins(s, RESPONSE("if res.reason == 'connect-refused' then res:retry{ service = 'other' } end"),
	       ROUTE_WITH("play"));

	client_posts(s->client, "/", "nothing of it was sent");

	client_saw(s->client, 200, "B");
}

static void who_always_wants_another_gets_the_fifth(struct story *s)
{
	begins(s, RESPONSE("local _, why = res:retry{} res.headers['x-why'] = why"), ROUTE_WITH("play"));

	client_gets(s->client, "/");

	client_saw(s->client, 200, "A");
	client_saw_header(s->client, "x-why", "too-often");
	assert_int_equal(origin_count(s->a, NULL), 5);
}

/* A thousand log lines would not help: one that says everything does. */
static void a_script_that_fails_is_named_with_its_line(struct story *s)
{
	begins(s, REQUEST("if req.path == '/bad' then local x = nil + 1 end"), ROUTE_WITH("play"));

	client_gets(s->client, "/bad");
	client_saw_reason(s->client, 500, "policy-error");
	assert_true(gateway_logs(s->gateway, "play.lua:3: attempt to perform arithmetic on a nil value"));
	assert_true(gateway_logs(s->gateway, "(route r, request "));
	client_gets(s->client, "/good");
	client_saw(s->client, 200, "A");
}

/* In the answer, in the access log, and in the metrics. */
static void who_wants_too_much_memory_is_told_apart(struct story *s)
{
	begins(s, REQUEST("local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end"),
	       LUA_FOR("20s") "routes: [{name: r, policies: [play], to: app}]\n");

	client_gets(s->client, "/");

	client_saw_reason(s->client, 500, "policy-memory");
	assert_true(gateway_logs(s->gateway, "play.lua:3: it wanted more memory than it may have (lua.memory)"));
	assert_true(eventually(gateway_metric(s->gateway, "weir_reasons_total", "policy-memory", NULL) >= 1));
	assert_true(gateway_metric(s->gateway, "weir_lua_stopped_total", "play", "memory", NULL) >= 1);
}

static void or_is_skipped_when_told_so(struct story *s)
{
	begins(s, REQUEST("error('no')"),
	       LUA "routes: [{policies: [{play: {}, on_error: continue}], to: app}]\n");

	client_gets(s->client, "/");

	client_saw(s->client, 200, "A");
}

/* The worker is one: who else is on it must not notice more than the budget. */
static void a_loop_costs_others_no_more_than_its_time(struct story *s)
{
	struct load *load;
	struct load_count count;

	begins(s, REQUEST("if req.path == '/loop' then while true do pcall(function() while true do end end) "
			  "end end"),
	       LUA "workers: 1\nroutes: [{match: {path: /loop}, policies: [play], to: app},\n"
	       "  {match: {path: /*}, policies: [play], to: app}]\n");
	load = load_start(s->edge, "/x", 2, false);

	for (int i = 0; i < 5; i++) {
		client_gets(s->client, "/loop");
		client_saw_reason(s->client, 500, "policy-timeout");
	}
	assert_true(load_goes_on(load, 20));
	count = load_stop(load);

	assert_int_equal(count.wrong + count.cut + count.refused, 0);
	assert_true(gateway_logs(s->gateway, "it computed for more than its time"));
	assert_true(gateway_metric(s->gateway, "weir_lua_stopped_total", "play", "time", NULL) >= 5);
	assert_true(gateway_metric(s->gateway, "weir_lua_calls_total", "play", NULL) >= 20);
	assert_true(gateway_metric(s->gateway, "weir_lua_memory_bytes", "play", NULL) > 0);
}

static void waits_are_many_at_once(struct story *s)
{
	struct load *load;
	struct load_count count;

	begins(s, REQUEST("weir.sleep('1ms')\n"
			  "local res = weir.get('other', '/x')\n"
			  "req.headers['x-other'] = res.status .. res.body"), ROUTE_WITH("play"));
	load = load_start(s->edge, "/", 20, false);
	assert_true(load_goes_on(load, 300));
	count = load_stop(load);

	assert_int_equal(count.wrong + count.cut + count.refused, 0);
	assert_str(origin_last_header(s->a, "x-other"), "200B");
}

static void a_client_that_leaves_ends_its_hook(struct story *s)
{
	begins(s, REQUEST("while true do pcall(weir.sleep, 3600) end"), LUA
	       "routes: [{policies: [play], to: app, timeout: 2h}]\n");

	client_asks(s->client, "GET", "/");
	client_is_still_connected(s->client);
	client_aborts(s->client);
	s->client = NULL;

	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "client-gone"));
}

/* Changing ------------------------------------------------------------------------ */

static void an_edited_script_is_seen_at_a_reload(struct story *s)
{
	begins(s, REQUEST("req:reply(200, 'one')"), ROUTE_WITH("play"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "one");

	gateway_writes_file(s->gateway, "play.lua", REQUEST("req:reply(200, 'two')"));
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);

	client_gets(s->client, "/");
	client_saw(s->client, 200, "two");
}

static void one_that_does_not_compile_changes_nothing(struct story *s)
{
	begins(s, REQUEST("req:reply(200, 'one')"), ROUTE_WITH("play"));

	gateway_writes_file(s->gateway, "play.lua", "local policy = {\nfunction");
	assert_int_not_equal(admin_post(s->gateway, "/reload"), 200);

	assert_true(gateway_logs(s->gateway, "play.lua:2: "));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "one");
}

static void what_a_script_has_kept_survives_a_reload_that_does_not_concern_it(struct story *s)
{
	begins(s, "local policy, n = {}, 0\nfunction policy.request(req) n = n + 1 "
	       "req:reply(200, tostring(n)) end\nreturn policy\n", "workers: 1\n" ROUTE_WITH("play"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "1");

	assert_int_equal(story_reloads(s, "workers: 1\n# another text\n" ROUTE_WITH("play")), 200);

	client_gets(s->client, "/");
	client_saw(s->client, 200, "2");
}

static void scripts_edited_under_load_cost_nobody_anything(struct story *s)
{
	struct load *load;
	struct load_count count;
	char script[256];

	begins(s, REQUEST("weir.sleep('1ms')"), ROUTE_WITH("play"));
	load = load_start(s->edge, "/", 4, false);
	for (int i = 0; i < 15; i++) {
		(void)snprintf(script, sizeof(script), i % 3 == 2 ? "this is %d no Lua"
			       : REQUEST("weir.sleep('1ms') req.headers['x-version'] = '%d'"), i);
		gateway_writes_file(s->gateway, "play.lua", script);
		(void)admin_post(s->gateway, "/reload");
		assert_true(load_goes_on(load, 10));
	}
	count = load_stop(load);

	assert_int_equal(count.wrong + count.cut + count.refused, 0);
}

/* Checking ------------------------------------------------------------------------ */

static void faults_have_a_place_and_a_reason(struct story *s)
{
	static const struct { const char *script, *policy, *says; } bad[] = {
		{ "return {", "play", "play.lua:1: unexpected symbol near" },
		{ "return {}", "play", "it has no hook" },
		{ REQUEST(""), "plai", "there is no plugin \"plai\"" },
		{ REQUEST(""), "play: {x: 1}", "unknown key \"x\"" },
		{ "return { request = print, options = { percent = { type = 'integer', max = 100 } } }",
		  "play: {percent: 101}", "100" },
		{ "return { request = print, options = { percent = { type = 'integer' } } }",
		  "play: {percnt: 1}", "did you mean \"percent\"?" },
		{ "return { request = print, options = { to = { type = 'service' } } }",
		  "play: {to: nowhere}", "nowhere" },
		{ "while true do end", "play", "it computed for more than its time" },
	};
	char config[1024];

	s->may_end_badly = true;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		gateway_writes_file(s->gateway, "play.lua", bad[i].script);
		(void)snprintf(config, sizeof(config), "%sroutes:\n  - policies:\n    - %s\n    to: app\n",
			       LUA, bad[i].policy);
		gateway_writes(s->gateway, config);
		assert_int_equal(gateway_checks(s->gateway), 1);
		if (strstr(gateway_log(s->gateway), bad[i].says) == NULL ||
		    strstr(gateway_log(s->gateway), "weir.yaml:") == NULL)
			fail_msg("%s: %s", bad[i].says, gateway_log(s->gateway));
		gateway_forgets_log(s->gateway);
	}
}

static void a_name_that_is_a_plugin_too_is_refused(struct story *s)
{
	s->may_end_badly = true;
	gateway_writes_file(s->gateway, "headers.lua", REQUEST(""));
	gateway_writes(s->gateway, LUA "routes: [{policies: [headers], to: app}]\n");

	assert_int_equal(gateway_checks(s->gateway), 1);

	assert_non_null(strstr(gateway_log(s->gateway), "is both a plugin and a Lua policy"));
}

/* As an operator does: save, and look. */
static void watched_scripts_reload_themselves(struct story *s)
{
	gateway_writes_file(s->gateway, "play.lua", REQUEST("req:reply(200, 'one')"));
	s->gateway->watches = true;
	story_starts(s, ROUTE_WITH("play"));
	story_reconnects(s);

	gateway_writes_file(s->gateway, "play.lua", REQUEST("req:reply(200, 'two')"));

	assert_true(eventually((client_gets(s->client, "/"),
				strcmp(s->client->answer.body, "two") == 0)));
}

static const struct CMUnitTest stories[] = {
	STORY(a_policy_reads_and_writes, NULL),
	STORY(it_answers_denies_and_redirects, NULL),
	STORY(bodies_are_read_within_limits_and_replaced, NULL),
	STORY(trailers_can_be_added, NULL),
	STORY(an_answer_that_is_not_wanted_is_asked_for_elsewhere, NULL),
	STORY(it_is_also_asked_for_when_weir_itself_answered, NULL),
	STORY(who_always_wants_another_gets_the_fifth, NULL),
	STORY(a_script_that_fails_is_named_with_its_line, NULL),
	STORY(who_wants_too_much_memory_is_told_apart, NULL),
	STORY(or_is_skipped_when_told_so, NULL),
	STORY(a_loop_costs_others_no_more_than_its_time, NULL),
	STORY(waits_are_many_at_once, NULL),
	STORY(a_client_that_leaves_ends_its_hook, NULL),
	STORY(an_edited_script_is_seen_at_a_reload, NULL),
	STORY(one_that_does_not_compile_changes_nothing, NULL),
	STORY(what_a_script_has_kept_survives_a_reload_that_does_not_concern_it, NULL),
	STORY(scripts_edited_under_load_cost_nobody_anything, NULL),
	STORY(watched_scripts_reload_themselves, NULL),
	STORY(faults_have_a_place_and_a_reason, NULL),
	STORY(a_name_that_is_a_plugin_too_is_refused, NULL),
};

int main(void)
{
	return TELL("lua", stories);
}
