/* rng.c - seeding the dice. */
#include "core/base/rng.h"

#include <sys/random.h>
#include <time.h>

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15ull);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void rng_init_seed(struct rng *r, uint64_t seed)
{
	r->state[0] = splitmix(&seed);
	r->state[1] = splitmix(&seed);
}

void rng_init(struct rng *r)
{
	uint64_t seed;
	struct timespec now;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		seed = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)r;
	}
	rng_init_seed(r, seed);
}
