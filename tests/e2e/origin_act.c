/* origin_act.c - the acts: what an origin does with one request. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/e2e/origin_inside.h"

struct act answers(unsigned status, const char *body)
{
	return (struct act){ .kind = ACT_ANSWER, .status = status, .text = body };
}

struct act answers_with(unsigned status, const char *headers, const char *body)
{
	return (struct act){ .kind = ACT_ANSWER, .status = status, .headers = headers, .text = body };
}

struct act says(const char *raw)
{
	return (struct act){ .kind = ACT_SAY, .text = raw };
}

struct act gives(uint64_t bytes)
{
	return (struct act){ .kind = ACT_PATTERN, .count = bytes };
}

struct act gives_chunked(uint64_t bytes)
{
	return (struct act){ .kind = ACT_PATTERN, .count = bytes, .chunked = true };
}

struct act echoes(void)
{
	return (struct act){ .kind = ACT_ECHO };
}

struct act sends_events(uint64_t count)
{
	return (struct act){ .kind = ACT_EVENTS, .count = count };
}

struct act obeys_the_path(void)
{
	return (struct act){ .kind = ACT_BY_PATH };
}

struct act closing(struct act a)
{
	a.then = THEN_CLOSE;
	return a;
}

struct act resetting(struct act a)
{
	a.then = THEN_RESET;
	return a;
}

struct act hanging(struct act a)
{
	a.then = THEN_HANG;
	return a;
}

struct act gated(struct act a)
{
	a.gated = true;
	return a;
}

struct act early(struct act a)
{
	a.early = true;
	return a;
}

struct act unread(struct act a)
{
	a.unread = true;
	return a;
}

struct act dripping(struct act a, unsigned ms)
{
	a.drip_ms = ms;
	return a;
}

struct act sipping(struct act a, unsigned ms)
{
	a.sip_ms = ms;
	return a;
}

/* Counts what comes, so that a story can see back-pressure before the body is whole. */
bool origin_read_body(struct guest *g, struct act a, struct wire_message *m)
{
	struct weir_str expect = wire_header(m->head, "expect", 0);
	bool whole;

	if (expect.data != NULL && !wire_send(&g->wire, "HTTP/1.1 100 Continue\r\n\r\n", 25))
		return false;
	g->wire.sip_ms = a.sip_ms;
	g->wire.counted = &g->origin->body_bytes;
	whole = wire_read_body(&g->wire, m, WIRE_REQUEST);
	g->wire.counted = NULL;
	g->wire.sip_ms = 0;
	return whole;
}

static bool send_text(struct guest *g, const char *text, unsigned drip_ms)
{
	if (drip_ms == 0)
		return wire_send(&g->wire, text, strlen(text));
	for (; *text != '\0' && !atomic_load(&g->origin->stopping); text++) {
		if (!wire_send(&g->wire, text, 1))
			return false;
		usleep(drip_ms * 1000);
	}
	return true;
}

static bool is_head(const struct wire_message *m)
{
	return m->head != NULL && strncmp(m->head, "HEAD ", 5) == 0;
}

static bool send_answer(struct guest *g, struct act a, const struct wire_message *m)
{
	const char *body = a.text != NULL ? a.text : "", *headers = a.headers != NULL ? a.headers : "";
	size_t room = strlen(body) + strlen(headers) + 256, len;
	char *all = malloc(room);
	bool sent;

	len = (size_t)snprintf(all, room, "HTTP/1.1 %u Because\r\n%s", a.status, headers);
	if (a.status != 204 && a.status != 304)
		len += (size_t)snprintf(all + len, room - len, "content-length: %zu\r\n", strlen(body));
	(void)snprintf(all + len, room - len, "x-origin: %s\r\n\r\n%s", g->origin->name,
		       is_head(m) ? "" : body);
	sent = send_text(g, all, a.drip_ms);
	free(all);
	return sent;
}

static bool send_chunk(struct guest *g, const char *data, size_t len)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%zx\r\n", len);

	return wire_send(&g->wire, line, (size_t)n) && wire_send(&g->wire, data, len) &&
		wire_send(&g->wire, "\r\n", 2);
}

