/* tls_layer.c - the TLS layer of a transport: records in and out, one send for all that a call writes. */
#include "core/net/tls_inside.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include "core/base/mem.h"

enum {
	PARTS_MOST = 8,			/* of one write that are looked at */
	CHATTER_MOST = 32,		/* times in a row that there was something for OpenSSL alone */
};

/* In TLS 1.3 it may come after the handshake. */
static void note_refusal(struct transport *t)
{
	if (!tls_of(t)->server && tls_is_refusal())
		t->why = REASON_TLS_REFUSED;
}

static enum io how_it_ended(struct tls *l, int returned)
{
	struct transport *t = l->transport;

	switch (SSL_get_error(l->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		if (l->chatter < CHATTER_MOST)
			return IO_AGAIN;
		t->broken = true;
		return IO_RESET;
	case SSL_ERROR_ZERO_RETURN:
		return IO_EOF;
	default:
		note_refusal(t);
		ERR_clear_error();
		t->broken = true;
		return IO_RESET;
	}
}

/* What an earlier call left would be taken for this one's. To look is cheaper than to clear. */
static void forget_errors(void)
{
	if (unlikely(ERR_peek_error() != 0))
		ERR_clear_error();
}

/* Tickets and new keys come in records of their own: OpenSSL returns when all that lay in its buffer
 * was such. A peer that sends nothing else would keep us at work. */
static int read_record(struct tls *l, char *at, size_t room, size_t *n)
{
	int returned;

	do {
		l->starved = false;
		returned = SSL_read_ex(l->ssl, at, room, n);
		if (returned > 0)
			l->chatter = 0;
	} while (returned <= 0 && !l->starved && SSL_get_error(l->ssl, returned) == SSL_ERROR_WANT_READ &&
		 ++l->chatter < CHATTER_MOST);
	return returned;
}

static enum io tls_read(struct transport *t, char *at, size_t room, size_t *got)
{
	struct tls *l = tls_of(t);
	enum io result = IO_OK;
	int returned;
	size_t n;

	forget_errors();
	do {
		returned = read_record(l, at + *got, room - *got, &n);
		if (returned > 0)
			*got += n;
	} while (returned > 0 && *got < room && SSL_has_pending(l->ssl));
	if (returned > 0) {
		l->ready = SSL_has_pending(l->ssl);
	} else {
		result = how_it_ended(l, returned);
		l->ready = result != IO_AGAIN;		/* an end can be read again */
	}
	if (!tls_send(l))
		t->mute = true;
	if (*got == 0)
		return result;
	if (result == IO_RESET)
		t->broken = false;	/* what came before the end is still good; the next read tells */
	return IO_OK;
}

/* The parts of one record in one place, or the part itself when it is enough. */
static const char *next_piece(const struct iovec *parts, int count, char *joined, size_t *len)
{
	size_t n = 0;

	if (count == 1 || parts[0].iov_len >= TLS_RECORD) {
		*len = parts[0].iov_len < TLS_RECORD ? parts[0].iov_len : TLS_RECORD;
		return parts[0].iov_base;
	}
	for (; count > 0 && n < TLS_RECORD; parts++, count--) {
		size_t most = parts[0].iov_len < TLS_RECORD - n ? parts[0].iov_len : TLS_RECORD - n;

		memcpy(joined + n, parts[0].iov_base, most);
		n += most;
	}
	*len = n;
	return joined;
}

/* What is to be written, stepped over as it becomes records. */
struct writing {
	struct iovec *parts;
	int count;
	size_t done, last;	/* bytes in the records of this round; of them, in the last */
};

/* Straight into the cork, when it is us who seals and OpenSSL has nothing to say before. */
static bool seal_one(struct tls *l, const char *piece, size_t len)
{
	size_t n;

	if (l->seal.key_len > 0 && SSL_get_key_update_type(l->ssl) == SSL_KEY_UPDATE_NONE)
		return tls_cork_seal(l, piece, len);
	forget_errors();
	return SSL_write_ex(l->ssl, piece, len, &n) > 0;
}

/* False: it broke. */
static bool seal(struct tls *l, struct writing *w)
{
	char *room = tls_room_for_record();
	int records = l->slow ? 1 : TLS_RECORDS;

	w->done = w->last = 0;
	if (room == NULL)
		return false;
	while (records-- > 0 && w->count > 0) {
		const char *piece = next_piece(w->parts, w->count, room, &w->last);

		if (w->last > 0 && !seal_one(l, piece, w->last))
			return false;
		w->done += w->last;
		(void)iovec_advance(&w->parts, &w->count, w->last);
	}
	return true;
}

static enum io break_off(struct tls *l)
{
	tls_forget_cork();
	ERR_clear_error();
	l->transport->mute = true;
	return IO_RESET;
}

/* The writer is told of the last record when that has left: whoever was told that all is written may
 * forget the connection. Until then it comes again with the same bytes. */
static enum io write_more(struct tls *l, struct writing *w, size_t *told)
{
	while (w->count > 0) {
		if (!seal(l, w) || !tls_send(l))
			return break_off(l);
		*told += w->done;
		if (l->out_len > 0) {
			*told -= w->last;
			l->owed = (uint32_t)w->last;
			break;
		}
	}
	return *told > 0 ? IO_OK : IO_AGAIN;
}

static enum io tls_write(struct transport *t, const struct iovec *given, int given_count, size_t *told)
{
	struct tls *l = tls_of(t);
	struct iovec own[PARTS_MOST];
	struct writing w = { .parts = own, .count = given_count < PARTS_MOST ? given_count : PARTS_MOST };

