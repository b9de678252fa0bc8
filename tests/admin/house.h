/* house.h - a running server with a fake world behind it, and clients that knock. */
#ifndef TESTS_ADMIN_HOUSE_H
#define TESTS_ADMIN_HOUSE_H

#include "tests/test.h"

#include "core/admin/server.h"
#include "tests/admin/fake_world.h"

struct house {
	struct fake_world fake;
	struct server *server;
	struct address bound;
	int listener;			/* a second descriptor of the socket, as the parent has */
	char path[64];			/* of a unix socket's file */
	sem_t finished;
	/* The last answer. */
	long status;
	char *head, *body;
	size_t head_len, body_len;
};

struct house *house_new(void);
void house_free(struct house *h);	/* closes the server if it is still there */

/* A server on 127.0.0.1:0, or on a unix socket; not started when `waiting`. */
struct house_wish {
	bool probe, file, waiting, reachable;	/* reachable: as if others could come */
	const char *token;
};
void house_opens(struct house *h, const struct house_wish *wish);

/* By libcurl; gives the status, 0 when there was no answer. `extra` is one more header, or NULL. */
long gets(struct house *h, const char *path);
long posts(struct house *h, const char *path, const char *extra, const char *body);
long asks(struct house *h, const char *method, const char *path, const char *extra);
/* The value of a header of the last answer; absent when it has none. */
struct weir_str header(const struct house *h, const char *name);

/* By hand. */
int connects(struct house *h);			/* -1: refused */
void sends(int fd, const char *text);
/* Reads up to the end of the connection, at most 20 s. Gives how much; the text ends with NUL. */
size_t reads_all(int fd, char *room, size_t size);
/* Reads one answer whose body has a Content-Length. */
size_t reads_one(int fd, char *room, size_t size);

#define eventually(condition) \
	({ \
		int left_ = 4000; \
		bool true_; \
		while (!(true_ = (condition)) && left_-- > 0) \
			usleep(5000); \
		true_; \
	})

#endif
