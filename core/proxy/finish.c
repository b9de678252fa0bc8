/* finish.c - every exchange comes here exactly once: the record is filled, counted and logged, and
 * everything that was held is let go. */
#include "core/proxy/again.h"
#include "core/proxy/chain.h"
#include "core/proxy/exchange.h"
#include "core/proxy/forwarded.h"
#include "core/proxy/limit.h"
#include "core/proxy/secure.h"
#include "core/telemetry/access_log.h"
#include "core/telemetry/stats.h"
#include "core/upstream/pick.h"

static struct record_part part(struct weir_str name, uint32_t slot)
{
	return (struct record_part){ name, slot };
}

static void fill_request(struct exchange *ex)
{
	struct record *r = &ex->record;
	const struct request *req = &ex->req;

	r->client = ex->client_ip;
	r->identity = ex->identity;
	r->method = req->method_text;
	r->scheme = exchange_scheme(ex);
	r->host = req->host;
	r->path = req->path.data != NULL ? req->path : req->target;
	r->query = req->query;
	r->protocol = req->minor == 0 ? STR("HTTP/1.0") : STR("HTTP/1.1");
	r->user_agent = headers_get_id(&req->headers, HEADER_USER_AGENT);
	if (ex->proxy->access_pen != NULL)
		r->referer = headers_get_at(&req->headers, STR("referer"), 0);
	r->request_id = exchange_id(ex);
}

static void fill_record(struct exchange *ex)
{
	struct record *r = &ex->record;

	if (ex->req.headers.arena != NULL)
		fill_request(ex);
	r->listener = part(ex->listener->name, ex->listener->slot);
	if (ex->plan != NULL)
		r->route = part(ex->plan->name, ex->plan->slot);
	if (ex->service != NULL)
		r->service = part(ex->service->name, ex->service->slot);
	r->status = ex->head_sent ? ex->res.status : 0;
	r->why = ex->why;
	r->bytes_in = ex->client->body_in;
	r->bytes_out = ex->client->body_out;
	r->end = exchange_now(ex);
}

/* Harmless for what was never taken. */
void exchange_let_go(struct exchange *ex)
{
	attempt_end(ex, ex->why == REASON_NONE ? REASON_INTERNAL : ex->why);
	pick_end(&ex->ask);
	exchange_end_again(ex);
	limit_release(ex);
	if (ex->admitted)
		service_release(ex->service, ex->proxy->worker);
	replay_fini(&ex->replay);
	holds_drop(&ex->holds);
	attempt_forget(ex);
	buffer_fini(&ex->collected);
	buffer_fini(&ex->answer);
}

void exchange_finish(struct exchange *ex)
{
	struct proxy *px = ex->proxy;

	fill_record(ex);
	if (ex->plan != NULL)
		chain_done(ex, &ex->plan->chain);
	chain_done(ex, &ex->listener->chain);
	if (px->stats != NULL)
		stats_count(px->stats, &ex->record);
	if (px->access_pen != NULL)
		access_log_write(px->access_log, px->access_pen, &ex->record);
	trace_finish(ex);
	exchange_let_go(ex);
}
