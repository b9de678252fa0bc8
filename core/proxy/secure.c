/* secure.c - what TLS means for a session and its exchanges. */
#include "core/proxy/secure.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/http/hop.h"
#include "core/net/tls_server.h"
#include "core/telemetry/stats.h"

/* The handshake -------------------------------------------------------------------------- */

/* Of many failures in one second only the first is told, with how many there were before. */
static bool may_be_told(struct proxy *px)
{
	uint64_t now = loop_now(&px->worker->loop);

	if (now < px->handshake_log_at) {
		px->handshakes_untold++;
		return false;
	}
	px->handshake_log_at = now + NS_PER_S;
	return true;
}

static void tell(struct session *s, const struct listener_plan *lp, enum reason why,
		 const struct weir_error *words)
{
	struct proxy *px = s->proxy;
	char room[PEER_TEXT];
	struct weir_str client = peer_ip_text(&s->peer, room);

	if (why == REASON_TLS_GONE || !may_be_told(px)) {
		log_debug("listener %.*s: TLS handshake of %.*s: %.*s: %s", STR_ARG(lp->name),
			  STR_ARG(client), STR_ARG(reason_row(why)->word), words->text);
		return;
	}
	log_info("listener %.*s: TLS handshake of %.*s failed: %.*s: %s (%u more since the last such line)",
		 STR_ARG(lp->name), STR_ARG(client), STR_ARG(reason_row(why)->word),
		 words->text, px->handshakes_untold);
	px->handshakes_untold = 0;
}

/* Who speaks no TLS can read this. */
static void answer_plainly(struct session *s, bool tell_reason)
{
	static const char told[] =
		"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
		"weir-reason: http-on-tls\r\ncontent-length: 131\r\nconnection: close\r\n\r\n"
		"{\"status\":400,\"title\":\"Bad Request\",\"detail\":\"plain HTTP was sent to a port "
		"that speaks TLS: use https://\",\"reason\":\"http-on-tls\"}\n";
	static const char untold[] =
		"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
		"content-length: 37\r\nconnection: close\r\n\r\n"
		"{\"status\":400,\"title\":\"Bad Request\"}\n";
	const char *text = tell_reason ? told : untold;
	struct iovec part = { (char *)(uintptr_t)text, strlen(text) };
	size_t n;

	(void)transport_write_now(&s->transport, &part, 1, &n);
}

static enum reason shake_hands(struct session *s, const struct listener_plan *lp, struct weir_error *words)
{
	struct deadline d;
	enum reason why;

	if (!tls_accept(&s->transport, lp->tls))
		return REASON_OUT_OF_MEMORY;
	deadline_enter(&d, s->idle_until, REASON_TLS_SLOW);
	why = tls_handshake(&s->transport, words);
	deadline_leave(&d);
	return why == REASON_CLIENT_GONE ? REASON_TLS_GONE : why;
}

static bool secure(struct session *s, const struct listener_plan *lp)
{
	struct weir_error words = { "" };
	enum reason why;
	bool resumed;

	s->transport.owner = NULL;	/* who resets may have said why before */
	why = shake_hands(s, lp, &words);
	resumed = why == REASON_NONE && tls_resumed(&s->transport);
	if (s->proxy->stats != NULL)
		stats_handshake(s->proxy->stats, s->listener_slot, why, resumed);
	if (why != REASON_NONE) {
		tell(s, lp, why, &words);
		if (why == REASON_HTTP_ON_TLS)
			answer_plainly(s, lp->tell_reasons);
		return false;
	}
	s->transport.owner = s->fiber;
	return true;
}

bool session_secure(struct session *s)
{
	struct snapshot_reader *reader = snapshot_pin(session_reader(s));
	const struct listener_plan *lp = session_listener(s, reader->snapshot);
	bool ok = lp == NULL || lp->tls == NULL || secure(s, lp);

	snapshot_unpin(reader);
	return ok;
}