static bool send_pattern(struct guest *g, struct act a, const struct wire_message *m)
{
	char head[128], some[32768];

	if (a.chunked)
		(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
	else
		(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\ncontent-length: %llu\r\n\r\n",
			       (unsigned long long)a.count);
	if (!send_text(g, head, 0))
		return false;
	if (is_head(m))
		return true;
	for (uint64_t at = 0; at < a.count; at += sizeof(some)) {
		size_t n = a.count - at < sizeof(some) ? (size_t)(a.count - at) : sizeof(some);

		pattern_fill(some, n, at);
		if (!(a.chunked ? send_chunk(g, some, n) : wire_send(&g->wire, some, n)))
			return false;
	}
	return !a.chunked || send_text(g, "0\r\n\r\n", 0);
}

static bool send_echo(struct guest *g, const struct wire_message *m)
{
	char head[128];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\n\r\n",
		       strlen(m->head) + m->kept);
	return send_text(g, head, 0) && send_text(g, m->head, 0) &&
		wire_send(&g->wire, m->body, m->kept);
}

static bool send_events(struct guest *g, struct act a)
{
	char event[64];

	if (!send_text(g, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
		       "transfer-encoding: chunked\r\n\r\n", 0))
		return false;
	for (uint64_t i = 1; i <= a.count; i++) {
		int n = snprintf(event, sizeof(event), "data: %llu\n\n", (unsigned long long)i);

		if (!origin_wait_gate(g->origin) || !send_chunk(g, event, (size_t)n))
			return false;
	}
	return send_text(g, "0\r\n\r\n", 0);
}

/* The act that the target names: for mixed traffic. */
static struct act act_of_path(const struct wire_message *m, unsigned *ms)
{
	char word[32] = "";
	unsigned long n = 0;

	if (m->head == NULL || sscanf(m->head, "%*s /%31[a-z]/%lu", word, &n) < 1)
		return answers(200, "ok");
	if (strcmp(word, "status") == 0)
		return answers((unsigned)n, "as asked");
	if (strcmp(word, "bytes") == 0)
		return gives(n);
	if (strcmp(word, "chunked") == 0)
		return gives_chunked(n);
	if (strcmp(word, "echo") == 0)
		return echoes();
	if (strcmp(word, "reset") == 0)
		return resetting(says(""));
	if (strcmp(word, "cut") == 0)
		return closing(says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"));
	if (strcmp(word, "hang") == 0)
		return hanging(says(""));
	if (strcmp(word, "close") == 0)
		return closing(answers_with(200, "connection: close\r\n", "bye"));
	if (strcmp(word, "slow") == 0)
		*ms = (unsigned)(n > 100 ? 100 : n);
	return answers(200, "ok");
}

static bool perform(struct guest *g, struct act a, struct wire_message *m)
{
	switch (a.kind) {
	case ACT_ANSWER:
		return send_answer(g, a, m);
	case ACT_SAY:
		return send_text(g, a.text, a.drip_ms);
	case ACT_PATTERN:
		return send_pattern(g, a, m);
	case ACT_ECHO:
		return send_echo(g, m);
	case ACT_EVENTS:
		return send_events(g, a);
	case ACT_BY_PATH:
		break;
	}
	return false;
}

bool origin_act(struct guest *g, struct act a, struct wire_message *m)
{
	unsigned ms = 0;

	if (a.kind == ACT_BY_PATH)
		a = act_of_path(m, &ms);
	usleep(ms * 1000);
	if (a.gated && !origin_wait_gate(g->origin))
		return false;
	if (!perform(g, a, m))
		return false;
	if (a.then == THEN_KEEP && a.early)
		return origin_read_body(g, a, m);
	if (a.then == THEN_HANG)
		while (wire_fill(&g->wire, HANG_MS))
			;
	if (a.then == THEN_RESET)
		wire_will_reset(&g->wire);
	return a.then == THEN_KEEP;
}
