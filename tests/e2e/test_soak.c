/* test_soak.c - mixed traffic with aborts, faults and reloads, and at the end all is as before. */
#include "tests/e2e/story.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { CLIENTS = 12 };

#define MIXED LISTEN \
	"timeouts: {head: 2s, body: 2s}\n" \
	"defaults: {service: {eject: {after: 20, for: 200ms}, timeouts: {first_byte: 1s, between_bytes: 1s}}}\n" \
	"services:\n" \
	"  app: {endpoints: [\"${A}\", \"${B}\", \"${C}\", \"${SPARE}\"]}\n" \
	"  slow: {endpoints: [\"${D}\"], limits: {requests: 8, queue: 4}}\n" \
	"routes:\n" \
	"  - {match: {path: /slow/*}, to: slow, timeout: 1s}\n" \
	"  - {to: app, timeout: 3s, mirror: {to: slow, share: 2%}}\n"

struct soaker {
	struct story *s;
	pthread_t thread;
	unsigned seed;
	atomic_bool *over;
	unsigned long asked, answered, aborted, wrong;
};

static const char *const targets[] = {
	"/", "/status/503", "/status/404", "/bytes/100", "/bytes/70000", "/bytes/2000000",
	"/chunked/10", "/chunked/300000", "/slow/5", "/slow/50", "/reset", "/cut", "/close", "/echo",
	"/hang",
};

static unsigned dice(struct soaker *k, unsigned n)
{
	return (unsigned)rand_r(&k->seed) % n;
}

/* Sends one request of some kind; false: the connection is over. */
static bool send_some(struct soaker *k, struct client *c, const char *target)
{
	static const char *const methods[] = { "GET", "GET", "GET", "HEAD", "DELETE" };
	const char *method = methods[dice(k, ARRAY_LEN(methods))];
	char text[512];
	int n;

	if (dice(k, 3) == 0)
		n = snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n"
			     "hello there", dice(k, 2) == 0 ? "POST" : "PUT", target);
	else if (dice(k, 5) == 0)
		n = snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nhost: x\r\n"
			     "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", target);
	else
		n = snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nhost: x\r\n\r\n", method, target);
	c->asked_head = strncmp(text, "HEAD ", 5) == 0;
	if (dice(k, 20) == 0)	/* a part of it, and then away */
		n = (int)dice(k, (unsigned)n);
	return client_try_send(c, text, (size_t)n) && dice(k, 20) != 0;
}

/* What has come must be what was asked for, or one of Weir's own reasons. */
static void judge(struct soaker *k, const struct client *c, const char *target)
{
	unsigned status = wire_status(&c->answer), wanted = 200;
	bool own = wire_header(c->answer.head, "weir-reason", 0).data != NULL;

	k->answered++;
	if (own || strcmp(target, "/hang") == 0)
		return;
	(void)sscanf(target, "/status/%u", &wanted);
	if (status != wanted)
		k->wrong++;
	if (strncmp(target, "/bytes/", 7) == 0 && c->answer.body_len > 0 &&
	    c->answer.body_hash != pattern_hash(strtoul(target + 7, NULL, 10)))
		k->wrong++;
}

static void ask_along(struct soaker *k, struct client *c)
{
	for (unsigned i = 0; i < 10; i++) {
		const char *target = targets[dice(k, ARRAY_LEN(targets))];

		k->asked++;
		if (!send_some(k, c, target))
			return;
		if (!client_reads(c))
			return;
		judge(k, c, target);
		if (str_eq_nocase(client_header(c, "connection"), STR("close")))
			return;
	}
}

static void *soak(void *arg)
{
	struct soaker *k = arg;

	while (!atomic_load(k->over)) {
		struct client *c = client_try_connect(k->s->edge);

		if (c == NULL) {
			k->wrong++;
			usleep(10000);
			continue;
		}
		ask_along(k, c);
		k->aborted++;
		dice(k, 2) == 0 ? client_aborts(c) : client_close(c);
	}
	return NULL;
}

static void soak_for(struct story *s, unsigned seconds)
{
	struct soaker soakers[CLIENTS] = { 0 }, sum = { 0 };
	atomic_bool over = false;

	for (unsigned i = 0; i < CLIENTS; i++) {
		soakers[i] = (struct soaker){ .s = s, .seed = i + 1, .over = &over };
		pthread_create(&soakers[i].thread, NULL, soak, &soakers[i]);
	}
	for (unsigned i = 0; i < seconds * 2; i++) {
		usleep(500000);
		if (i % 4 == 3)
			assert_int_equal(admin_post(s->gateway, "/reload"), 200);
	}
	atomic_store(&over, true);
	for (unsigned i = 0; i < CLIENTS; i++) {
		pthread_join(soakers[i].thread, NULL);
		sum.asked += soakers[i].asked;
		sum.answered += soakers[i].answered;
		sum.aborted += soakers[i].aborted;
		sum.wrong += soakers[i].wrong;
	}
	print_message("%lu asked, %lu answered, %lu connections, %lu wrong\n", sum.asked, sum.answered,
		      sum.aborted, sum.wrong);
	assert_int_equal(sum.wrong, 0);
	assert_true(sum.answered > sum.asked / 4);
}

static void mixed_traffic_leaves_nothing_behind(struct story *s)
{
	pid_t child = gateway_child(s->gateway);
	struct origin *all[] = { s->a, s->b, s->c, s->d };
	unsigned descriptors;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		origin_always(all[i], obeys_the_path());
	soak_for(s, 1);
	assert_true(gateway_is_idle(s->gateway));
	descriptors = gateway_descriptors(s->gateway) + 16;	/* pools: up to a few per endpoint */

	soak_for(s, story_seconds(4));

	story_is_at_baseline(s, descriptors);
	assert_int_equal(gateway_child(s->gateway), child);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(mixed_traffic_leaves_nothing_behind, MIXED),
	};

	return TELL("soak", stories);
}
