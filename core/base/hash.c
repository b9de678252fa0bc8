/* hash.c - a fast 64-bit hash with a seed: 8 bytes a step, each step a widening multiply. */
#include "core/base/hash.h"

#include <endian.h>
#include <pthread.h>
#include <sys/random.h>
#include <time.h>

static uint64_t word_at(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);	/* the same value on every machine */
}

static uint64_t tail_of(const char *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return w;
}

uint64_t hash64(uint64_t seed, struct weir_str s)
{
	const char *p = s.data;
	size_t left = s.len;
	uint64_t h = hash_mix(seed, s.len);

	for (; left >= 8; left -= 8, p += 8)
		h = hash_mix(h, word_at(p));
	if (left > 0)
		h = hash_mix(h, tail_of(p, left));
	return hash_mix(h, s.len);
}

static uint64_t seed_of_process;

static void choose_seed(void)
{
	if (getrandom(&seed_of_process, sizeof(seed_of_process), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(seed_of_process))
		seed_of_process = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ull;
}

uint64_t hash_seed(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, choose_seed);
	return seed_of_process;
}
