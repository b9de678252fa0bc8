/* address.h - where something listens or is dialled: IP and port, host name and port, or a unix path. */
#ifndef CORE_NET_ADDRESS_H
#define CORE_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <weir/error.h>

#include "core/base/str.h"

enum address_kind {
	ADDRESS_NONE,
	ADDRESS_IP4,
	ADDRESS_IP6,
	ADDRESS_UNIX,	/* a path, or an abstract name (unix:@name) */
	ADDRESS_NAME,	/* HOST:PORT, not resolved; has no sockaddr */
};

enum {
	ADDRESS_TEXT = 264,	/* the longest text form and its NUL: 253 of a name, a colon, a port */
	PEER_TEXT = 64,		/* room for peer_text() */
};

/* Plain bytes: copied by assignment, nothing to free. For listeners and endpoints, which are few
 * and long-lived; the far end of each connection is a struct peer. */
struct address {
	uint8_t kind;		/* enum address_kind */
	uint16_t port;		/* host order; 0 for unix */
	uint16_t text_len;
	socklen_t len;		/* of the sockaddr; 0 for a name */
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
		struct sockaddr_un un;
		struct sockaddr_storage storage;
	};
	char text[ADDRESS_TEXT];	/* the one canonical spelling; ends with NUL */
};

/* Reads IP:PORT, [IP6]:PORT, HOST:PORT, unix:PATH or unix:@NAME; the error says what is expected. */
bool address_parse(struct address *a, struct weir_str text, struct weir_error *error);
/* From a host (an IP, with or without brackets, or a name) and a port. */
bool address_parse_host(struct address *a, struct weir_str host, uint16_t port,
			struct weir_error *error);
/* From the kernel or a resolver; an IPv4 address in IPv6 clothes becomes IPv4. */
bool address_from_sockaddr(struct address *a, const struct sockaddr *sa, socklen_t len);

/* The same with another port; not for unix. */
void address_set_port(struct address *a, uint16_t port);

/* The canonical text, lent as long as `a` stays. */
static inline struct weir_str address_text(const struct address *a)
{
	return str_of(a->text, a->text_len);
}

/* The host without port and brackets; the path of a unix address. Lent. */
struct weir_str address_host(const struct address *a);

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return a->kind == b->kind && str_eq(address_text(a), address_text(b));
}

/* Reached from this machine only: loopback or unix. A name counts only when it is localhost. */
bool address_is_local(const struct address *a);

/* The far end of a connection in 24 bytes, for every idle one carries it. */
struct peer {
	uint16_t family;	/* AF_INET, AF_INET6, AF_UNIX, or 0: not known */
	uint16_t port;		/* host order */
	uint32_t scope;		/* of a link-local IPv6 address */
	uint8_t ip[16];		/* 4 or 16 bytes, network order */
};

/* An IPv4 address in IPv6 clothes becomes IPv4. */
struct peer peer_from_sockaddr(const struct sockaddr *sa, socklen_t len);
static inline size_t peer_ip_len(const struct peer *p)
{
	return p->family == AF_INET ? 4 : p->family == AF_INET6 ? 16 : 0;
}

/* Write the IP alone ("unix" for AF_UNIX), or IP:PORT, to `room` of PEER_TEXT bytes; no NUL. */
struct weir_str peer_ip_text(const struct peer *p, char *room);
struct weir_str peer_text(const struct peer *p, char *room);

#endif
