/* hash.h - a fast 64-bit hash with a seed; not for secrets. The same seed gives the same value
 * everywhere. */
#ifndef CORE_BASE_HASH_H
#define CORE_BASE_HASH_H

#include "core/base/str.h"

uint64_t hash64(uint64_t seed, struct weir_str s);

/* Mixes a number into a hash. Both factors depend on `h`: a stranger who does not know the seed
 * cannot choose a number that makes one of them 0, and so cannot make what came before it
 * forgotten. */
static inline uint64_t hash_mix(uint64_t h, uint64_t n)
{
	uint64_t other = (h << 32 | h >> 32) ^ 0xd1b54a32d192ed03ull;
	__uint128_t wide = (__uint128_t)(h ^ n ^ 0x9e3779b97f4a7c15ull) * (other | 1);

	return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

/* A number of this process, random at start: the seed of every table that strangers can fill. */
uint64_t hash_seed(void);

#endif
