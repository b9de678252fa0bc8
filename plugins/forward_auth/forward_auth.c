/* forward_auth.c - a policy that asks another service whether a request may pass. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/common/say.h"
#include "plugins/common/spoof.h"
#include "plugins/forward_auth/ask.h"

struct asker {
	struct weir_str service, url, ca, path, method;
	struct weir_str *send, *headers, *answer, *on_answer;	/* names */
	uint32_t send_count, header_count, answer_count, on_answer_count;
	struct weir_str identity;
	uint64_t timeout;
	size_t body_most;		/* 0: the body is not sent */
};

/* What the answer to the client gets, when there is one. */
struct scratch {
	const struct weir_field *headers;
	size_t count;
};

/* Asking ---------------------------------------------------------------------- */

static void add(struct weir_field *fields, size_t *count, struct weir_str name, struct weir_str value)
{
	if (value.data != NULL)
		fields[(*count)++] = (struct weir_field){ name, value };
}

/* What was asked for, as Weir understood it: never what the client says of it. */
static size_t make_headers(const struct asker *a, struct weir_exchange *ex, struct weir_str target,
			   struct weir_field *fields, size_t room)
{
	struct weir_field field;
	size_t count = 0;

	add(fields, &count, WEIR_STR("x-forwarded-method"), weir_request_method(ex));
	add(fields, &count, WEIR_STR("x-forwarded-proto"), weir_request_scheme(ex));
	add(fields, &count, WEIR_STR("x-forwarded-host"), weir_request_host(ex));
	add(fields, &count, WEIR_STR("x-forwarded-uri"), target);
	add(fields, &count, WEIR_STR("x-forwarded-for"), weir_request_client(ex));
	add(fields, &count, WEIR_STR("x-request-id"), weir_request_id(ex));
	for (uint32_t n = 0; count < room && weir_request_header_nth(ex, n, &field); n++)
		if (ask_may_send(field.name, a->send, a->send_count))
			add(fields, &count, field.name, field.value);
	return count;
}

static struct weir_str target_of(struct weir_exchange *ex)
{
	struct weir_str path = weir_request_path(ex), query = weir_request_query(ex);
	char *at = query.data != NULL ? weir_alloc(ex, path.len + query.len + 1) : NULL;

	if (at == NULL)
		return path;
	memcpy(at, path.data, path.len);
	at[path.len] = '?';
	memcpy(at + path.len + 1, query.data, query.len);
	return (struct weir_str){ at, path.len + 1 + query.len };
}

enum { FIELDS = 64 };

static enum weir_wait ask(const struct asker *a, struct weir_exchange *ex, struct weir_str body,
			  struct weir_call_reply *reply)
{
	struct weir_field fields[FIELDS];
	struct weir_call_request request = WEIR_CALL(.service = a->service, .url = a->url, .ca = a->ca,
		.method = a->method, .path = a->path, .headers = fields, .body = body,
		.timeout_ns = a->timeout, .most = ASK_ANSWER);

	request.header_count = make_headers(a, ex, target_of(ex), fields, FIELDS);
	return weir_call(ex, &request, reply);
}

/* Deciding -------------------------------------------------------------------- */

/* When it said when to come again, the client learns it, in seconds. */
static enum weir_verdict nobody_says(struct weir_exchange *ex, struct weir_str why,
				     struct weir_str retry_after)
{
	uint64_t seconds = ask_seconds(weir_retry_after(retry_after));
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
	const struct weir_field field = { WEIR_STR("retry-after"), { text, (size_t)len } };
	struct weir_refusal refusal = WEIR_REFUSAL(.reason = WEIR_STR("auth-unavailable"),
						   .headers = &field, .header_count = seconds > 0);

	(void)weir_log_value(ex, "forward_auth", why);
	return weir_refuse_with(ex, &refusal);
}

/* All its values, or none of them: what is half set could be taken for whole. */
static bool take_over(struct weir_exchange *ex, const struct weir_call_reply *reply,
		      struct weir_str name)
{
	bool ok = true, first = true;

	for (size_t i = 0; ok && i < reply->header_count; i++) {
		if (!spoof_same(reply->headers[i].name, name))
			continue;
		ok = first ? weir_request_header_set(ex, name, reply->headers[i].value)
			   : weir_request_header_add(ex, name, reply->headers[i].value);
		first = false;
	}
	return ok;
}

