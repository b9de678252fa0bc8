/* test_lua_sharing.c - what policies call and what they share, before a running gateway with more than one
 * worker. */
#include "tests/e2e/story.h"

#include <stdlib.h>

#include "tests/e2e/load.h"

#define LUA_WITH(more) LISTEN \
	"lua: {path: [\"${DIR}\"]" more "}\nworkers: 2\n" \
	"services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${B}\", \"${C}\"]}}\n"
#define LUA LUA_WITH("")
#define ROUTE "routes: [{name: r, policies: [play], to: app}]\n"
#define CONFIG LUA ROUTE
#define REQUEST(body) \
	"local policy = {}\nfunction policy.request(req, options)\n" body "\nend\nreturn policy\n"

static void begins(struct story *s, const char *script)
{
	gateway_writes_file(s->gateway, "play.lua", script);
	story_starts(s, CONFIG);
	story_reconnects(s);
}

static void a_call_has_the_retries_of_its_service(struct story *s)
{
	origin_refuses(s->b);
	origin_always(s->c, answers_with(200, "x-from: C\r\n", "{\"rate\":7}"));
	begins(s, REQUEST("local res, why = weir.get('other', '/rates?code=42', {headers = {['x-one'] = '1'}})\n"
			  "if not res then req:reply(502, why) end\n"
			  "req:reply(200, res.headers['X-From'] .. res:json().rate)"));

	for (int i = 0; i < 4; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "C7");
	}

	assert_str(origin_last_header(s->c, "x-one"), "1");
	assert_true(str_starts(str_from(origin_last_head(s->c)), STR("GET /rates?code=42 HTTP/1.1\r\n")));
}

static void a_call_that_gets_no_answer_has_a_reason(struct story *s)
{
	origin_refuses(s->b);
	origin_refuses(s->c);
	begins(s, REQUEST("local res, why = weir.post('other', '/', {body = {a = 1}})\n"
			  "req:reply(200, tostring(res) .. ' ' .. why)"));

	client_gets(s->client, "/");

	client_saw(s->client, 200, "nil connect-refused");
}

static void a_policy_that_calls_its_own_route_is_stopped_by_the_circle(struct story *s)
{
	gateway_writes_file(s->gateway, "play.lua",
			    REQUEST("local res, why = weir.get('self', '/')\n"
				    "req:reply(200, res and res.body or why)"));
	story_starts(s, LISTEN "lua: {path: [\"${DIR}\"]}\n"
		     "services: {self: {endpoints: [\"${EDGE}\"]}}\n"
		     "routes: [{policies: [play], to: self}]\n");
	story_reconnects(s);

	client_gets(s->client, "/");

	client_saw(s->client, 200, NULL);	/* the innermost heard of the circle, and told all the others */
	assert_non_null(strstr(s->client->answer.body, "loop"));
}

static void a_sleep_ends_with_the_time_of_the_request(struct story *s)
{
	gateway_writes_file(s->gateway, "play.lua",
			    REQUEST("local ok, why = weir.sleep(0.001) req.log.short = tostring(ok)\n"
				    "ok, why = weir.sleep('1h') req.log.long = tostring(ok) .. why"));
	story_starts(s, LUA "routes: [{policies: [play], to: app, timeout: 200ms}]\n");
	story_reconnects(s);

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "timeout");
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "\"short\":\"true\""));
	assert_non_null(strstr(gateway_access_log(s->gateway), "\"long\":\"niltimeout\""));
}

static void a_policy_may_call_again_and_again(struct story *s)
{
	origin_always(s->b, gives(1000000));
	origin_always(s->c, gives(1000000));
	gateway_writes_file(s->gateway, "play.lua",
			    REQUEST("local n = 0 for i = 1, 12 do n = n + #weir.get('other', '/').body end\n"
				    "req.headers['x-n'] = n"));
	story_starts(s, LUA_WITH(", time: 20s") ROUTE);	/* to copy so much takes a sanitizer long */
	story_reconnects(s);

	client_gets(s->client, "/");

	client_saw(s->client, 200, "A");
	assert_str(origin_last_header(s->a, "x-n"), "12000000");
}

static void a_call_has_one_host_and_no_framing_of_its_own(struct story *s)
{
	origin_always(s->b, answers(200, "b"));
	origin_always(s->c, answers(200, "b"));
	begins(s, REQUEST("local res, why = weir.post('other', '/x', {body = 'abc', headers = {"
			  "host = 'api.example.com', ['content-length'] = '99', "
			  "['transfer-encoding'] = 'chunked', connection = 'x-two'}})\n"
			  "local bad = {{['x-a'] = 'b\\r\\nx-evil: 1'}, {['x a'] = 'b'}, {[''] = 'b'}}\n"
			  "for _, headers in ipairs(bad) do assert(weir.get('other', '/', {headers = headers}) == nil) end\n"
			  "req:reply(200, res.body)"));

	client_gets(s->client, "/");

	client_saw(s->client, 200, "b");
	for (int i = 0; i < 2; i++) {
		struct origin *o = i == 0 ? s->b : s->c;
		const char *head;

		if (origin_count(o, "POST /x") == 0)
			continue;
		head = origin_last_head(o);
		assert_str(origin_last_header(o, "host"), "api.example.com");
		assert_str(origin_last_header(o, "content-length"), "3");
		assert_null(strstr(head, "transfer-encoding"));
		assert_null(strstr(strstr(head, "host:") + 1, "host:"));
	}
}

