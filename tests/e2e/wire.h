/* wire.h - bytes on a socket as the tests see them: one message at a time, read to the letter. */
#ifndef TESTS_E2E_WIRE_H
#define TESTS_E2E_WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

/* Nothing in a story may last longer than this: it ends tests that hang, it decides none. */
enum { HANG_MS = 20000 };

enum wire_end { WIRE_OPEN, WIRE_EOF, WIRE_RESET, WIRE_HUNG };

/* A socket and what was read from it but not yet asked for. */
struct wire {
	int fd;
	char *data;
	size_t start, end, room;
	enum wire_end ended;
	unsigned sip_ms;			/* waits so long before each read of at most 16 KiB */
	atomic_uint_fast64_t *counted;		/* body bytes are added here as they come, or NULL */
};

enum { WIRE_KEEPS = 1 << 20 };	/* bytes of a body that are kept; the rest is counted and hashed */

/* One message as it came. Bad framing is said in `trouble`. */
struct wire_message {
	char *head;		/* with all its CRLFs and the empty line; ends with NUL */
	char *body;		/* decoded; ends with NUL */
	char *trailers;		/* as they came, without the empty line; "" when none */
	size_t body_len, kept;
	uint64_t body_hash;
	unsigned chunks;
	bool chunked, whole;
	const char *trouble;	/* NULL: nothing */
};

/* What tells where a message ends, besides its own head. */
enum wire_side { WIRE_REQUEST, WIRE_RESPONSE, WIRE_RESPONSE_TO_HEAD };

void wire_init(struct wire *w, int fd);
void wire_fini(struct wire *w);		/* closes the socket */
void wire_will_reset(struct wire *w);	/* the close that follows is a reset */

/* Waits for more bytes; false when there are none to come within the bound (see `ended`). */
bool wire_fill(struct wire *w, int timeout_ms);
bool wire_send(struct wire *w, const void *data, size_t len);	/* false: the other side is gone */

/* False when the other side ended before a whole head. The message owns what it holds. */
bool wire_read_head(struct wire *w, struct wire_message *m);
/* Reads the body as the head says; false when it was cut or badly framed. */
bool wire_read_body(struct wire *w, struct wire_message *m, enum wire_side side);
void wire_message_fini(struct wire_message *m);

unsigned wire_status(const struct wire_message *m);
/* The n-th value of a header in a head or trailer section, trimmed; absent when there is none. */
struct weir_str wire_header(const char *head, const char *name, unsigned n);

/* A body of any length whose bytes are known: what is at `offset`. */
void pattern_fill(char *at, size_t len, uint64_t offset);
uint64_t pattern_hash(uint64_t len);

int listen_on_loopback(uint16_t *port);	/* 0: any free one; gives a socket, bound, not yet listening */
int connect_to(const char *address);	/* "127.0.0.1:80" or "unix:PATH"; -1: errno says why */

/* A loopback port that nobody can connect to: its queue is full, and connecting takes for ever. */
struct deaf {
	int listener, queued[4];
	char address[32];
};
void deaf_open(struct deaf *d);
void deaf_close(struct deaf *d);

/* Runs the condition again and again until it is true; false: the bound passed. */
#define eventually(condition) \
	({ \
		int left_ = HANG_MS / 5; \
		bool true_; \
		while (!(true_ = (condition)) && left_-- > 0) \
			usleep(5000); \
		true_; \
	})

#endif