static enum weir_verdict passes(const struct weir_here *here, struct weir_exchange *ex,
				const struct weir_call_reply *reply)
{
	const struct asker *a = here->self;
	struct scratch *s = here->exchange;

	for (uint32_t i = 0; i < a->header_count; i++)
		if (!take_over(ex, reply, a->headers[i]))
			return nobody_says(ex, WEIR_STR("its answer has a header that cannot be taken over"),
					   WEIR_ABSENT);
	if (a->identity.data != NULL) {
		struct weir_str who = ask_header(reply->headers, reply->header_count, a->identity);

		if (who.data != NULL && !weir_identity_set(ex, who))
			return WEIR_FAILED;
	}
	s->headers = reply->headers;
	s->count = reply->header_count;
	return WEIR_NEXT;
}

/* Its answer is the client's: a form to log in, or where there is one. */
static enum weir_verdict refuses(const struct asker *a, struct weir_exchange *ex,
				 const struct weir_call_reply *given)
{
	struct weir_field fields[FIELDS];
	struct weir_reply answer = WEIR_REPLY(.status = given->status, .body = given->body,
		.headers = fields,
		.content_type = ask_header(given->headers, given->header_count, WEIR_STR("content-type")));

	for (size_t i = 0; i < given->header_count && answer.header_count < FIELDS; i++)
		if (ask_may_send(given->headers[i].name, a->answer, a->answer_count))
			fields[answer.header_count++] = given->headers[i];
	(void)weir_log_value(ex, "forward_auth", "refused");
	return weir_reply_with(ex, &answer);
}

static enum weir_verdict decide(const struct weir_here *here, struct weir_exchange *ex,
				const struct weir_call_reply *reply)
{
	const struct asker *a = here->self;

	switch (ask_read(reply->status)) {
	case ASK_PASSES:
		return passes(here, ex, reply);
	case ASK_REFUSES:
		return refuses(a, ex, reply);
	case ASK_NO_ANSWER:
		break;
	}
	return nobody_says(ex, WEIR_STR("it answered with an error"),
			   ask_header(reply->headers, reply->header_count, WEIR_STR("retry-after")));
}

/* Who asks about half a body gets an answer about half a body. */
static enum weir_wait read_body(const struct asker *a, struct weir_exchange *ex, struct weir_str *body)
{
	*body = WEIR_ABSENT;
	return a->body_most > 0 ? weir_read_body(ex, a->body_most, body) : WEIR_OK;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct asker *a = here->self;
	struct weir_call_reply reply;
	struct weir_str body;
	enum weir_wait how;

	/* First of all, also for `on_error: continue`: these never come from a client. */
	for (uint32_t i = 0; i < a->header_count; i++)
		spoof_strip(ex, a->headers[i]);
	how = read_body(a, ex, &body);
	if (how == WEIR_TOO_LARGE) {
		struct weir_refusal refusal = WEIR_REFUSAL(.reason = WEIR_STR("body-too-large"));

		return weir_refuse_with(ex, &refusal);
	}
	if (how != WEIR_OK)
		return WEIR_FAILED;
	how = ask(a, ex, body, &reply);
	if (how == WEIR_OK)
		return decide(here, ex, &reply);
	if (how == WEIR_CANCELLED)
		return WEIR_FAILED;
	return nobody_says(ex, how == WEIR_TIMED_OUT ? WEIR_STR("no answer in time") :
			       how == WEIR_TOO_LARGE ? WEIR_STR("its answer is too large") :
			       how == WEIR_UNKNOWN ? WEIR_STR("there is no such service") : reply.reason,
			   WEIR_ABSENT);
}

/* A session that was prolonged: its cookie goes to the client. */
static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct asker *a = here->self;
	const struct scratch *s = here->exchange;

	for (size_t i = 0; i < s->count; i++)
		if (ask_may_send(s->headers[i].name, a->on_answer, a->on_answer_count))
			(void)weir_response_header_add(ex, s->headers[i].name, s->headers[i].value);
	return WEIR_NEXT;
}

/* Lives ----------------------------------------------------------------------- */

static void asker_close(void *self)
{
	struct asker *a = self;

	free(a->send);
	free(a->headers);
	free(a->answer);
	free(a->on_answer);
	free(a);
}

static bool read_names(const struct weir_setup *setup, const char *name, struct weir_str **out,
		       uint32_t *count)
{
	uint32_t wanted = weir_option_count(setup, name);

	*out = calloc((size_t)wanted + 1, sizeof(**out));
	for (; *out != NULL && *count < wanted; (*count)++)
		(*out)[*count] = weir_option_text_at(setup, name, *count);
	return *out != NULL;
}

