/* session.c - one client connection: idle, served, idle again, ended. */
#include "core/proxy/session.h"

#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/tls.h"
#include "core/proxy/exchange.h"
#include "core/proxy/secure.h"
#include "core/telemetry/stats.h"

/* What a client may still send after its connection was ended early, so that the reset which unread
 * bytes provoke does not destroy the answer on its way. */
enum { LINGER_BYTES = 1 << 20 };
#define LINGER_TIME (2 * NS_PER_S)
#define LAST_REQUEST_TIME NS_PER_S

const struct listener_plan *session_listener(const struct session *s, const struct snapshot *snapshot)
{
	if (s->listener_slot >= snapshot->listener_slots)
		return NULL;
	return snapshot->listeners[s->listener_slot];
}

static void count(struct session *s, struct shared_limit *limit)
{
	s->limit = limit;
	s->counted = s->proxy->connections != NULL && limit != NULL;
	if (!s->counted)
		return;
	atomic_fetch_add_explicit(&limit->refs, 1, memory_order_relaxed);
	(void)shared_limit_enter(limit);
	(void)shared_limit_enter(s->proxy->connections);
}

static void uncount(struct session *s)
{
	if (!s->counted)
		return;
	shared_limit_leave(s->proxy->connections);
	shared_limit_leave(s->limit);
	shared_limit_unref(s->limit);
}

static void session_free(struct session *s)
{
	struct proxy *px = s->proxy;

	timer_clear(&px->worker->loop.timers, &s->timer);
	if (s->reader != NULL)
		snapshot_unpin(s->reader);
	transport_close(&s->transport);
	list_remove(&s->link);
	if (px->stats != NULL)
		stats_connection(px->stats, s->listener_slot, -1);
	px->session_count--;
	uncount(s);
	slab_give(&px->sessions, s);
	proxy_note_end(px);
}

/* Reads away what the client still sends, for a moment, then lets go. */
static void linger(struct session *s)
{
	struct inlet *in = s->inlet;
	struct deadline moment;
	size_t gone = 0;

	transport_shutdown(&s->transport);
	deadline_enter(&moment, clock_after(loop_now(s->transport.loop), LINGER_TIME),
		       REASON_CLIENT_SLOW);
	while (gone < LINGER_BYTES && inlet_fill(in) == IO_OK) {
		gone += inlet_len(in);
		inlet_drop(in, inlet_len(in));
	}
	deadline_leave(&moment);
}

static void on_idle_bytes(struct transport *t);

static void become_idle(struct session *s)
{
	const struct listener_plan *lp = session_listener(s, session_reader(s)->snapshot);
	struct loop *loop = s->transport.loop;
	uint64_t span = lp != NULL ? lp->idle_timeout : 0;

	if (lp != NULL && lp->tls != NULL && !s->begun)
		span = lp->tls_timeout;
	s->inlet = NULL;
	s->fiber = NULL;
	s->transport.owner = NULL;
	s->idle_until = clock_after(loop_now(loop), span);
	s->transport.idle = on_idle_bytes;
	s->proxy->idle_sessions++;
	if (!timer_is_set(&s->timer) || s->timer.at > s->idle_until)
		timer_set(&loop->timers, &s->timer, s->idle_until);
	if (transport_readable(&s->transport))
		on_idle_bytes(&s->transport);
}

static bool may_go_on(const struct session *s)
{
	return !s->ending && !s->proxy->draining && !transport_gone(&s->transport);
}

/* What was not read of a request, or came behind it, would be answered with a reset. */
static bool may_still_send(const struct session *s)
{
	if (!s->transport.is_open || transport_gone(&s->transport) || fiber_cancelled(s->fiber))
		return false;
	return s->unread || inlet_len(s->inlet) > 0 || transport_readable(&s->transport);
}

static bool is_idle(const struct session *s)
{
	return s->fiber == NULL && s->transport.idle != NULL;
}

/* Once: the handshake. After one that failed the client may go on sending. */
static bool begin(struct session *s)
{
	if (s->begun)
		return true;
	s->begun = true;
	s->unread = !session_secure(s);
	return !s->unread;
}

/* A request, or its first bytes, are there. */
static bool has_more(const struct session *s, bool first)
{
	return first ? transport_readable(&s->transport) : may_go_on(s) && inlet_len(s->inlet) > 0;
}

/* After a handshake whose request has not come yet. */
static void wait_for_first(struct session *s)
{
	inlet_close(s->inlet);
	become_idle(s);
	if (is_idle(s) && (s->ending || s->proxy->draining))
		session_end_soon(s);
}

