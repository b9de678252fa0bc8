/* dns.h - names asked of the DNS, on the loop of who asks; the hosts file counts, too. The door to c-ares. */
#ifndef CORE_NET_DNS_H
#define CORE_NET_DNS_H

#include <sys/socket.h>

#include "core/base/buffer.h"
#include "core/fiber/worker.h"

enum dns_result {
	DNS_FOUND,
	DNS_UNKNOWN,	/* there is no such name */
	DNS_NO_DATA,	/* there is, but it has nothing of this kind */
	DNS_FAILED,	/* nobody could say: no server, a refusal, nonsense, or the deadline came */
	DNS_NO_MEMORY,
	DNS_CANCELLED,
};

/* "there is no such name": for sentences. */
const char *dns_words(enum dns_result result);

enum { DNS_ADDRESSES = 32 };	/* of one name; the others are left out */

struct dns_host {
	uint32_t count;
	uint32_t ttl;			/* seconds: the smallest; 0: it is not told */
	struct sockaddr_storage at[DNS_ADDRESSES];
	socklen_t lens[DNS_ADDRESSES];
};

/* The addresses of a host: of those families that this machine has an address of itself, the better ones
 * first. Search domains apply. On a fiber of `w`, under a deadline; waits. */
enum dns_result dns_host(struct worker *w, const char *name, struct dns_host *out);

/* The answer to a question about exactly this name, as it came over the wire, into `out`; `type` is a
 * number of the DNS. Likewise. */
enum dns_result dns_query(struct worker *w, const char *name, int type, struct buffer *out);

/* "10.0.0.1:53,10.0.0.2" in place of those in resolv.conf; NULL: those. Before anybody asks. */
void dns_use_servers(const char *servers);

/* When the worker ends. Harmless when it never asked. */
void dns_close(struct worker *w);

#endif
