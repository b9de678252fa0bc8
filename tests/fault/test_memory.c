/* test_memory.c - the n-th allocation fails, for each n: it is told or survived, without a crash. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/fault/failing.h"

#define CONFIG \
	"listen: {edge: {address: \"${EDGE}\", limits: {body: 1m}}}\n" \
	"services:\n" \
	"  app: {endpoints: [\"${A}\", \"${B}\"], health: {path: /healthz}}\n" \
	"  found: {discover: {file: \"${DIR}/endpoints.yaml\"}, balance: {ring_hash: {key: header.x-user}}}\n" \
	"routes:\n" \
	"  - {match: {path: \"/found/{id}\", method: GET}, rewrite: \"/{id}\", to: found}\n" \
	"  - {match: {path: {regex: \"/r/[0-9]+\"}}, redirect: {scheme: https}}\n" \
	"  - {to: app, retry: {attempts: 2}, mirror: found}\n" \
	"trace: {every: 10ms, patience: 100ms, flush: 10ms, export: [otlp: \"http://${A}/spans\", " \
	"zipkin: \"http://${SPARE}/\"]}\n"

static void prepare(struct story *s)
{
	char path[256];

	open_page(s);
	(void)snprintf(path, sizeof(path), "endpoints: [\"%s\"]\n", origin_address(s->c));
	gateway_writes_file(s->gateway, "endpoints.yaml", path);
	gateway_writes(s->gateway, CONFIG);
}

static void served(struct story *s, unsigned long n)
{
	if (!eventually(get_once(s->edge, "/") == 200))
		fail_msg("it does not serve any more after allocation %lu failed", n);
}

static void checking_a_configuration(struct story *s)
{
	prepare(s);
	checking_survives(s, 300);
}

static void starting(struct story *s)
{
	unsigned long all, n;

	prepare(s);
	arm(0);
	assert_true(gateway_start(s->gateway));
	all = disarm();
	assert_int_equal(gateway_stop(s->gateway), 0);

	for (n = 1; n <= all; n += step_for(all, 25)) {
		bool runs;
		int status;

		gateway_forgets_log(s->gateway);
		arm(n);
		runs = gateway_start(s->gateway);
		disarm();
		if (runs)
			served(s, n);
		else if (strlen(gateway_log(s->gateway)) < 10)
			fail_msg("allocation %lu of %lu: it did not start, without a sentence", n, all);
		status = gateway_stop(s->gateway);
		if (status < 0 || (runs && status != 0))
			fail_msg("allocation %lu of %lu: it ended with %d\n%s", n, all, status,
				 gateway_log(s->gateway));
	}
	tell_how_many(all, 25);
}

static void reloading(struct story *s)
{
	unsigned long all, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	arm(0);
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	all = disarm();

	for (n = 1; n <= all; n += step_for(all, 200)) {
		long status;

		arm(n);
		status = admin_post(s->gateway, "/reload");
		disarm();
		if (status >= 400 && strlen(s->gateway->text) < 10)
			fail_msg("allocation %lu of %lu: refused without a sentence", n, all);
		served(s, n);
		has_not_died(s, child, n, all);
	}
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	tell_how_many(all, 200);
}

/* One of each kind, on connections of their own so that everything is set up anew. */
static void ask_everything(struct story *s)
{
	static const char *const asked[] = {
		"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
		"GET /found/1?q HTTP/1.1\r\nhost: x\r\nx-user: 7\r\n\r\n",
		"GET /r/1 HTTP/1.1\r\nhost: x\r\n\r\n",
		"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello",
		"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"GET /%2e%2e HTTP/1.1\r\nhost: x\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct client *c = story_client(s);

		if (client_try_send(c, asked[i], strlen(asked[i])))
			(void)client_reads(c);
		client_close(c);
	}
}

static void requesting(struct story *s)
{
	unsigned long all = 0, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	served(s, 0);
	for (n = 1; n <= all + 1 && n < 2000; n += step_for(all, 100)) {
		origin_drops_connections(s->a);
		origin_drops_connections(s->b);
		arm(n);
		ask_everything(s);
		all = disarm_most(all);
		served(s, n);
		has_not_died(s, child, n, all);
	}
	assert_true(gateway_is_idle(s->gateway));
	print_message("%lu allocations, each failed\n", all);
}

/* The same in a process that has never served: its pools, slabs and buffers are still to be made. */
static void requesting_for_the_first_time(struct story *s)
{
	unsigned long all = 1, n;

	prepare(s);
	for (n = 1; n <= all && n < 1000; n += step_for(all, 10)) {
		gateway_forgets_log(s->gateway);
		assert_true(gateway_start(s->gateway));
		arm(n);
		ask_everything(s);
		all = disarm_most(all);
		served(s, n);
		if (gateway_stop(s->gateway) != 0)
			fail_msg("allocation %lu of %lu: it ended with %d\n%s", n, all,
				 s->gateway->status, gateway_log(s->gateway));
	}
	tell_how_many(all, 10);
}

static unsigned long count_requests(struct story *s, unsigned requests)
{
	arm(0);
	for (unsigned i = 0; i < requests; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, NULL);
	}
	return disarm();
}

static void a_request_on_the_hot_path_allocates_nothing(struct story *s)
{
	unsigned long few, many;

	prepare(s);
	gateway_writes(s->gateway, TWO_ENDPOINTS);
	assert_true(gateway_start(s->gateway));
	story_reconnects(s);
	(void)count_requests(s, 200);

	few = count_requests(s, 1000);
	many = count_requests(s, 10000);

	print_message("%lu allocations for 1,000 requests, %lu for 10,000\n", few, many);
	assert_in_range(many, 0, 100);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(checking_a_configuration, NULL),
		STORY(starting, NULL),
		STORY(reloading, NULL),
		STORY(requesting, NULL),
		STORY(requesting_for_the_first_time, NULL),
		STORY(a_request_on_the_hot_path_allocates_nothing, NULL),
	};

	return TELL("memory", stories);
}
