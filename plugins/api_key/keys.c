/* keys.c - a list of hashed keys, and whose they are. */
#include "plugins/api_key/keys.h"

#include <stdlib.h>

#include "plugins/common/digest.h"
#include "plugins/common/watched.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(struct weir_str word, unsigned char out[DIGEST])
{
	if (word.len != 2 * (size_t)DIGEST)
		return false;
	for (size_t i = 0; i < word.len; i += 2) {
		int high = hex(word.data[i]), low = hex(word.data[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* Salted once more, so that the time of a search says nothing about the hashes that are stored. */
static bool tag_of(const struct keys *keys, const unsigned char hash[DIGEST],
		   unsigned char out[DIGEST])
{
	const struct weir_str pieces[] = {
		{ (const char *)keys->salt, sizeof(keys->salt) }, { (const char *)hash, DIGEST } };

	return digest_of(pieces, 2, out);
}

static bool read_claims(struct api_key *key, struct weir_str rest, uint32_t line,
			struct weir_error *error)
{
	struct weir_str word;

	while (watched_word(&rest, &word)) {
		const char *equals = memchr(word.data, '=', word.len);
		size_t len = equals != NULL ? (size_t)(equals - word.data) : 0;

		if (len == 0)
			return weir_fail(error, "line %u: \"%.*s\" is not name=value", line,
					 (int)(word.len < 60 ? word.len : 60), word.data);
		if (key->claim_count == KEY_CLAIMS)
			return weir_fail(error, "line %u: there are more than %d claims", line, KEY_CLAIMS);
		key->claims[key->claim_count++] = (struct key_claim){
			{ word.data, len }, { equals + 1, word.len - len - 1 } };
	}
	return true;
}

static bool read_key(struct keys *keys, struct api_key *key, struct weir_str rest, uint32_t line,
		     struct weir_error *error)
{
	unsigned char hash[DIGEST];
	struct weir_str word;

	if (!watched_word(&rest, &word) || !read_hash(word, hash))
		return weir_fail(error, "line %u: it does not begin with the 64 hexadecimal digits of a "
					"SHA-256; make them with: printf %%s KEY | sha256sum", line);
	if (!watched_word(&rest, &key->identity))
		return weir_fail(error, "line %u: it does not say whose key it is", line);
	if (!tag_of(keys, hash, key->tag))
		return weir_fail(error, "out of memory");
	return read_claims(key, rest, line, error);
}

static int by_tag(const void *a, const void *b)
{
	return memcmp(((const struct api_key *)a)->tag, ((const struct api_key *)b)->tag, DIGEST);
}

static bool settle(struct keys *keys, struct weir_error *error)
{
	qsort(keys->at, keys->count, sizeof(keys->at[0]), by_tag);
	for (uint32_t i = 1; i < keys->count; i++)
		if (by_tag(&keys->at[i - 1], &keys->at[i]) == 0)
			return weir_fail(error, "the key of \"%.*s\" is also that of \"%.*s\"",
					 WEIR_ARG(keys->at[i].identity),
					 WEIR_ARG(keys->at[i - 1].identity));
	return true;
}

static uint32_t count_lines(struct weir_str text)
{
	struct weir_str line;
	uint32_t number = 0, count = 0;

	while (watched_line(&text, &line, &number))
		count++;
	return count;
}

static bool read_all(struct keys *keys, struct weir_str text, struct weir_error *error)
{
	uint32_t lines = count_lines(text), number = 0;
	struct weir_str line;

	if (lines > KEYS_MOST)
		return weir_fail(error, "there are more than %d keys", KEYS_MOST);
	keys->at = calloc((size_t)lines + 1, sizeof(*keys->at));
	keys->claims = calloc((size_t)lines * KEY_CLAIMS + 1, sizeof(*keys->claims));
	if (keys->at == NULL || keys->claims == NULL || !digest_salt(keys->salt, sizeof(keys->salt)))
		return weir_fail(error, "out of memory");
	while (watched_line(&text, &line, &number)) {
		struct api_key *key = &keys->at[keys->count];

		key->claims = keys->claims + (size_t)keys->count * KEY_CLAIMS;
		keys->count++;
		if (!read_key(keys, key, line, number, error))
			return false;
	}
	return settle(keys, error);
}

struct keys *keys_read(struct weir_str text, struct weir_error *error)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (keys != NULL)
		keys->text = malloc(text.len + 1);
	if (keys == NULL || keys->text == NULL) {
		keys_free(keys);
		(void)weir_fail(error, "out of memory");
		return NULL;
	}
	if (text.len > 0)
		memcpy(keys->text, text.data, text.len);
	if (read_all(keys, (struct weir_str){ keys->text, text.len }, error))
		return keys;
	keys_free(keys);
	return NULL;
}

void keys_free(void *arg)
{
	struct keys *keys = arg;

	if (keys == NULL)
		return;
	free(keys->at);
	free(keys->claims);
	free(keys->text);
	free(keys);
}

const struct api_key *keys_find(const struct keys *keys, struct weir_str key)
{
	unsigned char hash[DIGEST];
	struct api_key want;

	if (!digest_of(&key, 1, hash) || !tag_of(keys, hash, want.tag))
		return NULL;
	return bsearch(&want, keys->at, keys->count, sizeof(want), by_tag);
}