static bool asker_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return weir_fail(error, "out of memory");
	a->service = weir_option_text(setup, "service");
	a->url = weir_option_text(setup, "url");
	a->ca = weir_option_text(setup, "ca");
	a->path = weir_option_text(setup, "path");
	a->method = weir_option_text(setup, "method");
	a->identity = weir_option_text(setup, "identity");
	a->timeout = weir_option_duration(setup, "timeout");
	a->body_most = (size_t)weir_option_size(setup, "body");
	if (!read_names(setup, "send", &a->send, &a->send_count) ||
	    !read_names(setup, "headers", &a->headers, &a->header_count) ||
	    !read_names(setup, "answer", &a->answer, &a->answer_count) ||
	    !read_names(setup, "on_answer", &a->on_answer, &a->on_answer_count)) {
		asker_close(a);
		return weir_fail(error, "out of memory");
	}
	*self = a;
	return true;
}

static bool asker_check(const struct weir_setup *setup, struct weir_error *error)
{
	struct weir_str path = weir_option_text(setup, "path");

	if (weir_option_given(setup, "service") == weir_option_given(setup, "url"))
		return weir_fail(error, "give either `service` or `url`");
	if (weir_option_given(setup, "url") && weir_option_given(setup, "path"))
		return weir_fail(error, "with `url` there is no `path`: it stands in the URL");
	if (path.len == 0 || path.data[0] != '/')
		return weir_fail(error, "`path` must begin with /");
	return true;
}

/* Nobody is asked for a question. */
static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	struct weir_str service = weir_option_text(setup, "service");

	(void)q;
	if (service.data != NULL)
		say(said, "that service %.*s answers %.*s %.*s with 2xx", WEIR_ARG(service),
		    WEIR_ARG(weir_option_text(setup, "method")), WEIR_ARG(weir_option_text(setup, "path")));
	else
		say(said, "that %.*s answers %.*s with 2xx", WEIR_ARG(weir_option_text(setup, "url")),
		    WEIR_ARG(weir_option_text(setup, "method")));
	say_texts(said, ", by what it knows and ", setup, "send", ", ");
	return WEIR_FAILED;
}

static const struct weir_option options[] = {
	{ .name = "service", .type = WEIR_SERVICE, .bare = true,
	  .about = "who is asked: a configured service, with its balancing and retries" },
	{ .name = "url", .type = WEIR_URL, .about = "or any URL" },
	{ .name = "ca", .type = WEIR_PATH, .about = "authorities to believe when `url` is https" },
	{ .name = "path", .type = WEIR_TEXT, .fallback = "/", .about = "of the question to `service`" },
	{ .name = "method", .type = WEIR_TEXT, .fallback = "GET", .about = "of the question" },
	{ .name = "send", .type = WEIR_HEADER_NAME, .list = true, .fallback = "[authorization, cookie]",
	  .about = "headers of the request that go along; those that say what is asked for always do" },
	{ .name = "body", .type = WEIR_SIZE, .min = 1, .max = 16777216,
	  .about = "the body goes along too, whole; over this size the request is refused" },
	{ .name = "headers", .type = WEIR_HEADER_NAME, .list = true,
	  .about = "headers of a good answer that the service gets; never from clients" },
	{ .name = "identity", .type = WEIR_HEADER_NAME,
	  .about = "the header of a good answer that becomes client.identity" },
	{ .name = "answer", .type = WEIR_HEADER_NAME, .list = true,
	  .fallback = "[www-authenticate, location, set-cookie, cache-control, retry-after]",
	  .about = "headers of an answer that refuses which the client gets" },
	{ .name = "on_answer", .type = WEIR_HEADER_NAME, .list = true,
	  .about = "headers of a good answer that are added to what the client gets: set-cookie" },
	{ .name = "timeout", .type = WEIR_DURATION, .fallback = "2s", .min = 0.01, .max = 60,
	  .about = "for the answer" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.exchange_size = sizeof(struct scratch),
	.on_request = on_request, .on_response = on_response, .explain = explain,
	.traits = WEIR_AUTHORISES);

WEIR_PLUGIN(forward_auth,
	.version = "1.0",
	.summary = "asks another service whether a request may pass",
	.options = options, .check = asker_check,
	.open = asker_open, .close = asker_close,
	.policy = &policy);
