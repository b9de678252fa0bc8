/* otlp.c - a tracer that hands spans to an OpenTelemetry collector: OTLP over HTTP, in protobuf or
 * JSON. */
#include <weir/plugin.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "plugins/otlp/encode.h"
#include "plugins/spans/post.h"

#define VERSION "1.0"

enum { HOST_NAME = 65, OUR_ATTRIBUTES = 4 };
enum { TYPE_HEADER, CODING_HEADER };

/* Only the one fiber that sends looks at what changes here. */
struct otlp {
	struct post post;
	bool json, gzip;
	struct otlp_resource resource;
	struct weir_field *attributes;		/* of the resource */
	char host[HOST_NAME];
	struct out body, packed;
	char words[WEIR_ERROR_ROOM];
};

/* Sending ------------------------------------------------------------------- */

static bool deflate_into(struct out *to, const struct out *from)
{
	z_stream z = { .next_in = (Bytef *)from->data, .avail_in = (uInt)from->len };
	char *room;
	int result;

	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	out_clear(to);
	room = out_take(to, deflateBound(&z, (uLong)from->len));
	z.next_out = (Bytef *)room;
	z.avail_out = room != NULL ? (uInt)to->len : 0;
	result = room != NULL ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	to->len = z.total_out;
	(void)deflateEnd(&z);
	return result == Z_STREAM_END;
}

struct job {
	struct otlp *otlp;
	const struct weir_batch *batch;
	const struct out *body;		/* NULL: no memory */
};

static void write_body(void *arg)
{
	struct job *job = arg;
	struct otlp *o = job->otlp;

	out_clear(&o->body);
	(o->json ? otlp_json : otlp_protobuf)(&o->body, job->batch, &o->resource);
	if (o->body.failed)
		return;
	job->body = &o->body;
	if (o->gzip)
		job->body = deflate_into(&o->packed, &o->body) ? &o->packed : NULL;
}

/* A large batch takes a while, and control has other things to do: on a helper thread, if there is
 * one. */
static const struct out *body_of(struct otlp *o, const struct weir_batch *batch)
{
	struct job job = { .otlp = o, .batch = batch };
	enum weir_wait how = weir_offload(NULL, write_body, &job);

	if (how == WEIR_CANCELLED)
		return NULL;
	if (how != WEIR_OK)
		write_body(&job);
	return job.body;
}

/* It took the batch, but perhaps not all of it. */
static void read_answer(struct otlp *o, struct weir_batch *batch, struct weir_str body)
{
	struct weir_str why;
	int n;

	if (!(o->json ? otlp_answer_json : otlp_answer_protobuf)(body, &batch->rejected, &why) ||
	    batch->rejected == 0)
		return;
	n = snprintf(o->words, sizeof(o->words), "%.*s rejected some spans: %.*s",
		     WEIR_ARG(o->post.url), WEIR_ARG(why));
	batch->why = (struct weir_str){ o->words, n < (int)sizeof(o->words) ? (size_t)n
									    : sizeof(o->words) - 1 };
}

static enum weir_sent send_batch(const struct weir_here *here, struct weir_batch *batch)
{
	struct otlp *o = here->self;
	const struct out *body = body_of(o, batch);
	struct weir_call_reply reply;
	enum weir_sent result;

	if (body == NULL) {
		batch->why = WEIR_STR("no memory to write spans down");	/* or cancelled */
		return WEIR_SEND_LATER;
	}
	result = post_body(&o->post, (struct weir_str){ body->data, body->len }, batch, &reply,
			   o->words);
	if (result == WEIR_SENT)
		read_answer(o, batch, reply.body);
	weir_call_done(&reply);
	return result;
}

/* Lives ---------------------------------------------------------------------- */

static void otlp_close(void *self)
{
	struct otlp *o = self;

	post_close(&o->post);
	free(o->attributes);
	out_free(&o->body);
	out_free(&o->packed);
	free(o);
}

