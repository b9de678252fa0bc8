/* message.h - what parent and child say to each other: small structs over a socketpair that keeps their
 * borders, with descriptors beside them. Every message is checked before anyone sees it. */
#ifndef CORE_WEIR_MESSAGE_H
#define CORE_WEIR_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/error.h>

#include "core/net/address.h"

enum {
	MESSAGE_PROTOCOL = 1,	/* grows when an old side would misunderstand a new one */
	MESSAGE_NAME = 64,	/* of a listener, with its NUL */
	MESSAGE_FDS = 64,	/* descriptors beside one message */
	MESSAGE_WORKERS = 256,
};

enum message_type {
	/* child to parent */
	MESSAGE_HELLO = 1,	/* the first: which protocol it speaks */
	MESSAGE_OPEN,		/* it needs these listening sockets; answered by SOCKETS or REFUSED */
	MESSAGE_CLOSE,		/* it has finished with this address, for good */
	MESSAGE_READY,		/* it serves: the one before may drain */
	MESSAGE_FAILED,		/* it will not become ready, and why */
	MESSAGE_BEAT,		/* how long each worker has been stuck */
	MESSAGE_DRAINING,	/* it drains although nobody told it, and will exit */
	MESSAGE_RELOADED,	/* how a reload ended */
	MESSAGE_KEEP,		/* one descriptor for whoever comes after it */
	/* parent to child */
	MESSAGE_WELCOME,	/* answers HELLO: how it was started, and what was kept */
	MESSAGE_SOCKETS,
	MESSAGE_REFUSED,
	MESSAGE_RELOAD,
	MESSAGE_DRAIN,
	MESSAGE_REOPEN,
	MESSAGE_YIELD,		/* another serves: who asks how Weir fares is that one's to answer */
	MESSAGE_TYPES
};

/* Why a child was started. */
enum birth { BIRTH_FIRST, BIRTH_RESTART, BIRTH_HANDOVER };

struct message_hello {
	uint32_t protocol;
	uint32_t pid;
};

struct message_welcome {
	uint32_t birth;		/* enum birth */
	uint32_t kept;		/* 1: the descriptor beside it is what the last child left */
};

/* A wish for listening sockets on one address. */
struct message_open {
	char name[MESSAGE_NAME];
	char address[ADDRESS_TEXT];
	uint32_t count;		/* one for each worker; 1 for a daemon with one thread */
	uint32_t backlog;	/* 0: as many as the kernel allows */
	uint32_t mode;		/* of a unix socket's file; 0: as the umask says */
};

/* Also the body of CLOSE (name, address and serial). Several follow each other when there are more
 * than MESSAGE_FDS: at..at+descriptors of `count`. */
struct message_sockets {
	char name[MESSAGE_NAME];
	char address[ADDRESS_TEXT];	/* where they really are */
	uint32_t count, at;
	uint32_t serial;	/* of the OPEN; a CLOSE of an older one is void */
	uint32_t shared;	/* 1: every worker listens on every one of them */
	uint32_t activated;	/* 1: the service manager's, which goes on listening after us */
};

struct message_ready {
	uint32_t stop_ms;	/* within this it exits after DRAIN, or is killed */
};

struct message_text {
	uint32_t ok;
	char text[WEIR_ERROR_ROOM];
};

struct message_beat {
	uint32_t workers;
	uint32_t stuck_ms[MESSAGE_WORKERS];
};

struct message_head {
	uint16_t type;		/* enum message_type */
	uint16_t length;	/* of head and body */
};

struct message {
	struct message_head head;
	union {
		struct message_hello hello;
		struct message_welcome welcome;
		struct message_open open;
		struct message_sockets sockets;
		struct message_ready ready;
		struct message_text text;
		struct message_beat beat;
	};
	int fds[MESSAGE_FDS];	/* beside the bytes, not in them */
	uint32_t fd_count;
};

enum message_result { MESSAGE_OK, MESSAGE_NONE, MESSAGE_END, MESSAGE_BAD };

/* Makes an empty message of that type. */
void message_init(struct message *m, enum message_type type);
/* Copies text, cut to the room there is. */
void message_set_text(char *room, size_t size, const char *text);

/* OK: sent whole (the descriptors stay the sender's); NONE: the other side does not keep up;
 * END: it is gone. Never blocks. */
enum message_result message_send(int fd, struct message *m);

/* OK: checked, and the descriptors in m->fds are the receiver's, close-on-exec. NONE: nothing
 * there. END: the other side is gone. BAD: not a message of ours; nothing is left open. */
enum message_result message_receive(int fd, struct message *m);

/* True when `m` is whole, of a known type, its texts end and its numbers are within bounds. */
bool message_check(const struct message *m, size_t length);

void message_close_fds(struct message *m);	/* those that nobody took */

#endif
