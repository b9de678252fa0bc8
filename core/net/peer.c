/* peer.c - the far end of a connection: kept small, printed fast. */
#include <arpa/inet.h>
#include <net/if.h>

#include "core/net/address.h"

static struct peer peer_of_ip6(const struct sockaddr_in6 *in6)
{
	struct peer p = { .family = AF_INET6, .port = ntohs(in6->sin6_port) };

	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		p.family = AF_INET;
		memcpy(p.ip, in6->sin6_addr.s6_addr + 12, 4);
		return p;
	}
	p.scope = in6->sin6_scope_id;
	memcpy(p.ip, &in6->sin6_addr, 16);
	return p;
}

struct peer peer_from_sockaddr(const struct sockaddr *sa, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	struct peer p = { .family = 0 };

	if (len < sizeof(sa->sa_family))
		return p;
	if (sa->sa_family == AF_INET && len >= sizeof(*in)) {
		p.family = AF_INET;
		p.port = ntohs(in->sin_port);
		memcpy(p.ip, &in->sin_addr, 4);
		return p;
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6))
		return peer_of_ip6((const struct sockaddr_in6 *)sa);
	if (sa->sa_family == AF_UNIX)
		p.family = AF_UNIX;
	return p;
}

static char *put_byte(char *at, unsigned n)
{
	if (n >= 100)
		*at++ = (char)('0' + n / 100);
	if (n >= 10)
		*at++ = (char)('0' + n / 10 % 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

static char *put_ip4(const uint8_t *ip, char *at)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_byte(at, ip[i]);
	}
	return at;
}

static char *put_ip6(const struct peer *p, char *at)
{
	(void)inet_ntop(AF_INET6, p->ip, at, INET6_ADDRSTRLEN);
	at += strlen(at);
	if (p->scope != 0) {
		*at++ = '%';
		at = str_put_u64(at, p->scope);
	}
	return at;
}

struct weir_str peer_ip_text(const struct peer *p, char *room)
{
	switch (p->family) {
	case AF_INET:
		return str_between(room, put_ip4(p->ip, room));
	case AF_INET6:
		return str_between(room, put_ip6(p, room));
	case AF_UNIX:
		return STR("unix");
	default:
		return STR("unknown");
	}
}

struct weir_str peer_text(const struct peer *p, char *room)
{
	bool bracket = p->family == AF_INET6;
	struct weir_str ip = peer_ip_text(p, room + bracket);
	char *at;

	if (peer_ip_len(p) == 0)
		return ip;
	at = room + bracket + ip.len;
	if (bracket) {
		room[0] = '[';
		*at++ = ']';
	}
	*at++ = ':';
	return str_between(room, str_put_u64(at, p->port));
}
