/* test_memory_access.c - the n-th allocation fails while somebody asks to come in: who may not, does not. */
#include "tests/e2e/tokens.h"
#include "tests/fault/failing.h"

/* openssl passwd -5 -salt saltsalt orange; sha256("key of acme") */
#define ORANGE "$5$saltsalt$NpqJP7gSMKSjkzC8ywX7cD.LmGwN7K/FZfI8A/ngrs3"
#define ACME "fb59bed05bd29dd4accc0ff9ecec97b417f3c1a13a5a93705cdbefca2275c00a"

#define CONFIG LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}, auth: {endpoints: [\"${B}\"]}}\n" \
	"routes:\n" \
	"  - {match: {path: /open}, to: app}\n" \
	"  - {match: {path: /jwt}, to: app, policies: [jwt: {issuers: [{jwks_file: \"${DIR}/keys.json\",\n" \
	"     any_audience: true}], headers: {x-user: sub}, claims: {role: admin}}]}\n" \
	"  - {match: {path: /key}, to: app, policies: [api_key: \"${DIR}/partners\"]}\n" \
	"  - {match: {path: /basic}, to: app, policies: [basic: \"${DIR}/users\"]}\n" \
	"  - {match: {path: /acl}, to: app, policies: [ip: {deny: 192.0.2.0/24},\n" \
	"     acl: {rules: [{deny: {path: /acl}}], otherwise: allow}]}\n" \
	"  - {match: {path: /ask}, to: app, policies: [forward_auth: {service: auth, headers: x-user}]}\n"

static void prepare(struct story *s)
{
	open_page(s);
	begins(s, NULL);
	origin_always(s->b, answers(401, ""));
	gateway_writes_file(s->gateway, "keys.json", keys);
	gateway_writes_file(s->gateway, "partners", ACME " acme\n");
	gateway_writes_file(s->gateway, "users", "ann:" ORANGE "\n");
	gateway_writes(s->gateway, CONFIG);
}

/* On a connection of its own; 0: no answer. */
static unsigned asks(struct story *s, const char *target, const char *headers)
{
	struct client *c = client_try_connect(s->edge);
	unsigned status = 0;
	char text[4096];

	if (c == NULL)
		return 0;
	(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: a\r\n%s\r\n", target, headers);
	if (client_try_send(c, text, strlen(text)) && client_reads(c))
		status = wire_status(&c->answer);
	client_close(c);
	return status;
}

static const char *bearer(const char *token)
{
	static char text[2][4096];
	static unsigned turn;
	char *out = text[turn++ % 2];

	(void)snprintf(out, sizeof(text[0]), "authorization: Bearer %s\r\nx-user: root\r\n", token);
	return out;
}

/* Who may come in gets in, or is told to come again; nobody else does. */
static void everybody_asks(struct story *s, unsigned long n)
{
	const struct { const char *target, *headers; } bad[] = {
		{ "/jwt", "" }, { "/jwt", bearer(mint_plain(&other, "k1", body("\"role\":\"admin\""))) },
		{ "/jwt", bearer(good("\"role\":\"guest\"")) }, { "/key", "x-api-key: wrong\r\n" },
		{ "/basic", "authorization: Basic YW5uOmFwcGxl\r\n" }, { "/acl", "" }, { "/ask", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		unsigned status = asks(s, bad[i].target, bad[i].headers);

		if (status == 200)
			fail_msg("allocation %lu failed, and %s let somebody in", n, bad[i].target);
	}
	(void)asks(s, "/jwt", bearer(good("\"role\":\"admin\"")));
	(void)asks(s, "/key", "x-api-key: key of acme\r\n");
	(void)asks(s, "/basic", "authorization: Basic YW5uOm9yYW5nZQ==\r\n");
}

static void asking_to_come_in(struct story *s)
{
	unsigned long all = 1, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	for (n = 1; n <= all && n < 5000; n += step_for(all, 120)) {
		arm(n);
		everybody_asks(s, n);
		all = disarm_most(all);
		has_not_died(s, child, n, all);
	}
	assert_int_equal(asks(s, "/jwt", bearer(good("\"role\":\"admin\""))), 200);
	assert_int_equal(asks(s, "/key", "x-api-key: key of acme\r\n"), 200);
	assert_int_equal(asks(s, "/basic", "authorization: Basic YW5uOm9yYW5nZQ==\r\n"), 200);
	assert_int_equal(asks(s, "/open", ""), 200);
	tell_how_many(all, 120);
}

static void coming_into_force(struct story *s)
{
	unsigned long all, n;
	pid_t child;

	prepare(s);
	assert_true(gateway_start(s->gateway));
	child = gateway_child(s->gateway);
	gateway_writes(s->gateway, CONFIG "  - {match: {path: /more}, to: app}\n");
	arm(0);
	assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	all = disarm();
	for (n = 1; n <= all; n += step_for(all, 60)) {
		gateway_writes_file(s->gateway, "users", "ann:" ORANGE "\n");	/* read again meanwhile */
		gateway_writes(s->gateway, n % 2 == 0 ? CONFIG : CONFIG "  - {match: {path: /more}, to: app}\n");
		arm(n);
		(void)admin_post(s->gateway, "/reload");
		disarm();
		has_not_died(s, child, n, all);
		assert_int_equal(asks(s, "/jwt", ""), 401);
	}
	tell_how_many(all, 60);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		TOKENS(asking_to_come_in),
		TOKENS(coming_into_force),
	};

	(void)brings;
	(void)refused;
	return TELL("memory_access", stories);
}
