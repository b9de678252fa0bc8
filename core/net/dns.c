/* dns.c - names asked of the DNS: c-ares woven into the loop of each worker that asks. */
#include "config.h"

#include "core/net/dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"

enum { SOCKETS_MOST = 64 };

/* So old a channel is made anew when nobody waits on it: resolv.conf may have changed. */
#define CHANNEL_LIFE (60 * NS_PER_S)

struct dns;

struct dns_socket {
	struct source source;		/* fd -1: free */
	struct dns *dns;
	bool writing;
};

/* One for each worker that has ever asked. Everything happens on its thread. */
struct dns {
	struct worker *worker;
	ares_channel channel;
	uint64_t made;
	uint32_t open;			/* questions that are out */
	struct timer timer;		/* when c-ares wants to look again */
	struct dns_socket sockets[SOCKETS_MOST];
};

/* One question. Belongs to the fiber that waits; when that has left, to the callback. */
struct question {
	struct dns *dns;
	struct fiber *fiber;		/* NULL: it has left */
	bool done;
	enum dns_result result;
	struct dns_host *host;		/* where answers go: one of the two, while the fiber waits */
	struct buffer *packet;
};

static const char *only_servers;

void dns_use_servers(const char *servers)
{
	only_servers = servers;
}

const char *dns_words(enum dns_result result)
{
	static const char *const words[] = {
		[DNS_FOUND] = "it was found", [DNS_UNKNOWN] = "there is no such name",
		[DNS_NO_DATA] = "the name has no address",
		[DNS_FAILED] = "no name server could say", [DNS_NO_MEMORY] = "out of memory",
		[DNS_CANCELLED] = "nobody wants to know any more",
	};

	return words[result];
}

static enum dns_result result_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return DNS_FOUND;
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return DNS_UNKNOWN;
	case ARES_ENODATA:
		return DNS_NO_DATA;
	case ARES_ENOMEM:
		return DNS_NO_MEMORY;
	default:
		return DNS_FAILED;
	}
}

/* --- In the loop. --------------------------------------------------------------------------------- */

static void set_timer(struct dns *dns)
{
	struct loop *loop = &dns->worker->loop;
	struct timeval tv;

	if (ares_timeout(dns->channel, NULL, &tv) == NULL)
		timer_clear(&loop->timers, &dns->timer);
	else
		timer_set(&loop->timers, &dns->timer,
			  clock_now() + (uint64_t)tv.tv_sec * NS_PER_S +
			  (uint64_t)tv.tv_usec * NS_PER_US + NS_PER_MS);
}

/* Callbacks run in here: they note and wake. */
static void process(struct dns *dns, ares_socket_t in, ares_socket_t out)
{
	fiber_no_wait_begin();
	ares_process_fd(dns->channel, in, out);
	fiber_no_wait_end();
	set_timer(dns);
}

static void on_event(struct source *s, unsigned events)
{
	struct dns_socket *socket = container_of(s, struct dns_socket, source);
	unsigned failed = events & (SOURCE_ERR | SOURCE_HUP);
	int fd = s->fd;

	process(socket->dns, (events & SOURCE_IN) != 0 || failed != 0 ? fd : ARES_SOCKET_BAD,
		(events & SOURCE_OUT) != 0 || (failed != 0 && socket->writing) ? fd
									       : ARES_SOCKET_BAD);
}

