/* wait.h - everything a hook may wait for. The fiber parks; the worker goes on with other
 * requests. */
#ifndef WEIR_WAIT_H
#define WEIR_WAIT_H

#include <weir/here.h>

/* May be called in policy and tracer hooks, `watch` and `background`; elsewhere: WEIR_NOT_HERE.
 * In `watch` and `background` `ex` is NULL. Hold no mutex across a wait. Every wait ends at the
 * latest with the exchange's own deadline (WEIR_TIMED_OUT). WEIR_CANCELLED: the exchange, or
 * the use, is ending; clean up and return; a verdict given after that is ignored. */

enum { WEIR_STACK = 256 * 1024 };	/* what a hook may use of its stack, callees included */

static inline enum weir_wait weir_sleep(struct weir_exchange *ex, uint64_t ns)
{
	return weir_host_slot->sleep(ex, ns);
}

/* Collects the body (up to `most` bytes) and lends it until the exchange ends; absent: there is
 * none. It is still sent on. WEIR_TOO_LARGE: nothing is lost, the request can go on unread. In
 * on_request. */
static inline enum weir_wait weir_read_body(struct weir_exchange *ex, size_t most,
					    struct weir_str *out)
{
	return weir_host_slot->body_read(ex, WEIR_REQUEST, most, out);
}

/* The same of the answer, in on_response. It turns a stream into a whole: ask only if you must. */
static inline enum weir_wait weir_read_response_body(struct weir_exchange *ex, size_t most,
						     struct weir_str *out)
{
	return weir_host_slot->body_read(ex, WEIR_RESPONSE, most, out);
}

/* Replaces the body, and its length; copies. False when there is no memory or no such message. */
#define weir_set_body(ex, body) weir_host_slot->body_set(ex, WEIR_REQUEST, WEIR_TEXT_OF(body))
#define weir_set_response_body(ex, body) \
	weir_host_slot->body_set(ex, WEIR_RESPONSE, WEIR_TEXT_OF(body))

/* A request of the plugin's own. Start from WEIR_CALL(). */
struct weir_call_request {
	size_t size;
	struct weir_str service;	/* a configured service, or */
	struct weir_str url;		/* any http:// or https:// URL */
	struct weir_str method;		/* absent: GET, or POST with a body */
	struct weir_str path;		/* with query; of `service`; absent: / */
	const struct weir_field *headers;
	size_t header_count;
	struct weir_str body;
	uint64_t timeout_ns;		/* in all; 0: 5 s */
	size_t most;			/* bytes of the answer's body; 0: 1 MiB */
	struct weir_str ca;		/* of https:// URLs: a file of authorities to believe (an option of
					 * type WEIR_PATH); absent: this machine's */
};

#define WEIR_CALL(...) { .size = sizeof(struct weir_call_request), __VA_ARGS__ }

/* With an exchange it lives until that ends, or sooner until weir_call_done(). Without one, end it
 * with weir_call_done(). */
struct weir_call_reply {
	size_t size;
	uint16_t status;		/* 0: there was no answer */
	struct weir_str body;
	const struct weir_field *headers;
	size_t header_count;
	struct weir_str reason;		/* the word, when there was no answer: connect-refused ... */
	void *hold;			/* the host's */
	struct weir_str detail;		/* further words on it, or absent; lives like the body */
};

/* Calls a service with its balancing, retries and tracing. WEIR_OK: there is an answer,
 * whatever its status. WEIR_UNKNOWN: no such service. WEIR_NO_ANSWER: reply->reason says why. */
static inline enum weir_wait weir_call(struct weir_exchange *ex,
				       const struct weir_call_request *request,
				       struct weir_call_reply *reply)
{
	*reply = (struct weir_call_reply){ .size = sizeof(*reply) };
	return weir_host_slot->call(ex, request, reply);
}

/* Calls request->url: one connection, no retries, no redirects followed. The certificate behind an
 * https:// URL is always verified, with its name: tls-verify and tls-name are reasons. */
static inline enum weir_wait weir_fetch(struct weir_exchange *ex,
					const struct weir_call_request *request,
					struct weir_call_reply *reply)
{
	return weir_call(ex, request, reply);
}

