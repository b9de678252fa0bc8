/* digest.c - SHA-256, and a set of its values that is bounded and forgets. */
#include "plugins/common/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

bool digest_of(const struct weir_str *pieces, uint32_t count, unsigned char out[DIGEST])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (uint32_t i = 0; ok && i < count; i++)
		ok = pieces[i].len == 0 || EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool digest_salt(unsigned char *out, size_t len)
{
	return RAND_bytes(out, (int)len) == 1;
}

/* Recall ---------------------------------------------------------------------- */

enum { WAYS = 4 };	/* places that one value may be at */

struct entry {
	unsigned char digest[DIGEST];
	uint64_t until;
};

struct recall {
	uint32_t sets;		/* a power of two */
	struct entry at[];
};

struct recall *recall_new(uint32_t most)
{
	uint32_t sets = 1;
	struct recall *r;

	while (sets * WAYS < most)
		sets *= 2;
	r = calloc(1, sizeof(*r) + (size_t)sets * WAYS * sizeof(r->at[0]));
	if (r != NULL)
		r->sets = sets;
	return r;
}

void recall_free(struct recall *r)
{
	free(r);
}

/* Any part of a digest will do. */
static size_t first_of(const struct recall *r, const unsigned char *digest)
{
	uint32_t part;

	memcpy(&part, digest, sizeof(part));
	return (size_t)(part & (r->sets - 1)) * WAYS;
}

bool recall_has(const struct recall *r, const unsigned char digest[DIGEST], uint64_t now)
{
	const struct entry *e = &r->at[first_of(r, digest)];

	for (int i = 0; i < WAYS; i++)
		if (now < e[i].until && memcmp(e[i].digest, digest, DIGEST) == 0)
			return true;
	return false;
}

/* In place of the same, or of the one that ends first. */
void recall_put(struct recall *r, const unsigned char digest[DIGEST], uint64_t until)
{
	struct entry *e = &r->at[first_of(r, digest)], *to = e;

	for (int i = 0; i < WAYS; i++) {
		if (memcmp(e[i].digest, digest, DIGEST) == 0) {
			to = &e[i];
			break;
		}
		if (e[i].until < to->until)
			to = &e[i];
	}
	memcpy(to->digest, digest, DIGEST);
	to->until = until;
}
