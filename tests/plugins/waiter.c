/* waiter.c - a test plugin that waits wherever one may: sleeps, reads the body, calls a service. */
#include <weir/plugin.h>

#include <stdlib.h>

struct waiter {
	uint64_t sleep;
	struct weir_str call;
	size_t body;
};

/* Proves that the exchange's bytes survive the waits. */
struct scratch {
	uint32_t waits;
};

static enum weir_verdict no(struct weir_exchange *ex, enum weir_wait how)
{
	if (how == WEIR_CANCELLED)
		return WEIR_FAILED;
	return how == WEIR_TOO_LARGE ? weir_refuse(ex, 413, "the body is too large to be looked at")
				     : weir_refuse(ex, 503, "somebody else could not be asked");
}

static void number(struct weir_exchange *ex, const char *name, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	weir_request_header_set(ex, name, ((struct weir_str){ text, (size_t)len }));
}

static enum weir_wait call(const struct waiter *w, struct weir_exchange *ex)
{
	struct weir_call_request request = WEIR_CALL(.service = w->call, .path = WEIR_STR("/"));
	struct weir_call_reply reply;
	enum weir_wait how = weir_call(ex, &request, &reply);

	if (how != WEIR_OK)
		return how;
	number(ex, "x-called-status", reply.status);
	weir_request_header_set(ex, "x-called-body", reply.body);
	weir_call_done(&reply);
	return how;
}

static enum weir_wait read_body(const struct waiter *w, struct weir_exchange *ex)
{
	struct weir_str body;
	enum weir_wait how = weir_read_body(ex, w->body, &body);

	if (how == WEIR_OK)
		number(ex, "x-body-length", body.len);
	return how;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct waiter *w = here->self;
	struct scratch *s = here->exchange;
	enum weir_wait how = WEIR_OK;

	if (w->sleep > 0) {
		how = weir_sleep(ex, w->sleep);
		s->waits++;
	}
	if (how == WEIR_OK && w->body > 0) {
		how = read_body(w, ex);
		s->waits++;
	}
	if (how == WEIR_OK && w->call.len > 0) {
		how = call(w, ex);
		s->waits++;
	}
	return how == WEIR_OK ? WEIR_NEXT : no(ex, how);
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct scratch *s = here->exchange;
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", s->waits);

	weir_response_header_set(ex, "x-waits", ((struct weir_str){ text, (size_t)len }));
	return WEIR_NEXT;
}

static bool waiter_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return weir_fail(error, "out of memory");
	w->sleep = weir_option_duration(setup, "sleep");
	w->call = weir_option_text(setup, "call");
	w->body = (size_t)weir_option_size(setup, "body");
	*self = w;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "sleep", .type = WEIR_DURATION, .about = "how long to sleep" },
	{ .name = "call", .type = WEIR_SERVICE, .about = "whom to call" },
	{ .name = "body", .type = WEIR_SIZE, .about = "how much of a body to read" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = sizeof(struct scratch),
	.on_request = on_request, .on_response = on_response);

WEIR_PLUGIN(waiter,
	.summary = "waits wherever one may",
	.options = options,
	.open = waiter_open, .close = free,
	.policy = &policy);
