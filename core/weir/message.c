/* message.c - sends, receives and checks what parent and child say to each other. */
#include "core/weir/message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { HEAD = sizeof(struct message_head) };

/* How long the body of each type is, and how many descriptors it may bring. */
static const struct form {
	uint16_t body;
	uint16_t fds;
} forms[MESSAGE_TYPES] = {
	[MESSAGE_HELLO] = { sizeof(struct message_hello), 0 },
	[MESSAGE_OPEN] = { sizeof(struct message_open), 0 },
	[MESSAGE_CLOSE] = { sizeof(struct message_sockets), 0 },
	[MESSAGE_READY] = { sizeof(struct message_ready), 0 },
	[MESSAGE_FAILED] = { sizeof(struct message_text), 0 },
	[MESSAGE_BEAT] = { sizeof(struct message_beat), 0 },
	[MESSAGE_DRAINING] = { sizeof(struct message_ready), 0 },
	[MESSAGE_RELOADED] = { sizeof(struct message_text), 0 },
	[MESSAGE_KEEP] = { 0, 1 },
	[MESSAGE_WELCOME] = { sizeof(struct message_welcome), 1 },
	[MESSAGE_SOCKETS] = { sizeof(struct message_sockets), MESSAGE_FDS },
	[MESSAGE_REFUSED] = { sizeof(struct message_text), 0 },
	[MESSAGE_RELOAD] = { 0, 0 },
	[MESSAGE_DRAIN] = { 0, 0 },
	[MESSAGE_REOPEN] = { 0, 0 },
	[MESSAGE_YIELD] = { 0, 0 },
};

void message_init(struct message *m, enum message_type type)
{
	*m = (struct message){ .head = { .type = (uint16_t)type } };
	m->head.length = (uint16_t)(HEAD + forms[type].body);
}

void message_set_text(char *room, size_t size, const char *text)
{
	(void)snprintf(room, size, "%s", text);
}

static bool ends(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

/* Printable and without spaces: names stand in log lines and in the handover's description. */
static bool name_good(const char *name)
{
	if (!ends(name, MESSAGE_NAME) || name[0] == '\0')
		return false;
	for (; *name != '\0'; name++) {
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return false;
	}
	return true;
}

static bool body_good(const struct message *m)
{
	switch (m->head.type) {
	case MESSAGE_OPEN:
		return name_good(m->open.name) && ends(m->open.address, ADDRESS_TEXT) &&
		       m->open.count >= 1 && m->open.count <= MESSAGE_WORKERS &&
		       m->open.mode <= 07777;
	case MESSAGE_CLOSE:
	case MESSAGE_SOCKETS:
		return name_good(m->sockets.name) && ends(m->sockets.address, ADDRESS_TEXT) &&
		       m->sockets.count <= MESSAGE_WORKERS && m->sockets.shared <= 1 &&
		       m->sockets.activated <= 1 &&
		       m->sockets.at <= m->sockets.count &&
		       m->fd_count <= m->sockets.count - m->sockets.at;
	case MESSAGE_FAILED:
	case MESSAGE_RELOADED:
	case MESSAGE_REFUSED:
		return ends(m->text.text, sizeof(m->text.text)) && m->text.ok <= 1;
	case MESSAGE_BEAT:
		return m->beat.workers <= MESSAGE_WORKERS;
	case MESSAGE_KEEP:
		return m->fd_count == 1;
	case MESSAGE_WELCOME:
		return m->welcome.birth <= BIRTH_HANDOVER && m->welcome.kept == m->fd_count;
	default:
		return true;
	}
}

bool message_check(const struct message *m, size_t length)
{
	if (length < HEAD || m->head.type == 0 || m->head.type >= MESSAGE_TYPES)
		return false;
	if (m->head.length != length || length != (size_t)HEAD + forms[m->head.type].body)
		return false;
	return m->fd_count <= forms[m->head.type].fds && body_good(m);
}

/* Room for the control data, aligned as the kernel wants it. */
union beside {
	struct cmsghdr head;
	char room[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
};

static void put_fds(struct msghdr *h, union beside *beside, const struct message *m)
{
	size_t size = m->fd_count * sizeof(int);

	if (m->fd_count == 0)
		return;
	memset(beside, 0, sizeof(*beside));
	beside->head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
					 .cmsg_len = CMSG_LEN(size) };
	memcpy(CMSG_DATA(&beside->head), m->fds, size);
	h->msg_control = beside;
	h->msg_controllen = CMSG_SPACE(size);
}

enum message_result message_send(int fd, struct message *m)
{
	struct iovec bytes = { .iov_base = m, .iov_len = m->head.length };
	struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1 };
	union beside beside;
	ssize_t n;

	put_fds(&h, &beside, m);
	do
		n = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return MESSAGE_OK;
	return errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM || errno == ETOOMANYREFS ?
		MESSAGE_NONE : MESSAGE_END;
}

/* Everything that came is put down, so that whatever is wrong with it can be closed. */
static bool take_fds(struct msghdr *h, struct message *m)
{
	bool good = (h->msg_flags & (MSG_CTRUNC | MSG_TRUNC)) == 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (m->fd_count < MESSAGE_FDS)
				m->fds[m->fd_count++] = fd;
			else
				close(fd);
		}
	}
	return good;
}

enum message_result message_receive(int fd, struct message *m)
{
	struct iovec bytes = { .iov_base = m, .iov_len = offsetof(struct message, fds) };
	union beside beside;
	struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &beside,
			    .msg_controllen = sizeof(beside) };
	ssize_t n;

	memset(m, 0, sizeof(*m));
	do
		n = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? MESSAGE_NONE : MESSAGE_END;
	if (n == 0)
		return MESSAGE_END;
	if (take_fds(&h, m) && message_check(m, (size_t)n))
		return MESSAGE_OK;
	message_close_fds(m);
	return MESSAGE_BAD;
}

void message_close_fds(struct message *m)
{
	for (uint32_t i = 0; i < m->fd_count; i++)
		close(m->fds[i]);
	m->fd_count = 0;
}