/* Two workers ask once each at most; nobody else waits for more than that. */
static void what_many_want_is_asked_once_a_worker(struct story *s)
{
	struct load *load;
	struct load_count count;

	origin_at(s->b, "/slow", gated(answers(200, "v")));
	origin_at(s->c, "/slow", gated(answers(200, "v")));
	begins(s, REQUEST("local v = weir.cache('rates', '1m', function()\n"
			  "  return weir.get('other', '/slow').body end)\n"
			  "req:reply(200, v)"));
	load = load_start(s->edge, "/", 20, true);
	while (origin_count(s->b, "GET /slow") + origin_count(s->c, "GET /slow") == 0)
		(void)usleep(1000);
	(void)usleep(20000);
	origin_lets_go(s->b, 2);
	origin_lets_go(s->c, 2);
	assert_true(load_goes_on(load, 200));
	count = load_stop(load);

	assert_int_equal(count.wrong + count.cut + count.refused, 0);
	assert_in_range(origin_count(s->b, "GET /slow") + origin_count(s->c, "GET /slow"), 1, 2);
}

static void a_counter_is_one_for_all_workers(struct story *s)
{
	struct load *load;
	struct load_count count;
	char text[32];

	begins(s, REQUEST("if req.path == '/sum' then req:reply(200, weir.counter('n', '1h', 0)) end\n"
			  "weir.counter('n', '1h') req:reply(200, 'ok')"));
	load = load_start(s->edge, "/", 8, true);
	assert_true(load_goes_on(load, 500));
	count = load_stop(load);
	assert_true(gateway_is_idle(s->gateway));

	client_gets(s->client, "/sum");

	assert_int_equal(count.cut, 0);
	(void)snprintf(text, sizeof(text), "%lu", count.answered);
	client_saw(s->client, 200, text);
}

static void the_store_outlives_a_reload_and_an_edit(struct story *s)
{
	begins(s, REQUEST("weir.store:set('k', {a = {1, 2}}) req:reply(200, 'kept')"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "kept");

	gateway_writes_file(s->gateway, "play.lua",
			    REQUEST("req:reply(200, weir.json.encode(weir.store:get('k')))"));
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);

	for (int i = 0; i < 4; i++) {	/* whichever worker */
		story_reconnects(s);
		client_gets(s->client, "/");
		client_saw(s->client, 200, "{\"a\":[1,2]}");
	}
}

static void of_many_one_is_the_first(struct story *s)
{
	struct load *load;
	struct load_count count;

	begins(s, REQUEST("if weir.store:set_new('first', 1, '1h') then req:route_to('other') end"));
	load = load_start(s->edge, "/", 8, true);
	assert_true(load_goes_on(load, 100));
	count = load_stop(load);

	assert_int_equal(count.wrong + count.cut, 0);
	assert_int_equal(origin_count(s->b, NULL) + origin_count(s->c, NULL), 1);
}

static unsigned count_of(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void a_million_lines_are_a_few_and_the_reason_is_among_them(struct story *s)
{
	begins(s, REQUEST("for i = 1, 1000000 do weir.log.warn('noise', i) print('noise') end"));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 500, "policy-timeout");
	assert_true(gateway_logs(s->gateway, "play.lua:3: it computed for more than its time"));
	assert_in_range(count_of(gateway_log(s->gateway), "noise"), 1, 30);
}

/* Ten errors of its own in each second do not keep what Weir says of it from the log. */
static void who_cries_all_the_time_is_heard_when_it_fails(struct story *s)
{
	begins(s, REQUEST("for i = 1, 1000 do weir.log.error('wolf', i) end error('a real wolf')"));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 500, "policy-error");
	assert_true(gateway_logs(s->gateway, "play.lua:3: a real wolf"));
	assert_in_range(count_of(gateway_log(s->gateway), "wolf "), 1, 20);
}

static void what_start_says_reaches_the_log(struct story *s)
{
	begins(s, "local policy = {}\nprint('at the top')\n"
		  "function policy.start(options)\n  print('at the start')\nend\n"
		  "function policy.request(req) end\nreturn policy\n");

	assert_true(gateway_logs(s->gateway, "play.lua:2: at the top"));
	assert_true(gateway_logs(s->gateway, "play.lua:4: at the start"));
	assert_int_equal(count_of(gateway_log(s->gateway), "at the top"), 1);
}

static void a_stack_too_small_for_lua_is_refused(struct story *s)
{
	s->may_end_badly = true;
	gateway_writes_file(s->gateway, "play.lua", REQUEST(""));
	gateway_writes(s->gateway, "fiber_stack: 256k\n" CONFIG);

	assert_int_equal(gateway_checks(s->gateway), 1);

	assert_non_null(strstr(gateway_log(s->gateway), "needs `fiber_stack: 1m` or more, and it is 256k"));
}

static const struct CMUnitTest stories[] = {
	STORY(a_call_has_the_retries_of_its_service, NULL),
	STORY(a_call_that_gets_no_answer_has_a_reason, NULL),
	STORY(a_policy_that_calls_its_own_route_is_stopped_by_the_circle, NULL),
	STORY(a_sleep_ends_with_the_time_of_the_request, NULL),
	STORY(a_policy_may_call_again_and_again, NULL),
	STORY(a_call_has_one_host_and_no_framing_of_its_own, NULL),
	STORY(what_many_want_is_asked_once_a_worker, NULL),
	STORY(a_counter_is_one_for_all_workers, NULL),
	STORY(the_store_outlives_a_reload_and_an_edit, NULL),
	STORY(of_many_one_is_the_first, NULL),
	STORY(a_million_lines_are_a_few_and_the_reason_is_among_them, NULL),
	STORY(who_cries_all_the_time_is_heard_when_it_fails, NULL),
	STORY(what_start_says_reaches_the_log, NULL),
	STORY(a_stack_too_small_for_lua_is_refused, NULL),
};

int main(void)
{
	return TELL("lua_sharing", stories);
}
