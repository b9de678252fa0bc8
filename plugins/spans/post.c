/* post.c - a body is posted to a collector. */
#include "plugins/spans/post.h"

#include <stdlib.h>
#include <strings.h>

static const uint64_t PAUSE_MOST = 3600000000000;	/* an hour, whatever it asks for */

bool post_open(struct post *p, const struct weir_setup *setup, uint32_t fixed)
{
	uint32_t given = weir_option_count(setup, "headers");

	p->url = weir_option_text(setup, "endpoint");
	p->ca = weir_option_text(setup, "ca");
	p->timeout = weir_option_duration(setup, "timeout");
	p->headers = calloc(fixed + given + 1, sizeof(*p->headers));
	p->count = fixed + given;
	for (uint32_t i = 0; p->headers != NULL && i < given; i++)
		p->headers[fixed + i] = (struct weir_field){
			weir_option_key_at(setup, "headers", i),
			weir_option_text_at(setup, "headers", i) };
	return p->headers != NULL;
}

void post_close(struct post *p)
{
	free(p->headers);
}

static uint64_t retry_after(const struct weir_call_reply *reply)
{
	static const struct weir_str name = { "retry-after", 11 };
	uint64_t pause = 0;

	for (size_t i = 0; i < reply->header_count; i++)
		if (reply->headers[i].name.len == name.len &&
		    strncasecmp(reply->headers[i].name.data, name.data, name.len) == 0)
			pause = weir_retry_after(reply->headers[i].value);
	return pause < PAUSE_MOST ? pause : PAUSE_MOST;
}

/* As OTLP/HTTP says, and as everybody means it. */
static bool may_come_again(unsigned status)
{
	return status == 429 || status == 502 || status == 503 || status == 504 || status == 408;
}

static enum weir_sent judge(struct weir_batch *batch, const struct weir_call_reply *reply)
{
	if (reply->status >= 200 && reply->status < 300)
		return WEIR_SENT;
	if (!may_come_again(reply->status))
		return WEIR_SEND_NEVER;
	batch->retry_after_ns = retry_after(reply);
	return WEIR_SEND_LATER;
}

static struct weir_str say(char *words, const struct post *p, const struct weir_call_reply *reply,
			   enum weir_wait how)
{
	int n;

	if (how == WEIR_OK)
		n = snprintf(words, WEIR_ERROR_ROOM, "%.*s answered %u", WEIR_ARG(p->url),
			     reply->status);
	else
		n = snprintf(words, WEIR_ERROR_ROOM, "%.*s gave no answer (%.*s%s%.*s)",
			     WEIR_ARG(p->url),
			     WEIR_ARG(weir_str_present(reply->reason) ? reply->reason
								      : WEIR_STR("too late")),
			     weir_str_present(reply->detail) ? ": " : "", WEIR_ARG(reply->detail));
	return (struct weir_str){ words, n < 0 ? 0 : n >= WEIR_ERROR_ROOM ? WEIR_ERROR_ROOM - 1
									  : (size_t)n };
}

enum weir_sent post_body(const struct post *p, struct weir_str body, struct weir_batch *batch,
			 struct weir_call_reply *reply, char *words)
{
	const struct weir_call_request request = WEIR_CALL(
		.url = p->url, .method = WEIR_STR("POST"), .headers = p->headers,
		.header_count = p->count, .body = body, .timeout_ns = p->timeout, .most = 65536,
		.ca = p->ca);
	enum weir_wait how = weir_fetch(NULL, &request, reply);

	batch->why = say(words, p, reply, how);
	return how == WEIR_OK ? judge(batch, reply) : WEIR_SEND_LATER;
}
