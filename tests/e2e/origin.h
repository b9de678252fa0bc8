/* origin.h - an upstream that does what a story tells it to, and remembers what it was asked. */
#ifndef TESTS_E2E_ORIGIN_H
#define TESTS_E2E_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

/* One act is what an origin does with one request. Text is borrowed: literals, mostly. */
struct act {
	enum { ACT_ANSWER, ACT_SAY, ACT_PATTERN, ACT_ECHO, ACT_EVENTS, ACT_BY_PATH } kind;
	unsigned status;
	const char *headers;	/* whole lines with CRLF, or NULL */
	const char *text;	/* the body, or the raw bytes of ACT_SAY */
	uint64_t count;		/* bytes of the pattern, or events */
	bool chunked;
	enum { THEN_KEEP, THEN_CLOSE, THEN_RESET, THEN_HANG } then;
	bool unread;		/* at once, when the connection comes: no request is read */
	bool early;		/* when the head has come: the body is not read first */
	bool gated;		/* waits for origin_lets_go() before it begins */
	unsigned drip_ms;	/* between one byte and the next */
	unsigned sip_ms;	/* between one read of 16 KiB of the request body and the next */
};

struct act answers(unsigned status, const char *body);
struct act answers_with(unsigned status, const char *headers, const char *body);
struct act says(const char *raw);		/* these bytes, nothing else */
struct act gives(uint64_t bytes);		/* 200 and a pattern of that length */
struct act gives_chunked(uint64_t bytes);
struct act echoes(void);	/* 200; the body is the request's head and body as they came */
struct act sends_events(uint64_t count);	/* each waits for origin_lets_go() */
/* /status/503 /bytes/N /chunked/N /slow/MS /echo /reset /cut /hang /close, else 200 "ok". */
struct act obeys_the_path(void);

struct act closing(struct act a);	/* then closes */
struct act resetting(struct act a);	/* then resets */
struct act hanging(struct act a);	/* then says no more and keeps the connection */
struct act gated(struct act a);
struct act early(struct act a);
struct act unread(struct act a);
struct act dripping(struct act a, unsigned ms);
struct act sipping(struct act a, unsigned ms);

struct origin;

struct origin *origin_open(const char *name);	/* listens, answers 200 with its name */
void origin_close(struct origin *o);
const char *origin_address(const struct origin *o);	/* "127.0.0.1:PORT" */

void origin_always(struct origin *o, struct act a);		/* unless something else is said */
void origin_once(struct origin *o, struct act a);		/* the next request; these queue up */
void origin_at(struct origin *o, const char *path, struct act a);	/* for exactly this target */
void origin_lets_go(struct origin *o, unsigned times);		/* one gate, or one event, each */
void origin_refuses(struct origin *o);		/* connections from now on: nobody listens */
void origin_listens(struct origin *o);		/* again */
void origin_drops_connections(struct origin *o);	/* resets those that are open */

/* What it saw. "GET /x", or NULL for all. */
unsigned origin_count(struct origin *o, const char *method_and_target);
bool origin_sees(struct origin *o, const char *method_and_target, unsigned times);	/* waits */
unsigned origin_accepted(struct origin *o);	/* connections in all */
unsigned origin_open_now(struct origin *o);	/* connections at this moment */
bool origin_becomes_idle(struct origin *o);	/* waits until none is open */
/* The last request: lends until the next one comes. */
const char *origin_last_head(struct origin *o);
const char *origin_last_body(struct origin *o);
uint64_t origin_last_body_len(struct origin *o);
uint64_t origin_last_body_hash(struct origin *o);
const char *origin_last_trailers(struct origin *o);
struct weir_str origin_last_header(struct origin *o, const char *name);
bool origin_last_whole(struct origin *o);	/* its body came to its end */
uint64_t origin_body_bytes_read(struct origin *o);	/* of all requests, also unfinished ones */

#endif
