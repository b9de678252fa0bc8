/* window_empty.c - what the host table answers before the upper floors have put in their part. */
#include "config.h"

#include <weir/exchange.h>

#include "core/plugin/window.h"

static struct weir_str no_part(const struct weir_exchange *ex, enum weir_part part)
{
	(void)ex, (void)part;
	return WEIR_ABSENT;
}

static struct weir_str no_named(const struct weir_exchange *ex, enum weir_named what,
				struct weir_str name)
{
	(void)ex, (void)what, (void)name;
	return WEIR_ABSENT;
}

static bool no_part_set(struct weir_exchange *ex, enum weir_part part, struct weir_str value)
{
	(void)ex, (void)part, (void)value;
	return false;
}

static bool no_pair(struct weir_exchange *ex, struct weir_str name, struct weir_str value)
{
	(void)ex, (void)name, (void)value;
	return false;
}

static struct weir_str no_header(const struct weir_exchange *ex, enum weir_side side,
				 struct weir_str name)
{
	(void)ex, (void)side, (void)name;
	return WEIR_ABSENT;
}

static struct weir_str no_header_at(const struct weir_exchange *ex, enum weir_side side,
				    struct weir_str name, uint32_t at)
{
	(void)ex, (void)side, (void)name, (void)at;
	return WEIR_ABSENT;
}

static uint32_t no_header_count(const struct weir_exchange *ex, enum weir_side side,
				struct weir_str name)
{
	(void)ex, (void)side, (void)name;
	return 0;
}

static bool no_header_nth(const struct weir_exchange *ex, enum weir_side side, uint32_t n,
			  struct weir_field *out)
{
	(void)ex, (void)side, (void)n, (void)out;
	return false;
}

static bool no_header_edit(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
			   struct weir_str value)
{
	(void)ex, (void)side, (void)name, (void)value;
	return false;
}

static uint32_t no_header_remove(struct weir_exchange *ex, enum weir_side side,
				 struct weir_str name)
{
	(void)ex, (void)side, (void)name;
	return 0;
}

static uint16_t no_status(const struct weir_exchange *ex)
{
	(void)ex;
	return 0;
}

static bool no_status_set(struct weir_exchange *ex, uint16_t status)
{
	(void)ex, (void)status;
	return false;
}

static bool no_route_to(struct weir_exchange *ex, struct weir_str service)
{
	(void)ex, (void)service;
	return false;
}

static void no_reply(struct weir_exchange *ex, const struct weir_reply *reply)
{
	(void)ex, (void)reply;
}

static void no_refuse(struct weir_exchange *ex, uint16_t status, struct weir_str why)
{
	(void)ex, (void)status, (void)why;
}

static void *no_alloc(struct weir_exchange *ex, size_t size)
{
	(void)ex, (void)size;
	return NULL;
}

static bool no_key_text(struct weir_exchange *ex, const struct weir_key *key,
			struct weir_str *out)
{
	(void)ex, (void)key;
	*out = WEIR_STR("");
	return false;
}

static bool no_key_hash(struct weir_exchange *ex, const struct weir_key *key, uint64_t *out)
{
	(void)ex, (void)key;
	*out = 0;
	return false;
}

static struct weir_str no_template(struct weir_exchange *ex, const struct weir_template *t)
{
	(void)ex, (void)t;
	return WEIR_ABSENT;
}

static uint32_t no_attempts(const struct weir_exchange *ex)
{
	(void)ex;
	return 0;
}

static uint64_t no_time_left(const struct weir_exchange *ex)
{
	(void)ex;
	return 0;
}

static enum weir_wait no_body(struct weir_exchange *ex, enum weir_side side, size_t most,
			      struct weir_str *out)
{
	(void)ex, (void)side, (void)most;
	*out = WEIR_ABSENT;
	return WEIR_NOT_HERE;
}

static bool no_body_set(struct weir_exchange *ex, enum weir_side side, struct weir_str body)
{
	(void)ex, (void)side, (void)body;
	return false;
}

static enum weir_wait no_call(struct weir_exchange *ex, const struct weir_call_request *request,
			      struct weir_call_reply *reply)
{
	(void)ex, (void)request, (void)reply;
	return WEIR_NOT_HERE;
}

static void no_call_done(struct weir_call_reply *reply)
{
	(void)reply;
}

static enum weir_wait no_resolve(struct weir_exchange *ex, struct weir_str name, int kind,
				 struct weir_resolved *out)
{
	(void)ex, (void)name, (void)kind, (void)out;
	return WEIR_NOT_HERE;
}

static void no_resolve_done(struct weir_resolved *resolved)
{
	(void)resolved;
}

static bool no_usable(const struct weir_pick *pick, uint32_t i)
{
	(void)pick, (void)i;
	return false;
}