static void add(struct otlp *o, struct weir_str name, struct weir_str value)
{
	o->attributes[o->resource.count++] = (struct weir_field){ name, value };
}

/* What the operator says stands behind ours, and wins over them at the collector's. */
static bool fill_resource(struct otlp *o, const struct weir_setup *setup)
{
	uint32_t given = weir_option_count(setup, "resource");

	o->attributes = calloc(given + OUR_ATTRIBUTES, sizeof(*o->attributes));
	if (o->attributes == NULL)
		return false;
	add(o, WEIR_STR("service.name"), weir_option_text(setup, "service"));
	if (gethostname(o->host, sizeof(o->host) - 1) == 0)
		add(o, WEIR_STR("host.name"), weir_str_from(o->host));
	add(o, WEIR_STR("telemetry.sdk.name"), WEIR_STR("weir"));
	add(o, WEIR_STR("telemetry.sdk.language"), WEIR_STR("cpp"));
	for (uint32_t i = 0; i < given; i++)
		add(o, weir_option_key_at(setup, "resource", i),
		    weir_option_text_at(setup, "resource", i));
	o->resource.attributes = o->attributes;
	o->resource.version = WEIR_STR(VERSION);
	return true;
}

static bool otlp_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct otlp *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return weir_fail(error, "out of memory");
	o->json = weir_str_eq(weir_option_text(setup, "format"), WEIR_STR("json"));
	o->gzip = weir_str_eq(weir_option_text(setup, "compression"), WEIR_STR("gzip"));
	if (!post_open(&o->post, setup, o->gzip ? 2 : 1) || !fill_resource(o, setup)) {
		otlp_close(o);
		return weir_fail(error, "out of memory");
	}
	o->post.headers[TYPE_HEADER] = (struct weir_field){
		WEIR_STR("content-type"),
		o->json ? WEIR_STR("application/json") : WEIR_STR("application/x-protobuf") };
	if (o->gzip)
		o->post.headers[CODING_HEADER] = (struct weir_field){
			WEIR_STR("content-encoding"), WEIR_STR("gzip") };
	*self = o;
	return true;
}

static const char *const formats[] = { "protobuf", "json", NULL };
static const char *const compressions[] = { "none", "gzip", NULL };

static const struct weir_option options[] = {
	{ .name = "endpoint", .type = WEIR_URL, .bare = true,
	  .fallback = "http://127.0.0.1:4318/v1/traces",
	  .about = "where the collector takes traces over HTTP" },
	{ .name = "format", .type = WEIR_CHOICE, .choices = formats, .fallback = "protobuf",
	  .about = "how spans are written" },
	{ .name = "compression", .type = WEIR_CHOICE, .choices = compressions, .fallback = "none",
	  .about = "gzip costs processor time and saves bandwidth" },
	{ .name = "ca", .type = WEIR_PATH,
	  .about = "authorities to believe when the endpoint is https; absent: the machine's" },
	{ .name = "headers", .type = WEIR_MAP, .of = WEIR_SECRET, .keys = WEIR_HEADER_NAME,
	  .about = "sent with every batch, such as what the collector wants to know you by" },
	{ .name = "timeout", .type = WEIR_DURATION, .fallback = "10s", .min = 0.1, .max = 300,
	  .about = "for one batch, until its answer is there" },
	{ .name = "service", .type = WEIR_TEXT, .fallback = "weir",
	  .about = "service.name: whose spans these are" },
	{ .name = "resource", .type = WEIR_MAP, .of = WEIR_TEXT,
	  .about = "further attributes of the resource, such as deployment.environment.name" },
	{ 0 }
};

static const struct weir_tracer tracer = WEIR_TRACER(.send = send_batch);

WEIR_PLUGIN(otlp,
	.version = VERSION,
	.summary = "hands spans to an OpenTelemetry collector, by OTLP over HTTP",
	.options = options,
	.open = otlp_open, .close = otlp_close,
	.tracer = &tracer);
