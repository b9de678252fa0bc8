/* wire_address.c - loopback sockets, and bodies whose bytes are known at every offset. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/e2e/wire.h"

int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(*port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("listen_on_loopback");
		abort();
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

int connect_to(const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd, why;

	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(address + 5);
	a.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

void deaf_open(struct deaf *d)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint16_t port = 0;

	d->listener = listen_on_loopback(&port);
	(void)snprintf(d->address, sizeof(d->address), "127.0.0.1:%u", port);
	a.sin_port = htons(port);
	listen(d->listener, 0);
	for (size_t i = 0; i < sizeof(d->queued) / sizeof(d->queued[0]); i++) {
		d->queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(d->queued[i], (struct sockaddr *)&a, sizeof(a));
	}
}

void deaf_close(struct deaf *d)
{
	for (size_t i = 0; i < sizeof(d->queued) / sizeof(d->queued[0]); i++)
		close(d->queued[i]);
	close(d->listener);
}

/* The byte at every offset follows from the offset alone. */
void pattern_fill(char *at, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t n = offset + i;

		at[i] = (char)('a' + (n + n / 61 + n / 4093) % 26);
	}
}

uint64_t pattern_hash(uint64_t len)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	char some[4096];

	for (uint64_t at = 0; at < len; at += sizeof(some)) {
		size_t n = len - at < sizeof(some) ? (size_t)(len - at) : sizeof(some);

		pattern_fill(some, n, at);
		for (size_t i = 0; i < n; i++)
			hash = (hash ^ (unsigned char)some[i]) * 0x100000001b3ull;
	}
	return hash;
}