/* The fiber of a session that is awake: one exchange, and those whose bytes are here already. */
static void serve(void *arg)
{
	struct session *s = arg;
	struct inlet inlet;
	uint32_t before = s->exchanges;
	bool go_on;

	inlet_open(&inlet, s->proxy->worker, &s->transport, BUFFER_SMALL);
	s->inlet = &inlet;
	go_on = begin(s);
	while (go_on && has_more(s, s->exchanges == before)) {
		go_on = !fiber_cancelled(s->fiber) && exchange_serve(s);
		s->exchanges++;
	}
	if (go_on && s->exchanges == before) {
		wait_for_first(s);
		return;
	}
	if (go_on && may_go_on(s)) {
		inlet_close(&inlet);
		become_idle(s);
		return;
	}
	s->transport.owner = NULL;
	if (may_still_send(s))
		linger(s);
	inlet_close(&inlet);
	session_free(s);
}

/* What lies in the socket is read away, lest it reset the answer. */
void session_refuse(struct session *s)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n"
				     "retry-after: 1\r\nconnection: close\r\n\r\n";
	struct iovec part = { (char *)(uintptr_t)answer, sizeof(answer) - 1 };
	const struct listener_plan *lp = session_listener(s, session_reader(s)->snapshot);
	char unread[4096];
	size_t n;

	if (lp != NULL && lp->tls != NULL && !s->begun)
		return;		/* who wants TLS would not understand */
	for (int i = 0; i < 16 && transport_read_now(&s->transport, unread, sizeof(unread), &n) == IO_OK;
	     i++)
		;
	(void)transport_write_now(&s->transport, &part, 1, &n);
}

static void say_no_fiber(struct session *s)
{
	struct proxy *px = s->proxy;
	uint64_t now = loop_now(&px->worker->loop);
	char room[PEER_TEXT];

	if (now < px->complain_at)
		return;
	px->complain_at = now + NS_PER_S;
	log_warn("no memory or mapping for the fiber of a request of %.*s: the answer is 503; "
		 "raise vm.max_map_count, or lower limits.requests", STR_ARG(peer_ip_text(&s->peer, room)));
}

static void wake_up(struct session *s)
{
	s->transport.idle = NULL;
	s->proxy->idle_sessions--;
	s->fiber = fiber_start(s->transport.loop, serve, s);
	s->transport.owner = s->fiber;
	if (s->fiber != NULL)
		return;
	say_no_fiber(s);
	session_refuse(s);
	session_free(s);
}

/* While events are marked. Who is gone altogether needs no fiber to be let go. */
static void on_idle_bytes(struct transport *t)
{
	struct session *s = container_of(t, struct session, transport);

	if (transport_gone(t)) {
		t->idle = NULL;
		s->proxy->idle_sessions--;
		session_free(s);
		return;
	}
	wake_up(s);
}

static void on_timer(struct timer *t)
{
	struct session *s = container_of(t, struct session, timer);
	struct loop *loop = s->transport.loop;

	if (s->fiber != NULL || s->transport.idle == NULL)
		return;		/* busy: set again when it becomes idle */
	if (loop_now(loop) < s->idle_until) {
		timer_set(&loop->timers, t, s->idle_until);
		return;
	}
	s->proxy->idle_sessions--;
	session_free(s);
}

void session_open(struct proxy *px, uint32_t listener_slot, struct snapshot_reader *reader,
		  struct shared_limit *limit, int fd, const struct peer *peer)
{
	struct session *s = slab_take(&px->sessions);

	if (s == NULL) {
		close(fd);
		return;
	}
	*s = (struct session){ .proxy = px, .listener_slot = listener_slot };
	if (!transport_open(&s->transport, &px->worker->loop, fd)) {
		slab_give(&px->sessions, s);
		close(fd);
		return;
	}
	timer_init(&s->timer, on_timer);
	if (reader != NULL)
		s->reader = snapshot_pin(reader);
	s->ending = reader != NULL;
	s->peer = *peer;
	list_push_back(&px->open, &s->link);
	px->session_count++;
	count(s, limit);
	if (px->stats != NULL)
		stats_connection(px->stats, listener_slot, 1);
	become_idle(s);
}

void session_end_soon(struct session *s)
{
	struct loop *loop = s->transport.loop;
	uint64_t at = loop_now(loop) + LAST_REQUEST_TIME;

	s->ending = true;
	if (!is_idle(s) || s->idle_until <= at)
		return;
	s->idle_until = at;
	timer_set(&loop->timers, &s->timer, at);
}

void session_end_here(struct session *s)
{
	if (s->reader == NULL)
		s->reader = snapshot_pin(s->proxy->reader);
	s->ending = true;
}

void session_cut(struct session *s)
{
	s->ending = true;
	if (s->fiber != NULL) {
		fiber_cancel(s->fiber);
	} else if (is_idle(s)) {
		s->proxy->idle_sessions--;
		s->transport.idle = NULL;
		session_free(s);
	}
}