	memcpy(own, given, (size_t)w.count * sizeof(*own));
	if (l->owed > 0) {
		if (!tls_send(l))
			return break_off(l);
		if (l->out_len > 0)
			return IO_AGAIN;
		*told = l->owed;
		l->owed = 0;
		(void)iovec_advance(&w.parts, &w.count, *told);
	}
	return write_more(l, &w, told);
}

static bool tls_pending(const struct transport *t)
{
	return tls_of(t)->ready;
}

static void say_goodbye(struct tls *l)
{
	bool heard = (SSL_get_shutdown(l->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;

	if (!l->state.done || l->slow || l->owed > 0 || heard)
		return;		/* who has said goodbye listens no more */
	ERR_clear_error();
	(void)SSL_shutdown(l->ssl);
	(void)tls_send(l);
	ERR_clear_error();
}

static void tls_shutdown(struct transport *t)
{
	say_goodbye(tls_of(t));
	(void)shutdown(t->source.fd, SHUT_WR);
}

void tls_layer_free(struct tls *l)
{
	l->transport->ops = &transport_plain;
	l->transport->layer = NULL;
	/* Else OpenSSL takes the session for a bad one, which must not be resumed. */
	if (l->state.done)
		SSL_set_shutdown(l->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(l->ssl);
	tls_peer_free(l->peer);
	tls_forget_out(l);
	tls_seal_forget(&l->seal);
	mem_free(l);
}

static void tls_close(struct transport *t)
{
	struct tls *l = tls_of(t);

	if (!t->cut)
		say_goodbye(l);
	tls_layer_free(l);
}

static const struct transport_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.pending = tls_pending,
	.shutdown = tls_shutdown,
	.close = tls_close,
};

bool tls_layer_open(struct transport *t, SSL *ssl, bool server)
{
	struct tls *l = mem_alloc(sizeof(*l));
	BIO *bio = l != NULL ? tls_bio(l) : NULL;

	if (bio == NULL) {
		mem_free(l);
		SSL_free(ssl);
		return false;
	}
	l->ssl = ssl;
	l->transport = t;
	l->server = server;
	SSL_set_bio(ssl, bio, bio);
	SSL_set_app_data(ssl, l);
	t->layer = l;
	t->ops = &tls_ops;
	return true;
}
