/* test_soak_policies.c - a dozen policies at once, C and Lua, while clients break off, the configuration
 * is reloaded and scripts are edited: nobody fails because of it, nobody stalls, nothing is left behind. */
#include "tests/e2e/story.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { CLIENTS = 10 };

/* Two configurations take turns: some uses are carried over, others are replaced while they are in use. */
#define CONFIG(turn, rate) \
	"listen: {edge: {address: \"${EDGE}\", policies: [security_headers, " \
	"stamp: {name: x-stamp, value: \"" turn "\"}]}}\n" \
	"plugins: {path: [\"${PLUGINS}\"]}\n" \
	"lua: {path: [\"${DIR}\"], time: 1s}\n" \
	"services:\n" \
	"  app: {endpoints: [\"${A}\", \"${B}\"]}\n" \
	"  other: {endpoints: [\"${C}\", \"${D}\"]}\n" \
	"routes:\n" \
	"  - {name: quick, match: {path: /quick}, respond: {status: 200, body: quick}}\n" \
	"  - name: all\n    to: app\n    timeout: 30s\n    policies:\n" \
	"      - rate_limit: {rates: [1000000/s, " rate "], key: [client.ip, header.x-user]}\n" \
	"      - concurrency: {limit: 3, key: header.x-user, queue: 100, wait: 25s}\n" \
	"      - headers: {request: {set: {x-turn: \"" turn " {method} {client.ip}\"}}}\n" \
	"      - fault: {delay: {by: 2ms, share: 10%}}\n" \
	"      - learner: {every: 3ms}\n" \
	"      - alarm\n" \
	"      - waiter: {sleep: 1ms, body: 1k, call: other}\n" \
	"        when: {method: POST}\n" \
	"      - tour: {key: header.x-user, say: \"{path.none} " turn "\"}\n" \
	"      - any:\n          - refuse: {missing: x-never}\n          - refuse: {path: /nowhere}\n" \
	"      - edited: {turn: \"" turn "\"}\n" \
	"      - sharing\n"

static const char *const turns[] = { CONFIG("one", "100000000/m"), CONFIG("two", "200000000/m") };

/* Edited under way; each edition says which it is. */
#define EDITED \
	"-- edited.lua - waits, calls, and says which edition it is.\n" \
	"local policy = { options = { turn = { type = 'text' } } }\n" \
	"function policy.request(req, options)\n" \
	"  req.headers['x-edition'] = '%u ' .. options.turn\n" \
	"  local ok = pcall(function() weir.sleep(weir.random() / 500) end)\n" \
	"  if not ok then error('a wait inside pcall has failed') end\n" \
	"  if weir.random() < 0.1 then\n" \
	"    local answer, why = weir.get('other', '/bytes/100')\n" \
	"    if not answer then error(why) end\n" \
	"    req.headers['x-called'] = #answer.body\n" \
	"  end\n" \
	"end\n" \
	"function policy.response(req, res, options)\n" \
	"  res.headers['x-edition'] = '%u'\n" \
	"end\n" \
	"return policy\n"

#define SHARING \
	"-- sharing.lua - uses what all workers share.\n" \
	"local policy = {}\n" \
	"function policy.request(req)\n" \
	"  local user = req:key('header.x-user')\n" \
	"  req.headers['x-times'] = weir.counter('times ' .. user, '1m')\n" \
	"  req.headers['x-price'] = weir.cache('price', '50ms', function()\n" \
	"    return weir.get('other', '/bytes/100').status\n" \
	"  end)\n" \
	"  weir.store:set('last ' .. user, { path = req.path })\n" \
	"end\n" \
	"function policy.done(req)\n" \
	"  weir.store:get('last')\n" \
	"end\n" \
	"return policy\n"

static void edit(struct story *s, unsigned edition)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), EDITED, edition, edition);
	gateway_writes_file(s->gateway, "edited.lua", text);
}

struct soaker {
	struct story *s;
	pthread_t thread;
	unsigned seed, number;
	atomic_bool *over;
	unsigned long asked, answered, wrong;
	double slowest;		/* of the quick ones */
	char first_wrong[512];
};

static unsigned dice(struct soaker *k, unsigned n)
{
	return (unsigned)rand_r(&k->seed) % n;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *const targets[] = {
	"/", "/status/404", "/bytes/100", "/bytes/70000", "/chunked/10", "/chunked/300000", "/slow/5", "/echo",
};

/* False: it broke off on purpose. */
static bool send_some(struct soaker *k, struct client *c, const char *target)
{
	char text[512];
	int n;

	if (dice(k, 4) == 0)
		n = snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nhost: x\r\nx-user: %u\r\n"
			     "content-length: 11\r\n\r\nhello there", target, k->number / 2);
	else
		n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: x\r\nx-user: %u\r\n\r\n", target,
			     k->number / 2);
	if (dice(k, 15) == 0) {
		(void)client_try_send(c, text, dice(k, (unsigned)n));
		return false;
	}
	return client_try_send(c, text, (size_t)n) && dice(k, 10) != 0;
}

