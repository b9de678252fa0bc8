/* rng.h - dice: fast, good enough for balancing and ids, not for keys. One thread each. */
#ifndef CORE_BASE_RNG_H
#define CORE_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state[2];
};

/* From the kernel's randomness. */
void rng_init(struct rng *r);
/* The same seed gives the same numbers: for tests. */
void rng_init_seed(struct rng *r, uint64_t seed);

/* 64 random bits (xoroshiro128+, Blackman and Vigna). */
static inline uint64_t rng_next(struct rng *r)
{
	uint64_t a = r->state[0], b = r->state[1], sum = a + b;

	b ^= a;
	r->state[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
	r->state[1] = b << 37 | b >> 27;
	return sum;
}

/* 0 .. n-1, for n > 0. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

#endif
