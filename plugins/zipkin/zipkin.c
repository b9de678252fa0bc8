/* zipkin.c - a tracer that hands spans to Zipkin, or to whatever takes its JSON. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/spans/post.h"
#include "plugins/zipkin/zipkin_json.h"

/* Only the one fiber that sends looks at what changes here. */
struct zipkin {
	struct post post;
	struct weir_str service;
	struct out body;
	char words[WEIR_ERROR_ROOM];
};

static enum weir_sent send_batch(const struct weir_here *here, struct weir_batch *batch)
{
	struct zipkin *z = here->self;
	struct weir_call_reply reply;
	enum weir_sent result;

	out_clear(&z->body);
	zipkin_json(&z->body, batch, z->service);
	if (z->body.failed) {
		batch->why = WEIR_STR("no memory to write spans down");
		return WEIR_SEND_LATER;
	}
	result = post_body(&z->post, (struct weir_str){ z->body.data, z->body.len }, batch, &reply,
			   z->words);
	weir_call_done(&reply);
	return result;
}

static void zipkin_close(void *self)
{
	struct zipkin *z = self;

	post_close(&z->post);
	out_free(&z->body);
	free(z);
}

static bool zipkin_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct zipkin *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return weir_fail(error, "out of memory");
	z->service = weir_option_text(setup, "service");
	if (!post_open(&z->post, setup, 1)) {
		zipkin_close(z);
		return weir_fail(error, "out of memory");
	}
	z->post.headers[0] = (struct weir_field){ WEIR_STR("content-type"),
						  WEIR_STR("application/json") };
	*self = z;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "endpoint", .type = WEIR_URL, .bare = true,
	  .fallback = "http://127.0.0.1:9411/api/v2/spans",
	  .about = "where spans are taken" },
	{ .name = "ca", .type = WEIR_PATH,
	  .about = "authorities to believe when the endpoint is https; absent: the machine's" },
	{ .name = "headers", .type = WEIR_MAP, .of = WEIR_SECRET, .keys = WEIR_HEADER_NAME,
	  .about = "sent with every batch" },
	{ .name = "timeout", .type = WEIR_DURATION, .fallback = "10s", .min = 0.1, .max = 300,
	  .about = "for one batch, until its answer is there" },
	{ .name = "service", .type = WEIR_TEXT, .fallback = "weir",
	  .about = "the name that our spans go by" },
	{ 0 }
};

static const struct weir_tracer tracer = WEIR_TRACER(.send = send_batch);

WEIR_PLUGIN(zipkin,
	.version = "1.0",
	.summary = "hands spans to Zipkin, as JSON v2",
	.options = options,
	.open = zipkin_open, .close = zipkin_close,
	.tracer = &tracer);
