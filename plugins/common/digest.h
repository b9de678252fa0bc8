/* digest.h - SHA-256, and a set of its values that is bounded and forgets. */
#ifndef PLUGINS_COMMON_DIGEST_H
#define PLUGINS_COMMON_DIGEST_H

#include <stdint.h>
#include <weir/str.h>

enum { DIGEST = 32 };

/* Of `count` pieces, one after the other. False when out of memory. */
bool digest_of(const struct weir_str *pieces, uint32_t count, unsigned char out[DIGEST]);
/* So many bytes that nobody can guess. */
bool digest_salt(unsigned char *out, size_t len);

/* What was true a while ago: one worker's, no locks. */
struct recall;

struct recall *recall_new(uint32_t most);	/* NULL when out of memory */
void recall_free(struct recall *r);
bool recall_has(const struct recall *r, const unsigned char digest[DIGEST], uint64_t now);
void recall_put(struct recall *r, const unsigned char digest[DIGEST], uint64_t until);

#endif