/* The service never fails, and no policy refuses: whatever else comes is somebody's mistake. */
static void judge(struct soaker *k, const struct client *c, const char *target)
{
	unsigned status = wire_status(&c->answer), wanted = 200;

	k->answered++;
	(void)sscanf(target, "/status/%u", &wanted);
	if (status == wanted && wire_header(c->answer.head, "x-edition", 0).len > 0 &&
	    wire_header(c->answer.head, "x-stamp", 0).len > 0)
		return;
	if (k->wrong++ == 0)
		(void)snprintf(k->first_wrong, sizeof(k->first_wrong), "%s: %.400s", target,
			       c->answer.head);
}

static void *soak(void *arg)
{
	struct soaker *k = arg;

	while (!atomic_load(k->over)) {
		struct client *c = client_connect(k->s->edge);

		for (unsigned i = 0; i < 8; i++) {
			const char *target = targets[dice(k, ARRAY_LEN(targets))];

			k->asked++;
			if (!send_some(k, c, target) || !client_reads(c))
				break;
			judge(k, c, target);
		}
		dice(k, 2) == 0 ? client_aborts(c) : client_close(c);
	}
	return NULL;
}

/* A new connection each time, so that it comes to every worker. */
static void *ask_quickly(void *arg)
{
	struct soaker *k = arg;

	while (!atomic_load(k->over)) {
		double began = seconds_now(), took;

		k->answered++;
		if (get_once(k->s->edge, "/quick") != 200)
			k->wrong++;
		took = seconds_now() - began;
		k->slowest = took > k->slowest ? took : k->slowest;
		usleep(20000);
	}
	return NULL;
}

/* Every second something else: another edition, another configuration, now and then a script that does not
 * compile, which must change nothing. */
static void disturb(struct story *s, unsigned second)
{
	edit(s, second);
	usleep(300000);
	if (second % 4 == 3) {
		gateway_writes_file(s->gateway, "edited.lua", "return policy end\n");
		assert_int_not_equal(admin_post(s->gateway, "/reload"), 200);
		edit(s, second);
	}
	if (story_reloads(s, turns[second % 2]) != 200)
		fail_msg("%s", s->gateway->text);
	usleep(700000);
}

static void begin_all(struct soaker *soakers, struct story *s, atomic_bool *over)
{
	for (unsigned i = 0; i <= CLIENTS; i++) {
		soakers[i] = (struct soaker){ .s = s, .seed = i + 1, .number = i, .over = over };
		pthread_create(&soakers[i].thread, NULL, i < CLIENTS ? soak : ask_quickly, &soakers[i]);
	}
}

static void soak_for(struct story *s, unsigned seconds)
{
	struct soaker soakers[CLIENTS + 1], sum = { 0 };
	atomic_bool over = false;

	begin_all(soakers, s, &over);
	for (unsigned i = 0; i < seconds; i++)
		disturb(s, i);
	atomic_store(&over, true);
	for (unsigned i = 0; i <= CLIENTS; i++) {
		pthread_join(soakers[i].thread, NULL);
		sum.asked += soakers[i].asked;
		sum.answered += soakers[i].answered;
		sum.wrong += soakers[i].wrong;
		if (soakers[i].wrong > 0)
			print_message("%s\n", soakers[i].first_wrong);
	}
	print_message("%lu asked, %lu answered, %lu wrong; the slowest of the quick ones took %.0f ms\n",
		      sum.asked, sum.answered, sum.wrong, soakers[CLIENTS].slowest * 1000);
	assert_int_equal(sum.wrong, 0);
	assert_true(sum.answered > sum.asked / 4);
	assert_true(soakers[CLIENTS].slowest < 5);	/* a worker that is stuck would be ended later than that */
}

static double ended_by(struct story *s, const char *reason)
{
	char label[64];

	(void)snprintf(label, sizeof(label), "reason=\"%s\"", reason);
	return gateway_metric(s->gateway, "weir_reasons_total", label, NULL);
}

static void begins(struct story *s)
{
	struct origin *all[] = { s->a, s->b, s->c, s->d };
	char *folder = realpath("tests/plugins", NULL);

	assert_non_null(folder);
	gateway_knows(s->gateway, "PLUGINS", folder);
	free(folder);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		origin_always(all[i], obeys_the_path());
	edit(s, 0);
	gateway_writes_file(s->gateway, "sharing.lua", SHARING);
	story_starts(s, turns[1]);
}

static void a_dozen_policies_leave_nothing_behind(struct story *s)
{
	static const char *const never[] = { "policy-error", "internal", "out-of-memory", "overloaded", "refused",
					     "rate-limited", "concurrency-limited", "timeout" };
	unsigned descriptors;
	size_t before;
	pid_t child;

	begins(s);
	child = gateway_child(s->gateway);
	soak_for(s, 1);
	assert_true(gateway_is_idle(s->gateway));
	descriptors = gateway_descriptors(s->gateway) + 24;	/* pools: up to a few per endpoint */

	before = gateway_memory(s->gateway);
	soak_for(s, story_seconds(4));
	assert_memory_below(gateway_memory(s->gateway), before + (24 << 20));

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (ended_by(s, never[i]) > 0)
			fail_msg("%.0f requests ended with %s:\n%s", ended_by(s, never[i]), never[i],
				 gateway_log(s->gateway));
	story_is_at_baseline(s, descriptors);
	assert_int_equal(gateway_child(s->gateway), child);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_dozen_policies_leave_nothing_behind, NULL),
	};

	return TELL("soak_policies", stories);
}
