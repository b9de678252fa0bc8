/* sockets.c - the table of listening sockets. */
#include "core/weir/sockets.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/socket.h"

void sockets_init(struct sockets *s)
{
	*s = (struct sockets){ .all = NULL };
}

void listening_free(struct listening *l)
{
	if (l == NULL)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		socket_close(l->fds[i]);
	mem_free(l->fds);
	mem_free(l);
}

void sockets_fini(struct sockets *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		listening_free(s->all[i]);
	mem_free(s->all);
	sockets_init(s);
}

static bool make_room(struct sockets *s)
{
	struct listening **grown;

	if (s->count < s->room)
		return true;
	grown = mem_resize(s->all, s->room + 8, sizeof(*grown));
	if (grown == NULL)
		return false;
	s->all = grown;
	s->room += 8;
	return true;
}

static bool add_fd(struct listening *l, int fd)
{
	int *grown;

	if (l->count == l->room) {
		grown = mem_resize(l->fds, l->room + 8, sizeof(int));
		if (grown == NULL)
			return false;
		l->fds = grown;
		l->room += 8;
	}
	l->fds[l->count++] = fd;
	return true;
}

static struct listening *add_entry(struct sockets *s, const char *name,
				   const struct address *wanted, struct weir_error *error)
{
	struct listening *l;

	if (s->count >= SOCKETS_MOST) {
		(void)fail(error, "cannot listen on %s: there are %d addresses already",
			   wanted->text, SOCKETS_MOST);
		return NULL;
	}
	l = make_room(s) ? mem_alloc(sizeof(*l)) : NULL;
	if (l == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	message_set_text(l->name, sizeof(l->name), name);
	l->wanted = l->bound = *wanted;
	s->all[s->count++] = l;
	return l;
}

static void remove_entry(struct sockets *s, struct listening *l)
{
	for (uint32_t i = 0; i < s->count; i++) {
		if (s->all[i] != l)
			continue;
		s->all[i] = s->all[--s->count];
		listening_free(l);
		return;
	}
}

/* Two listeners on port 0 are two addresses. */
static bool answers_to(const struct listening *l, const char *name, const struct address *wanted)
{
	if (!address_equal(&l->wanted, wanted))
		return false;
	return wanted->kind == ADDRESS_UNIX || wanted->port != 0 || strcmp(l->name, name) == 0;
}

static struct listening *find_activated(struct sockets *s, const char *name)
{
	for (uint32_t i = 0; i < s->count; i++) {
		if (s->all[i]->activated && strcmp(s->all[i]->name, name) == 0)
			return s->all[i];
	}
	return NULL;
}

struct listening *sockets_find(struct sockets *s, const char *name, const struct address *wanted)
{
	struct listening *activated = find_activated(s, name);

	if (activated != NULL)
		return activated;
	for (uint32_t i = 0; i < s->count; i++) {
		if (answers_to(s->all[i], name, wanted))
			return s->all[i];
	}
	return NULL;
}

/* One name may have come with several sockets: they become the one listener's. */
static bool unite(struct sockets *s, struct listening *l)
{
	for (uint32_t i = s->count; i-- > 0;) {
		struct listening *other = s->all[i];

		if (other == l || !other->activated || strcmp(other->name, l->name) != 0)
			continue;
		while (other->count > 0) {
			if (!add_fd(l, other->fds[other->count - 1]))
				return false;
			other->count--;
		}
		remove_entry(s, other);
	}
	return true;
}

static bool can_be_joined(const struct listening *l)
{
	return !l->activated && l->bound.kind != ADDRESS_UNIX;
}

/* The inode of the file of a unix socket, or 0. */
static uint64_t file_of(const struct address *a)
{
	struct stat about;

	if (a->kind != ADDRESS_UNIX || a->un.sun_path[0] == '\0' ||
	    lstat(a->un.sun_path, &about) != 0)
		return 0;
	return about.st_ino;
}

/* Opens one more socket on the address. The first makes sure that it is alone there. */
static bool join(struct listening *l, const struct message_open *wish, struct weir_error *error)
{
	struct listen_options options = {
		.reuse_port = can_be_joined(l), .joins = l->count > 0,
		.backlog = wish->backlog, .mode = (mode_t)wish->mode,
	};
	int fd = socket_listen(&l->bound, &options, error);

	if (fd < 0)
		return false;
	if (!add_fd(l, fd)) {
		socket_close(fd);
		return fail_memory(error);
	}
	l->file = file_of(&l->bound);
	return l->count > 1 || socket_local(fd, &l->bound) ||
	       fail(error, "cannot tell where %s is bound", l->wanted.text);
}

/* Somebody removed the file, so that nobody finds us any more: begin anew. */
static void close_lost_file(struct listening *l)
{
	if (l->activated || l->file == 0 || file_of(&l->bound) == l->file)
		return;
	while (l->count > 0)
		socket_close(l->fds[--l->count]);
}

static bool fill(struct listening *l, const struct message_open *wish, struct weir_error *error)
{
	uint32_t count = can_be_joined(l) ? wish->count : 1;

	close_lost_file(l);
	for (uint32_t i = 0; i < l->count; i++)
		socket_welcome_new(l->fds[i]);
	while (l->count < count) {
		if (!join(l, wish, error))
			return false;
	}
	return true;
}

static void note_given(struct listening *l, const struct message_open *wish,
		       const struct address *wanted)
{
	if (l->activated && !l->given && !address_equal(&l->bound, wanted))
		log_warn("listener %s: uses the socket it was started with, on %s, not %s",
			 wish->name, l->bound.text, wanted->text);
	if (!l->activated)
		message_set_text(l->name, sizeof(l->name), wish->name);
	l->given = true;
	l->serial++;
	l->shared = !can_be_joined(l) || l->count < wish->count;
}

struct listening *sockets_open(struct sockets *s, const struct message_open *wish,
			       struct weir_error *error)
{
	struct address wanted;
	struct listening *l;
	bool good;

	if (!address_parse(&wanted, str_from(wish->address), error))
		return NULL;
	l = sockets_find(s, wish->name, &wanted);
	if (l == NULL)
		l = add_entry(s, wish->name, &wanted, error);
	if (l == NULL)
		return NULL;
	good = l->activated ? unite(s, l) || fail_memory(error) : fill(l, wish, error);
	if (good) {
		note_given(l, wish, &wanted);
		return l;
	}
	if (!l->given && !l->activated)
		remove_entry(s, l);
	return NULL;
}

bool sockets_adopt(struct sockets *s, const char *name, int fd)
{
	struct listening *l = NULL;
	struct address bound;

	if (!socket_listens(fd) || !socket_local(fd, &bound) || !socket_set_nonblock(fd) ||
	    !socket_set_cloexec(fd, true))
		goto refused;
	if (bound.kind != ADDRESS_UNIX)
		(void)socket_set_nodelay(fd, true);
	l = add_entry(s, name, &bound, NULL);
	if (l == NULL || !add_fd(l, fd))
		goto refused;
	l->activated = true;
	return true;

refused:
	if (l != NULL)
		remove_entry(s, l);
	socket_close(fd);
	return false;
}

void sockets_close(struct sockets *s, struct listening *l, uint32_t serial)
{
	if (l != NULL && !l->activated && l->serial == serial)
		remove_entry(s, l);
}

void sockets_retire(struct sockets *s, uint32_t holder)
{
	for (uint32_t i = s->count; i-- > 0;) {
		struct listening *l = s->all[i];

		if (l->activated || l->holder == holder)
			continue;
		log_info("listener %s: %s is in no configuration any more, and closed", l->name,
			 l->bound.text);
		for (uint32_t k = 0; k < l->count; k++)
			(void)socket_refuse_new(l->fds[k], &l->bound);
		remove_entry(s, l);
	}
}

void sockets_remove_files(struct sockets *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct listening *l = s->all[i];

		if (!l->activated && l->file != 0 && file_of(&l->bound) == l->file)
			(void)unlink(l->bound.un.sun_path);
	}
}

bool sockets_restore(struct sockets *s, const char *name, const struct address *wanted,
		     bool activated, const int *fds, uint32_t count)
{
	struct listening *l = add_entry(s, name, wanted, NULL);

	if (l == NULL)
		return false;
	l->activated = activated;
	l->given = true;
	for (uint32_t i = 0; i < count; i++) {
		if (!socket_listens(fds[i]) || !socket_local(fds[i], &l->bound) ||
		    !add_fd(l, fds[i]))
			goto refused;
		(void)socket_set_cloexec(fds[i], true);
	}
	l->file = file_of(&l->bound);
	if (count > 0)
		return true;

refused:
	l->count = 0;	/* still the caller's */
	remove_entry(s, l);
	return false;
}

void sockets_set_cloexec(struct sockets *s, bool on)
{
	for (uint32_t i = 0; i < s->count; i++) {
		for (uint32_t k = 0; k < s->all[i]->count; k++)
			(void)socket_set_cloexec(s->all[i]->fds[k], on);
	}
}
