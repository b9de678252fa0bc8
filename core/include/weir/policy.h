/* policy.h - the role of what stands in a chain: looks at requests and answers, and may end
 * them. */
#ifndef WEIR_POLICY_H
#define WEIR_POLICY_H

#include <weir/exchange.h>
#include <weir/here.h>
#include <weir/setup.h>

/* What a hook has decided. */
enum weir_verdict {
	WEIR_NEXT,	/* go on */
	WEIR_ANSWERED,	/* it called weir_reply(): that is the answer */
	WEIR_REFUSED,	/* it called weir_refuse(): `any:` and `on_error` may still go on */
	WEIR_FAILED,	/* could not decide: 500 policy-error, or skipped with on_error: continue */
};

/* What a policy is, for the checks of a configuration: nothing else changes. Say all that may be so. */
enum weir_policy_trait {
	WEIR_SETS_CLAIMS = 1,	/* it learns who the client is: weir_claim_set(). Routes that match on
				 * claims want one in the listener */
	WEIR_AUTHORISES = 2,	/* it refuses those who may not pass */
	WEIR_ANSWERS = 4,	/* it may answer in place of the upstream, a cache, say: so it belongs
				 * behind what authorises */
};

/* What `weir explain` is asked about. Absent is what the question does not say. It grows at the end. */
struct weir_question {
	size_t size;
	struct weir_str method, host, path, query, client, identity, listener;
	const struct weir_field *headers, *claims;
	size_t header_count, claim_count;
};

/* Hooks run on the worker, on the exchange's fiber, and may wait (wait.h). NULL ones cost
 * nothing. */
struct weir_policy {
	size_t size;
	size_t exchange_size;	/* zeroed bytes per exchange: here->exchange; 0: none */

	/* First to last, before the request goes upstream. */
	enum weir_verdict (*on_request)(const struct weir_here *here, struct weir_exchange *ex);

	/* Last to first, for the policies whose turn had come, once the head of the answer is there:
	 * the upstream's, or one made by Weir or a policy. WEIR_ANSWERED replaces it. */
	enum weir_verdict (*on_response)(const struct weir_here *here, struct weir_exchange *ex);

	/* Once, when all is over, however it ended; five seconds in all. For accounts, not for edits. */
	void (*on_done)(const struct weir_here *here, struct weir_exchange *ex);

	unsigned traits;	/* enum weir_policy_trait */

	/* What it would decide, from its options alone, and why in one sentence (weir_fail(said, ...)):
	 * for `weir explain`. WEIR_FAILED: the question does not say enough, and the sentence is what the
	 * policy wants, "a key of FILE, in x-api-key". Pure, as `check` is. May be NULL. [any thread] */
	enum weir_verdict (*explain)(const struct weir_setup *setup,
				     const struct weir_question *question, struct weir_error *said);
};

#define WEIR_POLICY(...) { .size = sizeof(struct weir_policy), __VA_ARGS__ }

/* A whole answer. Copied. Start from WEIR_REPLY(). */
struct weir_reply {
	size_t size;
	uint16_t status;		/* 200 .. 599 */
	struct weir_str content_type;	/* absent: text/plain; charset=utf-8, if there is a body */
	struct weir_str body;
	const struct weir_field *headers;
	size_t header_count;
};

#define WEIR_REPLY(...) { .size = sizeof(struct weir_reply), __VA_ARGS__ }

/* Answers instead of the upstream: `return weir_reply_with(ex, &answer);`. A policy that has
 * answered twice answers with the last. In on_request and on_response. */
static inline enum weir_verdict weir_reply_with(struct weir_exchange *ex,
						const struct weir_reply *answer)
{
	weir_host_slot->reply(ex, answer);
	return WEIR_ANSWERED;
}

static inline enum weir_verdict weir_reply_text(struct weir_exchange *ex, uint16_t status,
						struct weir_str body)
{
	struct weir_reply answer = WEIR_REPLY(.status = status, .body = body);

	return weir_reply_with(ex, &answer);
}

/* `return weir_reply(ex, 401, "who are you?\n");` */
#define weir_reply(ex, status, body) weir_reply_text(ex, status, WEIR_TEXT_OF(body))

static inline enum weir_verdict weir_refuse_text(struct weir_exchange *ex, uint16_t status,
						 struct weir_str why)
{
	weir_host_slot->refuse(ex, status, why);
	return WEIR_REFUSED;
}

/* Refuses with a problem document: `return weir_refuse(ex, 403, "not from this network");`.
 * `why` is shown to the client and in the log. */
#define weir_refuse(ex, status, why) weir_refuse_text(ex, status, WEIR_TEXT_OF(why))

/* A refusal with more to say. Copied. Start from WEIR_REFUSAL(). */
struct weir_refusal {
	size_t size;
	uint16_t status;		/* 400 .. 599; 0: the reason's own */
	struct weir_str reason;		/* a word that `weir reasons` knows; any other: refused */
	struct weir_str why;		/* shown to the client and in the log; absent: the reason's */
	const struct weir_field *headers;	/* www-authenticate, retry-after ... */
	size_t header_count;
};

#define WEIR_REFUSAL(...) { .size = sizeof(struct weir_refusal), __VA_ARGS__ }

/* `return weir_refuse_with(ex, &refusal);` */
static inline enum weir_verdict weir_refuse_with(struct weir_exchange *ex,
						 const struct weir_refusal *refusal)
{
	weir_host_slot->refuse_with(ex, refusal);
	return WEIR_REFUSED;
}

/* Fails for a reason that has a word of its own, one that `weir reasons` knows:
 * `return weir_failed(ex, WEIR_STR("policy-timeout"));`. */
static inline enum weir_verdict weir_failed(struct weir_exchange *ex, struct weir_str reason)
{
	weir_host_slot->failed(ex, reason);
	return WEIR_FAILED;
}

/* What came of wanting another answer. */
enum weir_retry_wish {
	WEIR_RETRY_FOLLOWS,	/* this answer is dropped when the hook returns; hooks see the next one */
	WEIR_RETRY_UNSAFE,	/* the request may not be repeated, or its body is gone */
	WEIR_RETRY_TOO_OFTEN,	/* four times in one exchange */
	WEIR_RETRY_UNKNOWN,	/* no such service */
	WEIR_RETRY_NOT_HERE,	/* nothing was sent yet, or the answer's head has left */
};

/* In on_response: drops the answer and sends the request again, `after_ns` from now, to `service` or, when
 * that is absent, where it went before. Only what is safe is repeated: an idempotent method or a
 * `repeatable` route, or a request of which nothing was sent. */
static inline enum weir_retry_wish weir_retry(struct weir_exchange *ex, struct weir_str service,
					      uint64_t after_ns)
{
	return (enum weir_retry_wish)weir_host_slot->retry(ex, service, after_ns);
}

#endif
