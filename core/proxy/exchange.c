/* exchange.c - the straight line: a request from its first byte to the log line. */
#include "core/proxy/exchange.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/again.h"
#include "core/proxy/secure.h"
#include "core/telemetry/stats.h"

void exchange_clear(struct exchange *ex)
{
	memset(ex, 0, offsetof(struct exchange, record));
	record_init(&ex->record);
	ex->found.capture_count = 0;
}

static struct exchange *exchange_open(struct session *s)
{
	struct proxy *px = s->proxy;
	struct exchange *ex = slab_take(&px->exchanges);
	struct loop *loop = s->transport.loop;

	if (ex == NULL)
		return NULL;
	exchange_clear(ex);
	ex->proxy = px;
	ex->session = s;
	ex->fiber = s->fiber;
	ex->reader = snapshot_pin(session_reader(s));
	ex->listener = session_listener(s, ex->reader->snapshot);
	ex->peer_ip = peer_ip_text(&s->peer, ex->peer_room);
	ex->route_until = ex->all_until = CLOCK_NEVER;
	ex->record.start = loop_now(loop);
	ex->record.wall = loop->wall;
	arena_init(&ex->arena, &px->worker->chunks, EXCHANGE_ARENA);
	px->exchange_count++;
	return ex;
}

static void begin_client(struct exchange *ex)
{
	struct session *s = ex->session;
	const struct listener_plan *lp = ex->listener;
	struct stream *client = &ex->client_h1.stream;

	h1_stream_init(&ex->client_h1, &s->transport, s->inlet, &ex->arena, &lp->limits);
	client->read_patience = lp->head_timeout;
	client->read_slow = REASON_HEAD_SLOW;
	client->write_patience = lp->body_timeout;
	client->write_slow = REASON_CLIENT_SLOW;
	client->cut = REASON_CLIENT_GONE;
	client->bad = REASON_BAD_CHUNK;
	ex->client = client;
}

static enum reason read_head(struct exchange *ex)
{
	const struct listener_plan *lp = ex->listener;
	enum reason why = h1_stream_read_request(&ex->client_h1,
						 clock_after(ex->record.start, lp->head_timeout),
						 &ex->req);

	if (why == REASON_BAD_REQUEST && looks_like_tls(inlet_str(ex->session->inlet)))
		why = REASON_TLS_ON_HTTP;
	ex->header_count = ex->req.headers.count;
	ex->record.head_read = loop_now(ex->session->transport.loop);
	if (ex->client_h1.head_began && ex->proxy->stats != NULL)
		stats_begin(ex->proxy->stats, lp->slot);	/* finish ends it */
	ex->client->read_patience = lp->body_timeout;
	ex->client->read_slow = REASON_BODY_SLOW;
	return why;
}

/* The upstream's answer, or our own. */
static void answer_with(struct exchange *ex, enum reason why)
{
	ex->why = why;
	if (why == REASON_NONE && !ex->replied)
		ex->why = exchange_relay(ex);
	else
		ex->why = exchange_answer(ex);
}

/* The life of a request. Whatever ends it early has put the reason into `why`. */
static void run(struct exchange *ex)
{
	struct deadline all;
	enum reason why = read_head(ex);

	if (!ex->client_h1.head_began) {
		ex->why = why;			/* a connection that ended while idle: no request */
		if (why == REASON_OUT_OF_MEMORY)
			session_refuse(ex->session);
		return;
	}
	deadline_enter(&all, CLOCK_NEVER, REASON_ALL_TIMEOUT);
	if (why == REASON_NONE)
		why = exchange_admit(ex);
	if (why == REASON_NONE)
		trace_begin(ex);
	if (why == REASON_NONE)
		why = chain_request(ex, &ex->listener->chain);
	if (why == REASON_NONE)
		why = exchange_route(ex);
	if (why == REASON_NONE) {
		deadline_move(&all, ex->all_until);
		why = chain_request(ex, &ex->plan->chain);
	}
	ex->record.policies_done = loop_now(ex->session->transport.loop);
	if (why == REASON_NONE)
		why = exchange_forward(ex);
	answer_with(ex, why);
	while (ex->again.wanted)
		answer_with(ex, exchange_again(ex));
	deadline_leave(&all);
}

/* The connection goes on when both messages ended in order and nobody asked otherwise. */
static bool keeps(const struct exchange *ex)
{
	return ex->client_keeps && ex->client->in_ended && ex->client->out_ended &&
	       !ex->session->ending;
}

static void cut_client(struct exchange *ex)
{
	/* The head promised more than came: the client must be able to tell. */
	if (ex->head_sent && !ex->client->out_ended)
		transport_abort(&ex->session->transport);
}

static void serve(struct exchange *ex)
{
	begin_client(ex);
	run(ex);
	cut_client(ex);
	if (ex->client_h1.head_began)
		exchange_finish(ex);
	ex->session->unread = !ex->client->in_ended;
}

static void exchange_close(struct exchange *ex)
{
	struct proxy *px = ex->proxy;

	arena_reset(&ex->arena);
	snapshot_unpin(ex->reader);
	slab_give(&px->exchanges, ex);
	px->exchange_count--;
}

bool exchange_serve(struct session *s)
{
	struct exchange *ex = exchange_open(s);
	bool go_on = false;

	if (ex == NULL) {
		session_refuse(s);
		return false;
	}
	if (ex->listener != NULL) {	/* else it was removed while this one idled */
		serve(ex);
		go_on = keeps(ex);
	}
	inlet_unpin(s->inlet);
	inlet_pace(s->inlet, 0);
	exchange_close(ex);
	return go_on;
}
