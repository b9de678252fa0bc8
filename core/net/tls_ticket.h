/* tls_ticket.h - keys of session tickets: of the process, made anew now and then, and bound to what a
 * listener asks of its clients. For the TLS files of this floor. */
#ifndef CORE_NET_TLS_TICKET_H
#define CORE_NET_TLS_TICKET_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

enum { TICKET_KEYS = 3, TICKET_DIGEST = 32 };

struct ticket_key {
	unsigned char name[16], cipher[32], mac[32];
};

/* A worker's copy for one listener; newest first. Zeroed: none yet. */
struct ticket_ring {
	uint32_t version;
	struct ticket_key keys[TICKET_KEYS];
};

/* Brings the copy up to date: a load when nothing has changed. False: there are no keys. [worker] */
bool ticket_ring_follow(struct ticket_ring *ring, const unsigned char binding[TICKET_DIGEST]);
/* The binding has changed: the copy is void. */
void ticket_ring_forget(struct ticket_ring *ring);

/* What OpenSSL calls with the ring that is to be used. */
int ticket_crypt(const struct ticket_ring *ring, unsigned char name[16], unsigned char *iv,
		 EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals);

#endif