static void on_time(struct timer *t)
{
	process(container_of(t, struct dns, timer), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static struct dns_socket *socket_of(struct dns *dns, int fd)
{
	for (unsigned i = 0; i < SOCKETS_MOST; i++)
		if (dns->sockets[i].source.fd == fd)
			return &dns->sockets[i];
	return NULL;
}

/* A foreign descriptor: level-triggered. While it connects or writes, that is what is waited for: an answer
 * cannot come before. Without a place or the poller's help the question times out. */
static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns *dns = arg;
	struct poller *poller = &dns->worker->loop.poller;
	struct dns_socket *socket = socket_of(dns, fd);

	if (socket != NULL) {
		poller_remove(poller, &socket->source);
		socket->source.fd = -1;
	}
	if (!readable && !writable)
		return;
	if (socket == NULL)
		socket = socket_of(dns, -1);
	if (socket == NULL)
		return;
	socket->source.fd = fd;
	socket->writing = writable != 0;
	if (!poller_add(poller, &socket->source, writable ? SOURCE_LEVEL_OUT : SOURCE_LEVEL_IN))
		socket->source.fd = -1;
}

/* --- The channel. ----------------------------------------------------------------------------------- */

static bool open_channel(struct dns *dns)
{
	struct ares_options options = { .sock_state_cb = on_socket, .sock_state_cb_data = dns };

	dns->channel = NULL;
	if (ares_init_options(&dns->channel, &options, ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		return false;
	dns->made = clock_now();
	if (only_servers == NULL || ares_set_servers_ports_csv(dns->channel, only_servers) == ARES_SUCCESS)
		return true;
	ares_destroy(dns->channel);
	dns->channel = NULL;
	return false;
}

static struct dns *dns_new(struct worker *w)
{
	struct dns *dns = mem_alloc(sizeof(*dns));

	if (dns == NULL)
		return NULL;
	dns->worker = w;
	timer_init(&dns->timer, on_time);
	for (unsigned i = 0; i < SOCKETS_MOST; i++)
		dns->sockets[i] = (struct dns_socket){ .source = { .fd = -1, .notify = on_event },
						       .dns = dns };
	return dns;
}

static void close_channel(struct dns *dns)
{
	if (dns->channel != NULL)
		ares_destroy(dns->channel);	/* ends what is out, and its sockets */
	dns->channel = NULL;
	timer_clear(&dns->worker->loop.timers, &dns->timer);
}

static struct dns *dns_of(struct worker *w)
{
	struct dns *dns = w->slots[WORKER_NET];

	if (dns == NULL)
		dns = w->slots[WORKER_NET] = dns_new(w);
	if (dns == NULL)
		return NULL;
	if (dns->channel != NULL && dns->open == 0 && clock_now() - dns->made > CHANNEL_LIFE)
		close_channel(dns);
	return dns->channel != NULL || open_channel(dns) ? dns : NULL;
}

void dns_close(struct worker *w)
{
	struct dns *dns = w->slots[WORKER_NET];

	if (dns == NULL)
		return;
	close_channel(dns);
	w->slots[WORKER_NET] = NULL;
	mem_free(dns);
}

/* --- Questions. ------------------------------------------------------------------------------------- */

static struct question *question_new(struct dns *dns)
{
	struct question *q = mem_alloc(sizeof(*q));

	if (q == NULL)
		return NULL;
	q->dns = dns;
	q->fiber = fiber_self();
	dns->open++;
	return q;
}

static void answered(struct question *q, enum dns_result result)
{
	q->dns->open--;
	q->done = true;
	q->result = result;
	if (q->fiber != NULL)
		fiber_wake(q->fiber);
	else
		mem_free(q);
}

/* Takes the question, unless it is still out. */
static enum dns_result wait_answer(struct question *q)
{
	enum wake why = WAKE_EVENT;
	enum dns_result result;

	while (!q->done && why == WAKE_EVENT)
		why = fiber_park();
	if (!q->done) {
		q->fiber = NULL;
		return why == WAKE_CANCEL ? DNS_CANCELLED : DNS_FAILED;
	}
	result = q->result;
	mem_free(q);
	return result;
}

static void on_packet(void *arg, int status, int timeouts, unsigned char *packet, int len)
{
	struct question *q = arg;
	enum dns_result result = result_of(status);

	(void)timeouts;
	if (result == DNS_FOUND && q->fiber != NULL &&
	    !buffer_add(q->packet, str_of((const char *)packet, (size_t)len)))
		result = DNS_NO_MEMORY;
	answered(q, result);
}

enum dns_result dns_query(struct worker *w, const char *name, int type, struct buffer *out)
{
	struct dns *dns = dns_of(w);
	struct question *q = dns != NULL ? question_new(dns) : NULL;

	if (q == NULL)
		return DNS_NO_MEMORY;
	q->packet = out;
	fiber_no_wait_begin();
	ares_query(dns->channel, name, ns_c_in, type, on_packet, q);
	fiber_no_wait_end();
	set_timer(dns);
	return wait_answer(q);
}

/* --- Hosts. ----------------------------------------------------------------------------------------- */

/* Addresses of a family that this machine has none of are of no use to it. */
static int family_of_ours(void)
{
	struct ifaddrs *all = NULL;
	bool four = false, six = false;

	if (getifaddrs(&all) != 0)
		return AF_UNSPEC;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (a->ifa_addr == NULL || (a->ifa_flags & IFF_LOOPBACK) != 0)
			continue;
		four = four || a->ifa_addr->sa_family == AF_INET;
		six = six || (a->ifa_addr->sa_family == AF_INET6 &&
			      !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)
						       a->ifa_addr)->sin6_addr));
	}
	freeifaddrs(all);
	return four == six ? AF_UNSPEC : four ? AF_INET : AF_INET6;
}

static void keep(struct dns_host *host, const struct ares_addrinfo_node *node)
{
	uint32_t ttl = node->ai_ttl > 0 ? (uint32_t)node->ai_ttl : 0;

	if (host->count == DNS_ADDRESSES || node->ai_addrlen > sizeof(host->at[0]))
		return;
	memcpy(&host->at[host->count], node->ai_addr, node->ai_addrlen);
	host->lens[host->count] = node->ai_addrlen;
	if (host->count++ == 0 || ttl < host->ttl)
		host->ttl = ttl;
}

static void on_host(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *q = arg;
	enum dns_result result = result_of(status);

	(void)timeouts;
	if (q->fiber != NULL && result == DNS_FOUND)
		for (const struct ares_addrinfo_node *n = found->nodes; n != NULL; n = n->ai_next)
			keep(q->host, n);
	if (result == DNS_FOUND && q->fiber != NULL && q->host->count == 0)
		result = DNS_NO_DATA;
	ares_freeaddrinfo(found);
	answered(q, result);
}

enum dns_result dns_host(struct worker *w, const char *name, struct dns_host *out)
{
	const struct ares_addrinfo_hints hints = { .ai_family = family_of_ours(),
						   .ai_socktype = SOCK_STREAM };
	struct dns *dns = dns_of(w);
	struct question *q = dns != NULL ? question_new(dns) : NULL;

	out->count = 0;
	out->ttl = 0;
	if (q == NULL)
		return DNS_NO_MEMORY;
	q->host = out;
	fiber_no_wait_begin();
	ares_getaddrinfo(dns->channel, name, NULL, &hints, on_host, q);
	fiber_no_wait_end();
	set_timer(dns);
	return wait_answer(q);
}
