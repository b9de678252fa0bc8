/* tls_cork.c - under OpenSSL: bytes in straight from the socket, records out by way of a cork. */
#include "core/net/tls_inside.h"

#include <openssl/bio.h>
#include <pthread.h>

#include "core/base/mem.h"

enum {
	CORK_BYTES = TLS_RECORDS * (TLS_RECORD + TLS_AROUND),
	OUT_MOST = 1 << 20,		/* records that wait for the socket: more is an attack */
};

/* The cork ------------------------------------------------------------------------ */

/* Where records gather until the call that made them sends them: one per thread, empty between
 * calls. */
struct cork {
	size_t len;
	struct tls_sealer *sealer;		/* made at first use */
	char bytes[CORK_BYTES];
	char joined[TLS_RECORD];		/* parts on their way into one record */
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
	c->sealer = NULL;
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

/* The cork's bytes wait with the connection. */
static bool empty(struct tls *l, struct cork *c)
{
	bool ok = c->len == 0 || keep(l, c->bytes, c->len);

	c->len = ok ? 0 : c->len;
	return ok;
}

void tls_forget_out(struct tls *l)
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
	return empty(l, c) && keep(l, data, len);
}

static bool can_seal(struct cork *c)
{
	if (c != NULL && c->sealer == NULL)
		c->sealer = tls_sealer_new();
	return c != NULL && c->sealer != NULL;
}

bool tls_cork_seal(struct tls *l, const char *data, size_t len)
{
	struct cork *c = cork_here();
	size_t n;

	if (!can_seal(c) || (len + TLS_AROUND > CORK_BYTES - c->len && !empty(l, c)))
		return false;
	n = tls_seal_record(c->sealer, &l->seal, data, len, c->bytes + c->len);
	c->len += n;
	return n > 0 && (l->out_len == 0 || empty(l, c));
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
		tls_forget_out(l);
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

	return c != NULL && empty(l, c);
}

char *tls_room_for_record(void)
{
	struct cork *c = cork_here();

	return c != NULL ? c->joined : NULL;
}

void tls_forget_cork(void)
{
	struct cork *c = cork_here();

	if (c != NULL)
		c->len = 0;
}

/* The BIO --------------------------------------------------------------------------- */

static int bio_write(BIO *bio, const char *data, size_t len, size_t *written)
{
	struct tls *l = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	*written = 0;
	if (!(l->seal.key_len > 0 ? tls_cork_seal(l, data, len) : put(l, data, len)))
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

/* Not in OpenSSL's headers, but named there in a comment. */
enum { CTRL_TAKE_KEYS = 72, CTRL_NEXT_TYPE = 74 };

static long bio_ctrl(BIO *bio, int what, long number, void *pointer)
{
	struct tls *l = BIO_get_data(bio);

	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return l->ended;
	case CTRL_TAKE_KEYS:
		return number != 0 && can_seal(cork_here()) && tls_seal_take(&l->seal, pointer);
	case BIO_CTRL_GET_KTLS_SEND:
		return l->seal.key_len > 0;
	case CTRL_NEXT_TYPE:
		l->seal.type = (uint8_t)number;
		return 0;
	default:
		return 0;
	}
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static void cork_free(void *cork)
{
	tls_sealer_free(((struct cork *)cork)->sealer);
	mem_free(cork);
}

static void make_shared(void)
{
	if (pthread_key_create(&cork_key, cork_free) != 0)
		return;
	method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "transport");
	if (method == NULL)
		return;
	BIO_meth_set_write_ex(method, bio_write);
	BIO_meth_set_read_ex(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	BIO_meth_set_create(method, bio_create);
}

BIO *tls_bio(struct tls *l)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	BIO *bio;

	(void)pthread_once(&once, make_shared);
	bio = method != NULL ? BIO_new(method) : NULL;
	if (bio != NULL)
		BIO_set_data(bio, l);
	return bio;
}