/* Exchanges ------------------------------------------------------------------------------ */

static bool asks_clients(const struct listener_plan *lp)
{
	return lp->tls != NULL && tls_server_asks(lp->tls) != TLS_ASK_NONE;
}

/* A reload may ask more of clients than this one was asked. */
static bool asked_as_now(const struct exchange *ex)
{
	struct tls_server *now = ex->listener->tls;
	const struct transport *t = &ex->session->transport;

	return now != NULL && transport_is_tls(t) && tls_policy(t) == tls_server_policy(now);
}

const struct tls_peer *exchange_peer(const struct exchange *ex)
{
	return ex->peer;
}

static void learn_peer(struct exchange *ex)
{
	if (!asks_clients(ex->listener) || !asked_as_now(ex))
		return;
	ex->peer = tls_peer(&ex->session->transport);
	if (ex->peer != NULL)
		ex->identity = ex->peer->identity;
}

static bool is_misdirected(struct exchange *ex)
{
	const struct transport *t = &ex->session->transport;
	struct tls_server *tls = ex->listener->tls;

	if (tls == NULL)
		return false;
	if (tls_server_asks(tls) == TLS_ASK_REQUIRED && ex->peer == NULL)
		return true;
	return transport_is_tls(t) && !tls_server_covers(tls, t, ex->req.host);
}

enum reason secure_admit(struct exchange *ex)
{
	struct session *s = ex->session;

	if (ex->peer_trusted)	/* from anybody else it is gone already */
		(void)headers_remove_spellings(&ex->req.headers, STR("x-forwarded-client-cert"));
	if (ex->listener->tls == NULL && !transport_is_tls(&s->transport))
		return REASON_NONE;
	if (!asked_as_now(ex))
		s->ending = true;
	learn_peer(ex);
	if (!is_misdirected(ex))
		return REASON_NONE;
	s->ending = true;
	return REASON_MISDIRECTED;
}

/* x-forwarded-client-cert ------------------------------------------------------------------ */

static const char *const san_words[] = {
	[TLS_SAN_URI] = "URI", [TLS_SAN_DNS] = "DNS", [TLS_SAN_EMAIL] = NULL, [TLS_SAN_IP] = NULL,
};

enum { FORWARD_PARTS = 6 + 4 * PEER_NAMES_MOST };

static struct weir_str quoted(struct arena *arena, struct weir_str s)
{
	char *at = arena_take(arena, s.len * 2 + 2), *end = at;

	if (at == NULL)
		return STR("\"\"");
	*end++ = '"';
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '"' || s.data[i] == '\\')
			*end++ = '\\';
		*end++ = s.data[i] >= ' ' && s.data[i] <= '~' ? s.data[i] : '?';
	}
	*end++ = '"';
	return str_between(at, end);
}

/* Hash=...;Subject="...";URI=...;DNS=... as Envoy writes it. */
void secure_forward(struct exchange *ex)
{
	const struct tls_peer *p = ex->peer;
	struct weir_str *parts;
	size_t n = 0;

	if (p == NULL || !ex->listener->forward_client_cert)
		return;
	parts = arena_take(&ex->arena, FORWARD_PARTS * sizeof(*parts));
	if (parts == NULL)
		return;
	parts[n++] = STR("Hash=");
	parts[n++] = p->fingerprint;
	parts[n++] = STR(";Subject=");
	parts[n++] = quoted(&ex->arena, p->subject);
	for (uint32_t i = 0; i < p->name_count; i++) {
		if (san_words[p->names[i].kind] == NULL)
			continue;
		parts[n++] = STR(";");
		parts[n++] = str_from(san_words[p->names[i].kind]);
		parts[n++] = STR("=");
		parts[n++] = p->names[i].text;
	}
	(void)headers_set(&ex->req.headers, STR("x-forwarded-client-cert"),
			  arena_join(&ex->arena, parts, n));
}