static uint32_t no_in_flight(const struct weir_pick *pick, uint32_t i)
{
	(void)pick, (void)i;
	return 0;
}

static uint32_t no_weight(const struct weir_pick *pick, uint32_t i)
{
	(void)pick, (void)i;
	return 1;
}

static bool no_pick_key(const struct weir_pick *pick, const struct weir_key *key, uint64_t *hash)
{
	(void)pick, (void)key;
	*hash = 0;
	return false;
}

static struct weir_str no_watch_service(const struct weir_watch *watch)
{
	(void)watch;
	return WEIR_ABSENT;
}

static bool no_publish(struct weir_watch *watch, const struct weir_endpoint *endpoints,
		       uint32_t count, size_t endpoint_size, struct weir_error *error)
{
	(void)watch, (void)endpoints, (void)count, (void)endpoint_size;
	return weir_fail(error, "nothing listens to discovery here");
}

static void no_failed(struct weir_watch *watch, struct weir_str sentence)
{
	(void)watch, (void)sentence;
}

static void no_refuse_with(struct weir_exchange *ex, const struct weir_refusal *refusal)
{
	(void)ex, (void)refusal;
}

static void no_reason(struct weir_exchange *ex, struct weir_str reason)
{
	(void)ex, (void)reason;
}

static bool no_text(struct weir_exchange *ex, struct weir_str text)
{
	(void)ex, (void)text;
	return false;
}

static struct weir_str no_claim_at(const struct weir_exchange *ex, struct weir_str name,
				   uint32_t at)
{
	(void)ex, (void)name, (void)at;
	return WEIR_ABSENT;
}

static void no_use_ready(const struct weir_use *use, bool ready, struct weir_str sentence)
{
	(void)use, (void)ready, (void)sentence;
}

static struct weir_str no_peer(const struct weir_exchange *ex, enum weir_peer which, uint32_t at)
{
	(void)ex, (void)which, (void)at;
	return WEIR_ABSENT;
}

static bool no_key_compile(const struct weir_str *parts, uint32_t count, struct weir_own_key *out,
			   struct weir_error *error)
{
	(void)parts, (void)count;
	*out = (struct weir_own_key){ NULL, NULL };
	return weir_fail(error, "no keys are known here");
}

static int no_retry(struct weir_exchange *ex, struct weir_str service, uint64_t after_ns)
{
	(void)ex, (void)service, (void)after_ns;
	return 4;	/* WEIR_RETRY_NOT_HERE */
}

static bool no_errand(const struct weir_use *use, void (*fn)(const struct weir_here *, void *), void *arg)
{
	(void)use, (void)fn, (void)arg;
	return false;
}

static bool no_rewrite(struct weir_exchange *ex, enum weir_part part, struct weir_str value,
		       struct weir_error *error)
{
	(void)ex, (void)part, (void)value;
	return weir_fail(error, "there is no request here");
}

static uint64_t no_retry_after(struct weir_str value)
{
	(void)value;
	return 0;
}

static void no_key_free(struct weir_own_key *key)
{
	(void)key;
}

const struct weir_host window_empty = {
	.size = sizeof(window_empty), .major = WEIR_API_MAJOR, .minor = WEIR_API_NEWEST,
	.part = no_part, .named = no_named, .part_set = no_part_set, .claim_set = no_pair,
	.header = no_header, .header_at = no_header_at, .header_count = no_header_count,
	.header_nth = no_header_nth, .header_set = no_header_edit, .header_add = no_header_edit,
	.header_remove = no_header_remove, .status = no_status, .status_set = no_status_set,
	.route_to = no_route_to, .reply = no_reply, .refuse = no_refuse, .log_value = no_pair,
	.alloc = no_alloc, .key_text = no_key_text, .key_hash = no_key_hash,
	.template_text = no_template, .attempts = no_attempts, .time_left = no_time_left,
	.body_read = no_body, .body_set = no_body_set, .call = no_call,
	.call_done = no_call_done, .resolve = no_resolve, .resolve_done = no_resolve_done,
	.pick_usable = no_usable, .pick_in_flight = no_in_flight, .pick_weight = no_weight,
	.pick_key = no_pick_key, .watch_service = no_watch_service,
	.watch_publish = no_publish, .watch_failed = no_failed,
	.refuse_with = no_refuse_with, .identity_set = no_text, .claim_add = no_pair,
	.claim_at = no_claim_at, .use_ready = no_use_ready,
	.key_compile = no_key_compile, .key_free = no_key_free, .peer = no_peer,
	.retry = no_retry, .errand = no_errand, .retry_after = no_retry_after, .part_rewrite = no_rewrite,
	.failed = no_reason,
};
