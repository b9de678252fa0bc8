/* sockets.h - the table of listening sockets: by name and address, one descriptor for each worker. */
#ifndef CORE_WEIR_SOCKETS_H
#define CORE_WEIR_SOCKETS_H

#include "core/weir/message.h"

/* The sockets of one address. The parent owns them, so that they outlive every reload and every
 * child; a child is lent duplicates. */
struct listening {
	char name[MESSAGE_NAME];
	struct address wanted;	/* as the configuration says; the key, with the name for port 0 */
	struct address bound;	/* where it really is */
	int *fds;
	uint32_t count, room;
	uint32_t serial;	/* grows each time it is asked for */
	uint64_t file;		/* inode of a unix socket's file; 0: none */
	bool activated;		/* came with the process: never closed, never joined by another */
	bool shared;		/* every worker listens on all of them; see listening_is_for() */
	bool given;		/* some child has had it */
	uint32_t holder;	/* pid of the last child that asked for it */
};

struct sockets {
	struct listening **all;
	uint32_t count, room;
};

enum { SOCKETS_MOST = 256 };	/* addresses */

void sockets_init(struct sockets *s);
void sockets_fini(struct sockets *s);		/* closes all */

/* Gives what `wish` asks for: what is there already, by address or as an activated socket of
 * that name, joined by more until there are wish->count; or NULL with a sentence. A socket that
 * cannot be joined (unix, activated) is shared. Lent by the table. */
struct listening *sockets_open(struct sockets *s, const struct message_open *wish,
			       struct weir_error *error);

/* Takes a listening descriptor that came from outside, under that name. False, and closed, when it
 * does not listen or there is no room. */
bool sockets_adopt(struct sockets *s, const char *name, int fd);

/* Finds by name and address; NULL when there is none. */
struct listening *sockets_find(struct sockets *s, const char *name, const struct address *wanted);

/* Closes the sockets of an address that no one wants any more: void when somebody asked for it after
 * `serial`. Activated ones stay. */
void sockets_close(struct sockets *s, struct listening *l, uint32_t serial);

/* When a child serves: what only children before it had is nobody's any more, for this one's
 * configuration does not have it. Newcomers are refused, and it is closed. Activated ones stay. */
void sockets_retire(struct sockets *s, uint32_t holder);

/* At the very end: removes the files of unix sockets that are still ours. */
void sockets_remove_files(struct sockets *s);

/* Does this worker listen on fds[at]? All do when they are shared; else each has its part. */
static inline bool listening_is_for(const struct listening *l, uint32_t at, uint32_t worker,
				    uint32_t workers)
{
	return l->shared || at % workers == worker;
}

void listening_free(struct listening *l);	/* closes its descriptors */

/* For the handover: puts an entry with these descriptors into the table. Takes fds on true. */
bool sockets_restore(struct sockets *s, const char *name, const struct address *wanted,
		     bool activated, const int *fds, uint32_t count);
/* Lets all descriptors pass an execve(), or stops them. */
void sockets_set_cloexec(struct sockets *s, bool on);

#endif
