/* mirror.c - a copy of a request to another service, whose answer nobody waits for. */
#include "core/proxy/mirror.h"

#include "core/base/clock.h"
#include "core/proxy/call.h"
#include "core/upstream/service.h"

#define MIRROR_TIME (10 * NS_PER_S)

enum { MIRROR_ANSWER = 1 << 20, MIRROR_MOST = 1000 };	/* bytes read away; copies at once per worker */

/* Lives in its own arena. */
struct copy {
	struct list link;		/* in proxy.copies */
	struct fiber *fiber;
	struct proxy *proxy;
	struct snapshot_reader *reader;
	struct arena arena;
	struct call call;
};

static void copy_end(struct copy *c)
{
	struct arena arena = c->arena;
	struct proxy *px = c->proxy;

	list_remove(&c->link);
	snapshot_unpin(c->reader);
	arena_reset(&arena);
	px->mirrors--;
	proxy_note_end(px);
}

void mirrors_cut(struct proxy *px)
{
	list_for_each(link, &px->copies)
		fiber_cancel(container_of(link, struct copy, link)->fiber);
}

static void send_copy(void *arg)
{
	struct copy *c = arg;
	struct call_answer answer;

	(void)call_service(c->proxy, &c->call, &c->arena, &answer);
	copy_end(c);
}

static bool removed(const struct mirror_rules *rules, struct weir_str name)
{
	for (uint32_t i = 0; i < rules->edits.count; i++)
		if (str_eq_nocase(rules->edits.at[i].name, name))
			return true;
	return false;
}

static bool copy_headers(struct exchange *ex, struct copy *c)
{
	struct weir_field *fields = arena_take(&c->arena, ex->req.headers.count * sizeof(*fields));
	size_t count = 0;

	if (fields == NULL)
		return false;
	headers_for_each(field, &ex->req.headers) {
		if (field->id == HEADER_HOST || field->id == HEADER_CONTENT_LENGTH ||
		    field->id == HEADER_TRANSFER_ENCODING ||
		    removed(&ex->plan->mirror, field->name))
			continue;
		fields[count++] = (struct weir_field){ arena_copy(&c->arena, field->name),
						       arena_copy(&c->arena, field->value) };
	}
	c->call.headers = fields;
	c->call.header_count = count;
	return !c->arena.overflowed;
}

static bool copy_request(struct exchange *ex, struct copy *c)
{
	c->call = (struct call){
		.service = ex->plan->mirror.service,
		.once = true,
		.method = arena_copy(&c->arena, ex->req.method_text),
		.path = arena_copy(&c->arena, ex->path_and_query),
		.host = arena_copy(&c->arena, headers_get_id(&ex->req.headers, HEADER_HOST)),
		.body = arena_copy(&c->arena, ex->body),
		.timeout = MIRROR_TIME,
		.most = MIRROR_ANSWER,
		.above = trace_below(ex),
	};
	return copy_headers(ex, c);
}

static bool wanted(struct exchange *ex)
{
	const struct mirror_rules *rules = &ex->plan->mirror;

	return rules->service != NULL && ex->body_in_hand && ex->body.len <= rules->body &&
	       ex->proxy->mirrors < MIRROR_MOST &&
	       (uint32_t)(rng_next(&ex->proxy->worker->rng) >> 32) < rules->share;
}

void mirror_start(struct exchange *ex)
{
	struct proxy *px = ex->proxy;
	struct arena arena;
	struct copy *c;

	if (!wanted(ex))
		return;
	arena_init(&arena, &px->worker->chunks, EXCHANGE_ARENA);
	c = arena_zero(&arena, sizeof(*c));
	if (c == NULL)
		return;
	c->proxy = px;
	c->reader = snapshot_pin(ex->reader);	/* the service is of that world */
	c->arena = arena;
	px->mirrors++;
	list_push_back(&px->copies, &c->link);
	if (copy_request(ex, c))
		c->fiber = fiber_start(&px->worker->loop, send_copy, c);
	if (c->fiber == NULL)
		copy_end(c);
}
