/* bucket.c - under which name a bucket is kept. */
#include "plugins/rate_limit/bucket.h"

/* FNV-1a. Names of limits are few and nobody's who means harm. Whoever makes two long keys with one
 * digest shares a bucket with himself. */
static uint64_t digest(uint64_t h, struct weir_str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.data[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t bucket_owner(struct weir_str name)
{
	return digest(UINT64_C(0xcbf29ce484222325), name);
}

static size_t shorten(char *at, struct weir_str key)
{
	const size_t head = BUCKET_KEY_MOST - 16;
	uint64_t one = digest(UINT64_C(0xcbf29ce484222325), key);
	uint64_t two = digest(UINT64_C(0x9e3779b97f4a7c15) ^ key.len, key);

	memcpy(at, key.data, head);
	memcpy(at + head, &one, 8);
	memcpy(at + head + 8, &two, 8);
	return BUCKET_KEY_MOST;
}

struct weir_str bucket_name(char room[BUCKET_ROOM], uint64_t owner, struct weir_str key)
{
	size_t len = key.len;

	memcpy(room, &owner, 8);
	if (key.len > BUCKET_KEY_MOST)
		len = shorten(room + 8, key);
	else if (key.len > 0)
		memcpy(room + 8, key.data, key.len);
	return (struct weir_str){ room, 8 + len };
}
