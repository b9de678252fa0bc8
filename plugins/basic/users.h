/* users.h - a list of users and their hashed passwords. */
#ifndef PLUGINS_BASIC_USERS_H
#define PLUGINS_BASIC_USERS_H

#include <stdint.h>
#include <weir/error.h>
#include <weir/str.h>

enum { USERS_MOST = 100000, PASSWORD_MOST = 256, USER_MOST = 256 };

struct user {
	const char *name, *hash;	/* end with NUL */
};

struct users {
	uint32_t count;
	struct user *at;		/* sorted by name */
	char *text;
	const char *nobody;		/* the hash that unknown users are compared with */
};

/* Lines "user:hash", as htpasswd -B, mkpasswd and openssl passwd write them; what crypt(3) does not
 * know is an error. Empty lines and those that begin with # are passed over. NULL with the number
 * of the line. */
struct users *users_read(struct weir_str text, struct weir_error *error);
void users_free(void *users);

/* NULL: there is none. */
const struct user *users_find(const struct users *users, struct weir_str name);

/* The user and password of "Basic ...": base64 of "user:password". Written to `room`, of at least
 * USER_MOST + PASSWORD_MOST + 8 bytes; both end with NUL. False: it is none, is too long, or has a
 * NUL or another control character in it. */
bool users_read_header(struct weir_str value, char *room, struct weir_str *name,
		       struct weir_str *password);

/* Is this the password? As slow as the hash wants it. `hash` and `password` end with NUL. */
bool users_verify(const char *hash, const char *password);

#endif
