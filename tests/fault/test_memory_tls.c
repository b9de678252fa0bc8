/* test_memory_tls.c - the n-th allocation fails while certificates are read or hands are shaken. */
#include "tests/e2e/secure.h"
#include "tests/fault/failing.h"

#define CONFIG \
	"listen: {edge: {address: \"${EDGE}\", tls: {certs: [" CERTS_OF("edge") ", " CERTS_OF("shop") "], " \
	"client_ca: \"${CERTS}/ca.pem\", client_cert: optional, forward_client_cert: true}}, " \
	"plain: {address: \"${SPARE}\", routes: named}}\n" \
	"services:\n" \
	"  app: {endpoints: [\"${A}\"]}\n" \
	"  self: {endpoints: [\"${EDGE}\"], tls: {ca: \"${CERTS}/ca.pem\", server_name: edge.example, " \
	"cert: \"${CERTS}/client.pem\", key: \"${CERTS}/client.key\"}}\n" \
	"routes:\n" \
	"  - to: app\n" \
	"  - {match: {path: /self}, rewrite: /, to: self, retry: {attempts: 1}}\n"

static void prepare(struct story *s)
{
	open_page(s);
	gateway_writes(s->gateway, CONFIG);
}

static void served(struct story *s, unsigned long n)
{
	if (!eventually(gets_securely(s, "edge.example", "client", "/") == 200))
		fail_msg("it does not serve any more after allocation %lu failed\n%s", n,
			 gateway_log(s->gateway));
}

static void reading_certificates(struct story *s)
{
	s->may_end_badly = true;
	prepare(s);
	checking_survives(s, 200);
}

static void reloading_certificates(struct story *s)
{
	unsigned long all, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	arm(0);
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	all = disarm();

	for (n = 1; n <= all; n += step_for(all, 60)) {
		arm(n);
		(void)admin_post(s->gateway, "/reload");
		disarm();
		served(s, n);
		has_not_died(s, child, n, all);
	}
	tell_how_many(all, 60);
}

static void shaking_hands(struct story *s)
{
	unsigned long all = 0, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	served(s, 0);
	for (n = 1; n <= all + 1 && n < 20000; n += step_for(all, 100)) {
		arm(n);
		(void)gets_securely(s, "edge.example", "client", "/self");
		all = disarm_most(all);
		served(s, n);
		has_not_died(s, child, n, all);
	}
	assert_true(gateway_is_idle(s->gateway));
	tell_how_many(all, 100);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(reading_certificates, NULL),
		STORY(reloading_certificates, NULL),
		STORY(shaking_hands, NULL),
	};

	return cmocka_run_group_tests_name("memory tls", stories, secure_begin, secure_end);
}