/* What the value of an answer's retry-after asks for, in ns from now: seconds, or a date. 0: nothing, or
 * it is past, or not understood; UINT64_MAX: a time without sense. Pure. Any thread. */
static inline uint64_t weir_retry_after(struct weir_str value)
{
	return weir_host_slot->retry_after(value);
}

static inline void weir_call_done(struct weir_call_reply *reply)
{
	weir_host_slot->call_done(reply);
}

/* DNS. The answer is sorted as it came; `ttl` is the smallest, in seconds. WEIR_UNKNOWN: NXDOMAIN;
 * WEIR_NO_DATA: the name has no such records; WEIR_NO_ANSWER: nobody could say. */
enum weir_record_kind { WEIR_RECORD_A = 1, WEIR_RECORD_AAAA = 28, WEIR_RECORD_SRV = 33 };

struct weir_record {
	struct weir_str target;		/* an address, or the name that an SRV record points to */
	uint16_t port, priority, weight;	/* of SRV */
};

struct weir_resolved {
	size_t size, record_size;	/* record_size: the step from one record to the next */
	const struct weir_record *records;
	uint32_t count, ttl;
	void *hold;			/* the host's: end it with weir_resolve_done() */
};

static inline enum weir_wait weir_resolve(struct weir_exchange *ex, struct weir_str name,
					  enum weir_record_kind kind, struct weir_resolved *out)
{
	*out = (struct weir_resolved){ .size = sizeof(*out),
				       .record_size = sizeof(struct weir_record) };
	return weir_host_slot->resolve(ex, name, (int)kind, out);
}

static inline void weir_resolve_done(struct weir_resolved *resolved)
{
	weir_host_slot->resolve_done(resolved);
}

/* Waits until a descriptor of the plugin's own (non-blocking) can be read, or else written. It
 * may be in one wait at a time. WEIR_NO_ANSWER: it cannot be watched. */
enum { WEIR_READABLE = 1, WEIR_WRITABLE = 2 };
static inline enum weir_wait weir_wait_fd(struct weir_exchange *ex, int fd, unsigned events,
					  uint64_t timeout_ns)
{
	return weir_host_slot->wait_fd(ex, fd, events, timeout_ns);
}

/* Runs fn(arg) on a helper thread: for a library that blocks. Returns when it has, even if
 * cancelled meanwhile. Helpers are few (8): WEIR_NO_MEMORY when none can be had. */
static inline enum weir_wait weir_offload(struct weir_exchange *ex, void (*fn)(void *), void *arg)
{
	return weir_host_slot->offload(ex, fn, arg);
}

/* In `background` and what it has sent: runs fn(here, arg) on a fiber of its own beside it, so that
 * one wait does not hold up the other. It may wait as `background` may and is cancelled with it, and
 * `close` comes when all have returned. False: 64 of this use run already, or it is ending; do it
 * yourself, or later. */
static inline bool weir_errand(const struct weir_here *here,
			       void (*fn)(const struct weir_here *here, void *arg), void *arg)
{
	return weir_host_slot->errand(here->use, fn, arg);
}

/* For threads of the plugin's own: take a ticket, hand it to the thread, wait for it. Waking
 * may come before the wait, more than once, and long after the exchange is over; it is harmless
 * each time. The thread must not touch the exchange, nor memory that lives with it. id 0: none
 * could be had. */
static inline struct weir_ticket weir_ticket_take(struct weir_exchange *ex)
{
	return weir_host_slot->ticket_take(ex);
}

static inline void weir_ticket_wake(struct weir_ticket ticket)	/* any thread; never waits */
{
	weir_host_slot->ticket_wake(ticket);
}

/* WEIR_OK: woken; the ticket is spent. Otherwise it can be waited for again. */
static inline enum weir_wait weir_ticket_wait(struct weir_exchange *ex, struct weir_ticket ticket,
					      uint64_t timeout_ns)
{
	return weir_host_slot->ticket_wait(ex, ticket, timeout_ns);
}

#endif
