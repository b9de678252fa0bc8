/* client.c - a client to the letter. */
#include "tests/e2e/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

struct client *client_try_connect(const char *address)
{
	int fd = connect_to(address);
	struct client *c;

	if (fd < 0)
		return NULL;
	c = calloc(1, sizeof(*c));
	wire_init(&c->wire, fd);
	return c;
}

struct client *client_connect(const char *address)
{
	struct client *c = client_try_connect(address);

	if (c == NULL)
		fail_msg("cannot connect to %s: %s", address, strerror(errno));
	return c;
}

void client_close(struct client *c)
{
	if (c == NULL)
		return;
	wire_fini(&c->wire);
	wire_message_fini(&c->answer);
	free(c);
}

void client_aborts(struct client *c)
{
	wire_will_reset(&c->wire);
	client_close(c);
}

void client_half_closes(struct client *c)
{
	shutdown(c->wire.fd, SHUT_WR);
}

bool client_try_send(struct client *c, const void *data, size_t len)
{
	return wire_send(&c->wire, data, len);
}

void client_sends(struct client *c, const char *text)
{
	if (strncmp(text, "HEAD ", 5) == 0)
		c->asked_head = true;
	if (!wire_send(&c->wire, text, strlen(text)))
		fail_msg("the gateway did not take: %.60s", text);
}

void client_sends_pattern(struct client *c, uint64_t bytes)
{
	char some[32768];

	for (uint64_t at = 0; at < bytes; at += sizeof(some)) {
		size_t n = bytes - at < sizeof(some) ? (size_t)(bytes - at) : sizeof(some);

		pattern_fill(some, n, at);
		if (!wire_send(&c->wire, some, n))
			fail_msg("the gateway took only %llu of %llu bytes",
				 (unsigned long long)at, (unsigned long long)bytes);
	}
}

void client_asks(struct client *c, const char *method, const char *target)
{
	char text[8192];

	(void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nhost: a.example\r\n\r\n", method, target);
	client_sends(c, text);
}

bool client_reads_head(struct client *c)
{
	unsigned status;

	c->interim = 0;
	do {
		wire_message_fini(&c->answer);
		if (!wire_read_head(&c->wire, &c->answer))
			return false;
		status = wire_status(&c->answer);
		c->interim += status >= 100 && status < 200;
	} while (status >= 100 && status < 200 && status != 101);
	return status != 0;
}

bool client_reads_body(struct client *c)
{
	enum wire_side side = c->asked_head ? WIRE_RESPONSE_TO_HEAD : WIRE_RESPONSE;

	c->asked_head = false;
	return wire_read_body(&c->wire, &c->answer, side);
}

bool client_reads(struct client *c)
{
	return client_reads_head(c) && client_reads_body(c);
}

void client_hears(struct client *c, const char *text)
{
	for (;;) {
		struct wire *w = &c->wire;

		if (w->end > w->start && memmem(w->data + w->start, w->end - w->start, text,
						strlen(text)) != NULL)
			return;
		if (!wire_fill(w, HANG_MS))
			fail_msg("\"%s\" never came", text);
	}
}

static void reads_the_answer(struct client *c)
{
	if (!client_reads(c))
		fail_msg("no whole answer came: %s; its head: %s",
			 c->answer.trouble != NULL ? c->answer.trouble : "?", c->answer.head);
}

void client_gets(struct client *c, const char *target)
{
	client_asks(c, "GET", target);
	reads_the_answer(c);
}

void client_posts(struct client *c, const char *target, const char *body)
{
	char text[8192];

	(void)snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nhost: a.example\r\n"
		       "content-length: %zu\r\n\r\n%s", target, strlen(body), body);
	client_sends(c, text);
	reads_the_answer(c);
}

void client_saw(struct client *c, unsigned status, const char *body)
{
	if (wire_status(&c->answer) != status)
		fail_msg("wanted %u, got %s%s", status, c->answer.head, c->answer.body);
	if (body != NULL)
		assert_string_equal(c->answer.body, body);
}

struct weir_str client_header(struct client *c, const char *name)
{
	return wire_header(c->answer.head, name, 0);
}

void client_saw_header(struct client *c, const char *name, const char *value)
{
	struct weir_str got = client_header(c, name);

	if ((got.data == NULL) != (value == NULL) || (value != NULL && !str_eq(got, str_from(value))))
		fail_msg("wanted %s: %s, got \"%.*s\" in %s", name, value != NULL ? value : "(none)",
			 STR_ARG(got), c->answer.head);
}

void client_saw_reason(struct client *c, unsigned status, const char *reason)
{
	client_saw(c, status, NULL);
	client_saw_header(c, "weir-reason", reason);
	client_saw_header(c, "content-type", "application/problem+json");
}

void client_saw_the_end(struct client *c)
{
	while (c->wire.ended == WIRE_OPEN && c->wire.start == c->wire.end)
		(void)wire_fill(&c->wire, HANG_MS);
	if (c->wire.start < c->wire.end)
		fail_msg("more bytes came: %.*s", (int)(c->wire.end - c->wire.start),
			 c->wire.data + c->wire.start);
	if (c->wire.ended == WIRE_HUNG)
		fail_msg("the gateway kept the connection open");
}

void client_is_still_connected(struct client *c)
{
	struct pollfd p = { .fd = c->wire.fd, .events = POLLIN | POLLRDHUP };

	if (c->wire.start < c->wire.end || poll(&p, 1, 50) != 0)
		fail_msg("the gateway closed, or said something nobody asked for");
}

unsigned get_once(const char *address, const char *target)
{
	struct client *c = client_try_connect(address);
	char text[1024];
	unsigned status = 0;
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: a.example\r\n\r\n", target);

	if (c != NULL && client_try_send(c, text, (size_t)n) && client_reads(c))
		status = wire_status(&c->answer);
	client_close(c);
	return status;
}
