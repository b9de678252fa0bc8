/* client.h - a client that says exactly what a story wants, and holds what it hears against the letter. */
#ifndef TESTS_E2E_CLIENT_H
#define TESTS_E2E_CLIENT_H

#include <stdbool.h>

#include "tests/e2e/wire.h"

/* One connection. `answer` is the last response that was read, `interim` counts the 1xx before it.
 * Everything here that does not say "try" or give a bool ends the test when it is not so. */
struct client {
	struct wire wire;
	struct wire_message answer;
	unsigned interim;
	bool asked_head;	/* the request that waits for its answer is a HEAD */
};

struct client *client_connect(const char *address);
struct client *client_try_connect(const char *address);	/* NULL: nobody listens */
void client_close(struct client *c);	/* NULL is fine */
void client_aborts(struct client *c);	/* closes with a reset; `c` is gone */
void client_half_closes(struct client *c);

/* Sending. A text is sent as it is: every CRLF is the story's. */
void client_sends(struct client *c, const char *text);
bool client_try_send(struct client *c, const void *data, size_t len);
void client_sends_pattern(struct client *c, uint64_t bytes);
void client_asks(struct client *c, const char *method, const char *target);	/* no body */

/* Reading. */
bool client_reads(struct client *c);		/* one final response, whole; false: it was not */
bool client_reads_head(struct client *c);	/* only its head: the body follows by the next two */
void client_hears(struct client *c, const char *text);	/* raw, until that has come; keeps it */
bool client_reads_body(struct client *c);

/* Both. */
void client_gets(struct client *c, const char *target);
void client_posts(struct client *c, const char *target, const char *body);

/* What came. */
void client_saw(struct client *c, unsigned status, const char *body);	/* body NULL: any */
void client_saw_header(struct client *c, const char *name, const char *value);	/* NULL: absent */
void client_saw_reason(struct client *c, unsigned status, const char *reason);
struct weir_str client_header(struct client *c, const char *name);
void client_saw_the_end(struct client *c);	/* no further byte, and the other side closed */
void client_is_still_connected(struct client *c);	/* nothing came and it did not close */

/* A connection of its own for one request. Gives the status; 0 when no whole answer came. */
unsigned get_once(const char *address, const char *target);

#endif
