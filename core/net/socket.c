/* socket.c - sockets as Weir wants them. */
#include "core/net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

static bool set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

static int get_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd, level, name, &value, &len) == 0 ? value : 0;
}

static int new_socket(const struct address *a)
{
	return socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

bool socket_set_nodelay(int fd, bool on)
{
	return set_int(fd, IPPROTO_TCP, TCP_NODELAY, on);
}

static bool set_keepalive(int fd, const struct keepalive *keepalive)
{
	if (keepalive == NULL || keepalive->idle == 0)
		return true;
	return set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
	       set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)keepalive->idle) &&
	       set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, (int)keepalive->every) &&
	       set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, (int)keepalive->count);
}

bool socket_set_cloexec(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC) == 0;
}

bool socket_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool prepare_tcp(int fd, const struct address *a, const struct listen_options *options)
{
	if (a->kind == ADDRESS_IP6 && !set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
		return false;
	/* Nagle and keepalive are inherited by what is accepted: no call per connection. */
	return set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) && socket_set_nodelay(fd, true) &&
	       set_keepalive(fd, &options->keepalive);
}

static bool unix_has_file(const struct address *a)
{
	return a->kind == ADDRESS_UNIX && a->un.sun_path[0] != '\0';
}

/* True when the file is a socket that nobody listens on. */
static bool unix_is_stale(const struct address *a)
{
	struct stat about;
	bool stale;
	int fd;

	if (!unix_has_file(a) || lstat(a->un.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode))
		return false;
	fd = new_socket(a);
	if (fd < 0)
		return false;
	stale = connect(fd, &a->any, a->len) != 0 && errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static bool bind_socket(int fd, const struct address *a)
{
	if (bind(fd, &a->any, a->len) == 0)
		return true;
	if (errno != EADDRINUSE || !unix_is_stale(a))
		return false;
	return unlink(a->un.sun_path) == 0 && bind(fd, &a->any, a->len) == 0;
}

static bool is_socket(const struct address *a)
{
	struct stat about;

	return lstat(a->un.sun_path, &about) == 0 && S_ISSOCK(about.st_mode);
}

/* For the path of a unix socket; NULL: nothing that is not true of ports, too. */
static const char *advice_on_path(const struct address *a, int number)
{
	if (number == EACCES || number == EPERM || number == EROFS)
		return "this user may not write to its folder; change the folder's owner or choose "
		       "another path";
	if (number == ENOENT || number == ENOTDIR)
		return "its folder is not there; make it first";
	if (number == EADDRINUSE && !is_socket(a))
		return "a file of that name is there and is no socket; remove it or choose another "
		       "path";
	return NULL;
}

static const char *advice(const struct address *a, int number)
{
	const char *on_path = unix_has_file(a) ? advice_on_path(a, number) : NULL;

	if (on_path != NULL)
		return on_path;
	switch (number) {
	case EADDRINUSE:
		return "another program listens there; stop it or choose another address";
	case EACCES:
		return "ports below 1024 need CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return "no interface of this machine has that address";
	case EAFNOSUPPORT:
		return "this machine does not speak that protocol";
	case EMFILE:
	case ENFILE:
		return "too many open files; raise the limit (ulimit -n, LimitNOFILE=)";
	default:
		return strerror(number);
	}
}

static bool open_listening(int fd, const struct address *a, const struct listen_options *options)
{
	int backlog = options->backlog > 0 && options->backlog < INT32_MAX ?
		(int)options->backlog : INT32_MAX;

	bool reuse = options->reuse_port && a->kind != ADDRESS_UNIX;

	if (a->kind != ADDRESS_UNIX && !prepare_tcp(fd, a, options))
		return false;
	if (reuse && options->joins && !set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return false;
	if (!bind_socket(fd, a))
		return false;
	/* The first binds without it: a second Weir on the same address would go unnoticed. */
	if (reuse && !options->joins && !set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return false;
	/* Before listen(): until then nobody can come in. */
	if (unix_has_file(a) && options->mode != 0 && chmod(a->un.sun_path, options->mode) != 0)
		return false;
	return listen(fd, backlog) == 0;
}

int socket_listen(const struct address *a, const struct listen_options *options,
		  struct weir_error *error)
{
	int fd, number;

	if (a->len == 0) {
		(void)fail(error, "cannot listen on %s: a name cannot be listened on; write an IP "
			   "address, as in 127.0.0.1:%u", a->text, (unsigned)a->port);
		return -1;
	}
	fd = new_socket(a);
	if (fd >= 0 && open_listening(fd, a, options))
		return fd;
	number = errno;
	socket_close(fd);
	(void)fail(error, "cannot listen on %s: %s", a->text, advice(a, number));
	return -1;
}

bool socket_refuse_new(int fd, const struct address *a)
{
	/* Byte 13 of the TCP header: a SYN is dropped, all else passes. What was accepted inherits
	 * the filter, and never gets a SYN. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (a->kind == ADDRESS_UNIX)
		return !unix_has_file(a) || unlink(a->un.sun_path) == 0 || errno == ENOENT;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

void socket_welcome_new(int fd)
{
	int nothing = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof(nothing));
}

int socket_dial(const struct address *to, const struct keepalive *keepalive, int *fd)
{
	int number;

	*fd = -1;
	if (to->len == 0)
		return EDESTADDRREQ;
	*fd = new_socket(to);
	if (*fd < 0)
		return errno;
	if (to->kind != ADDRESS_UNIX) {
		(void)socket_set_nodelay(*fd, true);
		(void)set_keepalive(*fd, keepalive);
	}
	if (connect(*fd, &to->any, to->len) == 0)
		return 0;
	number = errno == EINTR ? EINPROGRESS : errno;
	if (number == EINPROGRESS)
		return EINPROGRESS;
	socket_close(*fd);
	*fd = -1;
	return number;
}

int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int number = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 ? number : errno;
}

bool socket_listens(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0;
}

bool socket_local(int fd, struct address *out)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	return getsockname(fd, (struct sockaddr *)&sa, &len) == 0 &&
	       address_from_sockaddr(out, (struct sockaddr *)&sa, len);
}

void socket_close(int fd)
{
	int number = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = number;
}
