/* use.c - one use of a plugin: what it was asked, and rows of its own size. */
#include "config.h"

#include "core/plugin/use.h"

static uint64_t load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

struct use_totals use_totals(const struct weir_use *use)
{
	struct use_totals sum = { 0 };

	for (uint32_t i = 0; i < use->places; i++) {
		const struct use_here *at = &use->here[i];

		sum.calls += load(&at->calls);
		sum.refused += load(&at->refused);
		sum.failed += load(&at->failed);
		sum.timed += load(&at->timed);
		sum.timed_ns += load(&at->timed_ns);
	}
	return sum;
}

const struct weir_endpoint *use_endpoints(const struct weir_use *use, struct arena *arena,
					  const struct weir_endpoint *rows, uint32_t count)
{
	size_t size = use->balancer->endpoint_size;
	char *own;

	if (size == sizeof(*rows))
		return rows;
	own = arena_zero(arena, count * size + 1);
	if (own == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		memcpy(own + i * size, &rows[i], size < sizeof(*rows) ? size : sizeof(*rows));
	return (const struct weir_endpoint *)(const void *)own;
}

struct weir_endpoint endpoint_given(const struct weir_endpoint *rows, size_t row_size, uint32_t at)
{
	struct weir_endpoint row = { .weight = 0 };

	memcpy(&row, (const char *)rows + at * row_size,
	       row_size < sizeof(row) ? row_size : sizeof(row));
	return row;
}
