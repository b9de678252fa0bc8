/* exchange.h - a request and its response, from the first byte to the log line. */
#ifndef CORE_PROXY_EXCHANGE_H
#define CORE_PROXY_EXCHANGE_H

#include <weir/policy.h>

#include "core/base/buffer.h"
#include "core/plugin/hold.h"
#include "core/proxy/attempt.h"
#include "core/proxy/chain.h"
#include "core/proxy/replay.h"
#include "core/proxy/session.h"
#include "core/proxy/trace.h"
#include "core/route/table.h"
#include "core/telemetry/record.h"
#include "core/upstream/pick.h"

enum { EXCHANGE_ARENA = 4 << 20 };	/* most bytes of an exchange's arena beside its limits */

struct tls_peer;
struct again_left;

struct claim {
	struct weir_str name, value;
};

/* Lives on one worker, on one fiber. The session's, or (without a client) one made by weir_call or a
 * mirror. Its arena and everything in it end with finish. */
struct exchange {
	struct proxy *proxy;
	struct session *session;		/* NULL: made inside */
	struct snapshot_reader *reader;		/* pinned */
	const struct listener_plan *listener;
	const struct plan *plan;		/* NULL until a route was found */
	struct arena arena;
	struct fiber *fiber;
	struct weir_str id_text;		/* x-request-id */

	/* the client's side */
	struct h1_stream client_h1;
	struct stream *client;			/* NULL: made inside */
	struct request req;
	struct weir_str peer_ip;		/* of the connection, in peer_room */
	struct weir_str client_ip;		/* trusted proxies looked through */
	struct weir_str path_and_query;		/* what the upstream gets */
	struct weir_str identity;
	const struct tls_peer *peer;		/* the client's verified certificate, or NULL */
	struct claim *claims;
	uint16_t claim_count, claim_room;
	uint16_t header_count;			/* of the request as it came */
	bool counted;				/* among the requests at work */
	bool peer_trusted;
	bool path_set;				/* a policy has: the route's rewrite does not apply */
	bool continue_owed;			/* 100 Continue before the body is read */

	/* the request's body */
	struct weir_str body;			/* when it is whole in hand */
	bool body_in_hand;			/* `body` is all of it (also when there is none) */
	struct buffer collected;		/* what a policy has read of it */
	struct weir_str beginning;		/* read and not yet sent; the rest is on its way */
	enum reason body_lost;			/* why a policy could not read it: it cannot be sent */
	struct replay replay;

	/* the upstream's side */
	struct service *service;		/* chosen by the plan or a policy */
	struct attempt attempt;			/* the current one */
	struct pick_ask ask;
	uint32_t attempts;
	bool admitted;				/* counted in the service's requests */
	bool forwarded;				/* the request's headers are as the upstream sees them */
	uint64_t route_until, all_until;
	struct deadline *policies;	/* the time of the chain that is being run, or NULL */

	/* the answer */
	struct response res;
	enum reason why;			/* REASON_NONE: the upstream's own answer */
	bool replied;				/* the answer is `reply`, not the upstream's */
	struct weir_str reply;			/* its body; also a policy's new body of an upstream's answer */
	bool body_replaced;			/* `reply` stands for the upstream's body */
	bool client_keeps;			/* the client's connection may go on */
	struct weir_str detail;			/* a sentence of a policy, for the problem document */
	struct weir_str allow;			/* methods, when only the method did not match */
	uint16_t refused_status;		/* of a policy's refusal; 0: the reason's own */
	enum reason refused_why;		/* NONE: just REFUSED */
	enum reason failed_why;			/* of the policy that fails now; NONE: it did not say */
	struct weir_field *refused_headers;	/* for the answer */
	uint32_t refused_count;
	struct buffer answer;			/* what a policy has read of the upstream's body */
	enum reason answer_lost;		/* why it could not read it: it cannot be relayed */
	struct headers trailers, req_trailers;
	struct weir_str *touched;		/* names of request headers that policies edit */
	uint16_t touched_count;
	bool head_sent;
	bool blocked;				/* the client did not take the last piece at once */
	bool hooks_ran;				/* the response hooks */
	struct {				/* a policy wants another answer */
		bool wanted;
		uint8_t count;			/* how often it was so */
		struct service *service;
		uint64_t after;			/* ns */
		struct again_left *left;	/* services that were left */
	} again;
	uint64_t ran;				/* a bit per policy whose request hook ran */
	char *scratch[STAGES];			/* of the policies' exchanges */
	struct hold_list holds;			/* what plugins hold on its behalf */
	struct exchange_trace trace;

	struct record record;
	struct route_found found;		/* captures */
	char peer_room[PEER_TEXT];
};

/* Before a new one begins in it. What stands from `record` on is not zeroed, but set when it is used. */
void exchange_clear(struct exchange *ex);
/* Serves one request of the session; false when the connection must end. On the session's fiber. */
bool exchange_serve(struct session *s);

/* The straight line behind it, one function per stage. */
enum reason exchange_admit(struct exchange *ex);	/* admit.c */
enum reason exchange_route(struct exchange *ex);	/* admit.c */
enum reason exchange_forward(struct exchange *ex);	/* forward.c: to a head in ex->res */
enum reason exchange_relay(struct exchange *ex);	/* relay.c: the upstream's answer to the client */
enum reason exchange_answer(struct exchange *ex);	/* answer.c: an answer of our own */
void exchange_finish(struct exchange *ex);		/* finish.c */
void exchange_let_go(struct exchange *ex);		/* finish.c: its last part */

/* Is the client (trusted proxies looked through) in one of them? admit.c */
bool exchange_client_in(const struct exchange *ex, const struct network_list *networks);

/* Runs the response hooks, route's then listener's, once: relay.c. */
void exchange_response_hooks(struct exchange *ex);
struct weir_str exchange_connection_word(const struct exchange *ex);
/* The window's opaque exchange is this one. */
static inline struct exchange *exchange_of(const struct weir_exchange *ex)
{
	return (struct exchange *)(uintptr_t)ex;
}

static inline struct weir_exchange *exchange_window(struct exchange *ex)
{
	return (struct weir_exchange *)ex;
}

static inline uint64_t exchange_now(const struct exchange *ex)
{
	return loop_now(&ex->proxy->worker->loop);
}

#endif
