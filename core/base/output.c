/* output.c - a place where log lines go. */
#include "core/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static enum output_kind kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return OUTPUT_PIPE;
	if (S_ISSOCK(st.st_mode))
		return OUTPUT_SOCKET;
	return S_ISREG(st.st_mode) ? OUTPUT_FILE : OUTPUT_PIPE;
}

/* O_NONBLOCK is for a FIFO that nobody reads: it then fails at once, and says so. */
static int open_file(const char *path, struct weir_error *error)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, flags, 0640);

	if (fd < 0)
		fail(error, "cannot open the log file %s: %s", path, strerror(errno));
	return fd;
}

static int open_datagram(const char *path, struct weir_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fail(error, "the socket path %s is longer than %zu bytes", path,
		     sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		fail(error, "cannot make a socket for the log: %s", strerror(errno));
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		fail(error, "cannot connect the log to the datagram socket %s: %s", path,
		     strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool open_target(struct output *o, struct weir_error *error)
{
	bool to_stdout = strcmp(o->target, "stdout") == 0;

	if (to_stdout || strcmp(o->target, "stderr") == 0) {
		o->fd = to_stdout ? STDOUT_FILENO : STDERR_FILENO;
		o->kind = kind_of(o->fd);
		return true;
	}
	o->owned = true;
	if (strncmp(o->target, "unix:", 5) == 0) {
		o->fd = open_datagram(o->target + 5, error);
		o->kind = OUTPUT_DATAGRAM;
	} else {
		o->fd = open_file(o->target, error);
		o->kind = o->fd >= 0 ? kind_of(o->fd) : OUTPUT_FILE;
	}
	return o->fd >= 0;
}

bool output_open(struct output *o, const char *target, struct weir_error *error)
{
	*o = (struct output){ .fd = -1, .target = str_dup(str_from(target)) };
	if (o->target == NULL)
		return fail_memory(error);
	if (open_target(o, error))
		return true;
	output_close(o);
	return false;
}

void output_close(struct output *o)
{
	if (o->owned && o->fd >= 0)
		close(o->fd);
	mem_free(o->target);
	*o = (struct output){ .fd = -1 };
}

bool output_reopen(struct output *o, struct weir_error *error)
{
	struct output fresh = { .fd = -1, .target = o->target };

	if (!o->owned)
		return true;
	if (!open_target(&fresh, error))
		return false;
	if (o->fd >= 0)
		close(o->fd);
	*o = fresh;
	return true;
}

/* Room for PIPE_BUF bytes is what the kernel promises when it says that a pipe can be written. */
static ssize_t write_pipe(int fd, const char *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, 0) == 0)
		return 0;
	return write(fd, data, len < PIPE_BUF ? len : PIPE_BUF);
}

ssize_t output_write(struct output *o, const char *data, size_t len)
{
	ssize_t n;

	do {
		if (o->kind == OUTPUT_FILE)
			n = write(o->fd, data, len);
		else if (o->kind == OUTPUT_PIPE)
			n = write_pipe(o->fd, data, len);
		else
			n = send(o->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
		return 0;
	return n;
}
