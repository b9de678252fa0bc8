/* keys.h - a list of hashed keys, and whose they are. */
#ifndef PLUGINS_API_KEY_KEYS_H
#define PLUGINS_API_KEY_KEYS_H

#include <stdint.h>
#include <weir/error.h>
#include <weir/str.h>

enum { KEYS_MOST = 100000, KEY_CLAIMS = 16 };

struct key_claim {
	struct weir_str name, value;
};

struct api_key {
	unsigned char tag[32];		/* of the key, with this list's own salt */
	struct weir_str identity;
	struct key_claim *claims;
	uint32_t claim_count;
};

struct keys {
	unsigned char salt[16];
	uint32_t count;
	struct api_key *at;		/* sorted by tag */
	char *text;			/* what the texts point to */
	struct key_claim *claims;
};

/* One line for each key: the SHA-256 of the key in hexadecimal digits, whose it is, and what else
 * is known of them:
 *	9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 ann tier=gold scope=orders.read
 * A name that stands there again has several values. Empty lines and those that begin with # are
 * passed over. NULL with the number of the line that is none of these. */
struct keys *keys_read(struct weir_str text, struct weir_error *error);
void keys_free(void *keys);

/* Whose key it is; NULL: nobody's. How long it takes tells nothing about the keys of the list. */
const struct api_key *keys_find(const struct keys *keys, struct weir_str key);

#endif
