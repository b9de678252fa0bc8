/* tls_layer.c - the TLS layer of a transport: records in and out, one send for all that a call writes. */
#include "core/net/tls_inside.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <pthread.h>
#include <sys/socket.h>

#include "core/base/mem.h"

enum {
	RECORD = 16384,			/* bytes of the writer's in one record */
	RECORDS_AT_ONCE = 4,
	CORK_BYTES = RECORDS_AT_ONCE * (RECORD + 256),
	CHATTER_MOST = 32,		/* times in a row that there was something for OpenSSL alone */
	OUT_MOST = 1 << 20,		/* records that wait for the socket: more is an attack */
};

/* The cork ------------------------------------------------------------------------ */

/* Where records gather until the call that made them sends them: one per thread, empty between
 * calls. */
struct cork {
	size_t len;
	char bytes[CORK_BYTES];
	char joined[RECORD];		/* parts on their way into one record */
};

static pthread_key_t cork_key;
static BIO_METHOD *method;

static struct cork *cork_here(void)
{
	struct cork *c = pthread_getspecific(cork_key);

	if (c != NULL)
		return c;
	c = malloc(sizeof(*c));
	if (c == NULL)
		return NULL;
	c->len = 0;
	if (pthread_setspecific(cork_key, c) != 0) {
		mem_free(c);
		return NULL;
	}
	return c;
}

static bool keep(struct tls *l, const char *data, size_t len)
{
	size_t need = l->out_len + len;

	if (need > OUT_MOST)
		return false;
	if (need > l->out_room) {
		char *more = mem_resize(l->out, need, 1);

		if (more == NULL)
			return false;
		l->out = more;
		l->out_room = (uint32_t)need;
	}
	memcpy(l->out + l->out_len, data, len);
	l->out_len += (uint32_t)len;
	return true;
}

static void forget_out(struct tls *l)
{
	mem_free(l->out);
	l->out = NULL;
	l->out_at = l->out_len = l->out_room = 0;
}

/* Behind what waits already; or into the cork. */
static bool put(struct tls *l, const char *data, size_t len)
{
	struct cork *c = cork_here();

	if (c == NULL)
		return false;
	if (l->out_len == 0 && len <= CORK_BYTES - c->len) {
		memcpy(c->bytes + c->len, data, len);
		c->len += len;
		return true;
	}
	if (c->len > 0 && !keep(l, c->bytes, c->len))
		return false;
	c->len = 0;
	return keep(l, data, len);
}

/* False: the socket takes no more now, or never. */
static bool send_some(struct tls *l, const char *data, size_t len, size_t *sent)
{
	struct transport *t = l->transport;
	struct iovec part = { (char *)(uintptr_t)data, len };

	*sent = 0;
	if (!(t->latched & SOURCE_OUT))
		return false;
	return transport_plain.write(t, &part, 1, sent) == IO_OK && *sent == len;
}

static bool send_cork(struct tls *l, struct cork *c)
{
	size_t sent, len = c->len;

	c->len = 0;
	l->slow = !send_some(l, c->bytes, len, &sent);
	return !l->slow || keep(l, c->bytes + sent, len - sent);
}

static bool send_kept(struct tls *l)
{
	size_t sent;

	l->slow = !send_some(l, l->out + l->out_at, l->out_len - l->out_at, &sent);
	l->out_at += (uint32_t)sent;
	if (l->out_at == l->out_len)
		forget_out(l);
	return true;
}

bool tls_send(struct tls *l)
{
	struct cork *c = cork_here();
	bool ok = true;

	if (c == NULL)
		return false;
	if (c->len > 0)
		ok = send_cork(l, c);
	else if (l->out_len > 0)
		ok = send_kept(l);
	return ok && !l->transport->mute && !l->transport->broken;
}

bool tls_hold(struct tls *l)
{
	struct cork *c = cork_here();
	bool ok = c != NULL && (c->len == 0 || keep(l, c->bytes, c->len));

	if (ok)
		c->len = 0;
	return ok;
}

/* The BIO --------------------------------------------------------------------------- */

static int bio_write(BIO *bio, const char *data, size_t len, size_t *written)
{
	struct tls *l = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	*written = 0;
	if (l == NULL || !put(l, data, len))
		return 0;
	*written = len;
	return 1;
}

static void note_first(struct tls *l, const char *data, size_t len)
{
	while (l->first_len < sizeof(l->first) && len > 0) {
		l->first[l->first_len++] = (uint8_t)*data++;
		len--;
	}
}

static int bio_read(BIO *bio, char *at, size_t room, size_t *got)
{
	struct tls *l = BIO_get_data(bio);
	struct transport *t = l->transport;
	enum io result = IO_AGAIN;

	BIO_clear_retry_flags(bio);
	*got = 0;
	if (t->latched & SOURCE_IN)
		result = transport_plain.read(t, at, room, got);
	switch (result) {
	case IO_OK:
		if (unlikely(l->first_len < sizeof(l->first)))
			note_first(l, at, *got);
		return 1;
	case IO_AGAIN:
		l->starved = true;
		BIO_set_retry_read(bio);
		return 0;
	case IO_EOF:
		l->ended = true;
		return 0;
	case IO_RESET:
	case IO_TIMEOUT:
	case IO_CANCELLED:
		break;
	}
	return 0;
}

static long bio_ctrl(BIO *bio, int what, long number, void *pointer)
{
	struct tls *l = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return l != NULL && l->ended;
	default:
		return 0;
	}
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static void make_shared(void)
{
	if (pthread_key_create(&cork_key, mem_free) != 0)
		return;
	method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "transport");
	if (method == NULL)
		return;
	BIO_meth_set_write_ex(method, bio_write);
	BIO_meth_set_read_ex(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	BIO_meth_set_create(method, bio_create);
}

static BIO *bio_of(struct tls *l)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	BIO *bio;

	(void)pthread_once(&once, make_shared);
	bio = method != NULL ? BIO_new(method) : NULL;
	if (bio != NULL)
		BIO_set_data(bio, l);
	return bio;
}

/* The transport's calls ---------------------------------------------------------------- */

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

/* Tickets and new keys come in records of their own: OpenSSL returns when all that lay in its buffer was such.
 * A peer that sends nothing else would keep us at work. */
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

	if (count == 1 || parts[0].iov_len >= RECORD) {
		*len = parts[0].iov_len < RECORD ? parts[0].iov_len : RECORD;
		return parts[0].iov_base;
	}
	for (; count > 0 && n < RECORD; parts++, count--) {
		size_t most = parts[0].iov_len < RECORD - n ? parts[0].iov_len : RECORD - n;

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

/* False: it broke. */
static bool seal(struct tls *l, struct writing *w)
{
	struct cork *c = cork_here();
	int records = l->slow ? 1 : RECORDS_AT_ONCE;
	size_t n;

	w->done = w->last = 0;
	if (c == NULL)
		return false;
	while (records-- > 0 && w->count > 0) {
		const char *piece = next_piece(w->parts, w->count, c->joined, &w->last);

		if (w->last > 0 && SSL_write_ex(l->ssl, piece, w->last, &n) <= 0)
			return false;
		w->done += w->last;
		(void)iovec_advance(&w->parts, &w->count, w->last);
	}
	return true;
}

static enum io break_off(struct tls *l)
{
	struct cork *c = cork_here();

	if (c != NULL)
		c->len = 0;
	ERR_clear_error();
	l->transport->mute = true;
	return IO_RESET;
}

enum { PARTS_MOST = 8 };

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
	forget_errors();
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
	forget_out(l);
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
	BIO *bio = l != NULL ? bio_of(l) : NULL;

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
