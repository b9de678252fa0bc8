/* handover.c - writes and reads what one image of the parent leaves to the next. */
#include "core/weir/handover.h"

#include <fcntl.h>

#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/weir/nursery.h"

static bool write_child(struct buffer *out, const struct child *c)
{
	if (c->state == CHILD_NONE)
		return true;
	return buffer_print(out, "child %d %d %s %u\n", (int)c->pid, c->fd,
			    c->state == CHILD_SERVING ? "serving" : "draining",
			    (unsigned)c->stop_ms);
}

static bool write_listening(struct buffer *out, const struct listening *l)
{
	if (!buffer_print(out, "listen %s %s ", l->name, l->activated ? "activated" : "own"))
		return false;
	for (uint32_t i = 0; i < l->count; i++) {
		if (!buffer_print(out, "%s%d", i > 0 ? "," : "", l->fds[i]))
			return false;
	}
	return buffer_print(out, " %s\n", l->wanted.text);
}

bool handover_write(const struct parent *p, struct buffer *out)
{
	if (!buffer_print(out, "weir %d\n", HANDOVER_PROTOCOL))
		return false;
	for (int i = 0; i < CHILDREN_MOST; i++) {
		if (!write_child(out, &p->children[i]))
			return false;
	}
	if (p->kept >= 0 && !buffer_print(out, "kept %d\n", p->kept))
		return false;
	for (uint32_t i = 0; i < p->sockets.count; i++) {
		if (!write_listening(out, p->sockets.all[i]))
			return false;
	}
	return true;
}

static bool read_number(struct weir_str *rest, uint64_t most, uint64_t *out)
{
	struct weir_str word;

	return str_next(rest, ' ', &word) && str_to_u64(word, out) && *out <= most;
}

/* An open descriptor, close-on-exec from now on; or -1. */
static int read_fd(struct weir_str word)
{
	uint64_t fd;

	if (!str_to_u64(word, &fd) || fd > INT32_MAX || !socket_set_cloexec((int)fd, true))
		return -1;
	return (int)fd;
}

static bool read_child(struct parent *p, struct weir_str rest)
{
	struct weir_str fd, state;
	uint64_t pid, stop_ms;
	bool serving;

	if (!read_number(&rest, INT32_MAX, &pid) || pid < 2 || !str_next(&rest, ' ', &fd) ||
	    !str_next(&rest, ' ', &state) || !read_number(&rest, UINT32_MAX, &stop_ms))
		return false;
	serving = str_eq(state, STR("serving"));
	return nursery_adopt(p, (pid_t)pid, read_fd(fd), serving ? CHILD_SERVING : CHILD_DRAINING,
			     (uint32_t)stop_ms);
}

static uint32_t read_fds(struct weir_str list, int *fds, uint32_t room)
{
	struct weir_str word;
	uint32_t count = 0;

	while (count < room && str_next(&list, ',', &word)) {
		int fd = read_fd(word);

		if (fd >= 0)
			fds[count++] = fd;
	}
	return count;
}

static bool read_listening(struct parent *p, struct weir_str rest)
{
	struct weir_str name, how, list;
	char copy[MESSAGE_NAME];
	struct address wanted;
	int fds[MESSAGE_WORKERS];
	uint32_t count;

	if (!str_next(&rest, ' ', &name) || name.len >= sizeof(copy) ||
	    !str_next(&rest, ' ', &how) || !str_next(&rest, ' ', &list))
		return false;
	if (!address_parse(&wanted, rest, NULL))
		return false;
	(void)snprintf(copy, sizeof(copy), "%.*s", STR_ARG(name));
	count = read_fds(list, fds, MESSAGE_WORKERS);
	return sockets_restore(&p->sockets, copy, &wanted, str_eq(how, STR("activated")), fds,
			       count);
}

static bool read_line(struct parent *p, struct weir_str line)
{
	struct weir_str rest = line, word;

	if (!str_next(&rest, ' ', &word))
		return true;
	if (str_eq(word, STR("child")))
		return read_child(p, rest);
	if (str_eq(word, STR("listen")))
		return read_listening(p, rest);
	if (str_eq(word, STR("kept")))
		p->kept = read_fd(rest);
	return true;
}

bool handover_read(struct parent *p, struct weir_str text)
{
	struct weir_str line;

	if (!str_next(&text, '\n', &line) || !str_eq(line, STR("weir 1")))
		return false;
	while (str_next(&text, '\n', &line)) {
		if (!read_line(p, line))
			log_error("cannot take over \"%.*s\"", STR_ARG(line));
	}
	return true;
}
