/* tls_inside.h - what the files of the TLS layer share; nobody else includes it. */
#ifndef CORE_NET_TLS_INSIDE_H
#define CORE_NET_TLS_INSIDE_H

#include <openssl/ssl.h>

#include "core/net/tls.h"

/* What records are sealed with that go to the far end, while it is us who seals them (tls_seal.c). */
struct tls_seal {
	uint64_t id;			/* of these keys, in all the process */
	uint64_t next;			/* the record's number */
	unsigned char key[32], iv[12];
	uint8_t key_len;		/* 0: OpenSSL seals */
	uint8_t type;			/* of the next record */
	bool changed;			/* keys have changed: OpenSSL seals from then on */
};

/* The layer of one connection. Its BIO reads from the socket and writes to the cork of the thread, so
 * that what one call produces leaves in one send. */
struct tls {
	struct tls_state state;
	SSL *ssl;
	struct transport *transport;
	char *out;			/* records that have not left; NULL: none */
	uint32_t out_at, out_len, out_room;
	uint32_t owed;			/* bytes of the writer's in them, of which it was not told */
	void *memory;			/* a client's: struct tls_memory, or NULL */
	struct tls_here *here;		/* a server's: the worker's share of it, during the handshake */
	struct tls_peer *peer;		/* when somebody has asked for it; owned */
	enum reason why;		/* of a failing handshake, when a callback knows it better */
	uint8_t first[4], first_len;	/* bytes that came: no TLS begins with letters */
	struct tls_seal seal;
	uint8_t chatter;		/* reads since the last with bytes for the reader */
	bool starved;			/* OpenSSL wanted more than the socket had */
	bool server;
	bool ready;			/* bytes, or an end, wait above the socket */
	bool slow;			/* the socket did not take the last send whole */
	bool ended;			/* the peer's FIN came without a word before */
};

/* What a certificate says of its holder; NULL without memory. */
struct tls_peer *tls_peer_read(X509 *cert);
void tls_peer_free(struct tls_peer *p);

/* Puts the layer on an open transport; takes `ssl`, which knows its side. False: out of memory, and
 * the transport is as it was. */
bool tls_layer_open(struct transport *t, SSL *ssl, bool server);

static inline struct tls *tls_of(const struct transport *t)
{
	return t->layer;
}

static inline struct tls *tls_of_ssl(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* tls_cork.c: a cork per thread, where records gather until the call that made them sends them. It is empty
 * between calls, and nothing parks while it is not. */
enum {
	TLS_RECORD = 16384,	/* bytes of the writer's in one record */
	TLS_RECORDS = 4,	/* at once */
	TLS_AROUND = 256,	/* more than any cipher adds to a record */
};

BIO *tls_bio(struct tls *l);
/* Lends room for the parts of one record; NULL without memory. */
char *tls_room_for_record(void);
void tls_forget_cork(void);
void tls_forget_out(struct tls *l);

/* Seals what is written with the next record's number. False: it broke; nothing was written. */
bool tls_cork_seal(struct tls *l, const char *data, size_t len);

/* tls_seal.c: sealing, with a thread's contexts. */
struct tls_sealer;
struct tls_crypto_info;			/* as the kernel gets it: <linux/tls.h> */
struct tls_sealer *tls_sealer_new(void);	/* NULL without memory */
void tls_sealer_free(struct tls_sealer *s);
/* Takes the keys. False: these are none for us. */
bool tls_seal_take(struct tls_seal *s, const struct tls_crypto_info *info);
void tls_seal_forget(struct tls_seal *s);
/* Writes the record of `len` bytes, TLS_RECORD at most, where there is room for TLS_AROUND more. Gives its
 * length; 0: it could not be sealed, and nothing may follow. */
size_t tls_seal_record(struct tls_sealer *by, struct tls_seal *s, const char *data, size_t len, char *out);

/* Sends what has been written; what the socket does not take is kept. False: the connection is
 * broken. */
bool tls_send(struct tls *l);
/* Keeps it until something else is sent. False: out of memory, and it still is to be sent. */
bool tls_hold(struct tls *l);
void tls_layer_free(struct tls *l);
/* OpenSSL's newest error is that the far end does not like our certificate, or wants one. */
bool tls_is_refusal(void);

/* The newest error of OpenSSL in words, without its numbers; empties the queue. */
struct tls_words { char text[160]; };
struct tls_words tls_words(void);

/* Why a handshake failed, of what OpenSSL says; adds its words. */
enum reason tls_blame(struct tls *l, struct weir_error *error);

#endif
