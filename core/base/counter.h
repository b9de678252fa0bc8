/* counter.h - numbers that one thread writes and any may read: no locks, no locked instructions. */
#ifndef CORE_BASE_COUNTER_H
#define CORE_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

/* Zeroed memory is a valid one. Adding is a plain load, add and store; a second writer would lose
 * counts. Readers see some recent value. */
struct counter {
	_Atomic(uint64_t) n;
};

static inline void counter_add(struct counter *c, uint64_t n)
{
	uint64_t old = atomic_load_explicit(&c->n, memory_order_relaxed);

	atomic_store_explicit(&c->n, old + n, memory_order_relaxed);
}

static inline uint64_t counter_read(const struct counter *c)
{
	return atomic_load_explicit(&c->n, memory_order_relaxed);
}

/* Up and down. Over several writers, only the sum of their gauges means something. */
struct gauge {
	_Atomic(int64_t) n;
};

static inline void gauge_add(struct gauge *g, int64_t n)
{
	int64_t old = atomic_load_explicit(&g->n, memory_order_relaxed);

	atomic_store_explicit(&g->n, old + n, memory_order_relaxed);
}

static inline void gauge_set(struct gauge *g, int64_t n)
{
	atomic_store_explicit(&g->n, n, memory_order_relaxed);
}

static inline int64_t gauge_read(const struct gauge *g)
{
	return atomic_load_explicit(&g->n, memory_order_relaxed);
}

/* How values spread over fixed buckets. A value belongs to the first bucket whose bound is not
 * below it; the last bucket has no bound. */
enum { HISTOGRAM_BOUNDS = 18 };

struct histogram_scale {
	uint64_t bounds[HISTOGRAM_BOUNDS];	/* rising, and none is 0 */
	uint8_t first[65];		/* bit length of a value -> the first bucket it may be in */
};

void histogram_scale_init(struct histogram_scale *s, const uint64_t bounds[HISTOGRAM_BOUNDS]);

struct histogram {
	struct counter buckets[HISTOGRAM_BOUNDS + 1];
	struct counter sum;
};

static inline unsigned histogram_bucket(const struct histogram_scale *s, uint64_t value)
{
	unsigned at = s->first[value != 0 ? 64 - __builtin_clzll(value) : 0];

	while (at < HISTOGRAM_BOUNDS && value > s->bounds[at])
		at++;
	return at;
}

static inline void histogram_add(struct histogram *h, const struct histogram_scale *s,
				 uint64_t value)
{
	counter_add(&h->buckets[histogram_bucket(s, value)], 1);
	counter_add(&h->sum, value);
}

/* What a reader sees: each bucket alone, not yet summed up. */
struct histogram_seen {
	uint64_t buckets[HISTOGRAM_BOUNDS + 1];
	uint64_t sum;
};

/* Adds what stands in `h`. The count is the sum of the buckets, so that both always agree. */
void histogram_see(struct histogram_seen *seen, const struct histogram *h);
uint64_t histogram_count(const struct histogram_seen *seen);

#endif
