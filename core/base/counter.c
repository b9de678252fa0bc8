/* counter.c - numbers that one thread writes and any may read. */
#include "core/base/counter.h"

#include <assert.h>
#include <string.h>

/* The smallest value with that many bits. */
static uint64_t smallest(unsigned bits)
{
	return bits > 0 ? 1ull << (bits - 1) : 0;
}

void histogram_scale_init(struct histogram_scale *s, const uint64_t bounds[HISTOGRAM_BOUNDS])
{
	memcpy(s->bounds, bounds, sizeof(s->bounds));
	for (unsigned bits = 0; bits <= 64; bits++) {
		unsigned at = 0;

		while (at < HISTOGRAM_BOUNDS && smallest(bits) > bounds[at])
			at++;
		s->first[bits] = (uint8_t)at;
	}
	for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert(bounds[i] > bounds[i - 1]);
}

void histogram_see(struct histogram_seen *seen, const struct histogram *h)
{
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		seen->buckets[i] += counter_read(&h->buckets[i]);
	seen->sum += counter_read(&h->sum);
}

uint64_t histogram_count(const struct histogram_seen *seen)
{
	uint64_t count = 0;

	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		count += seen->buckets[i];
	return count;
}
