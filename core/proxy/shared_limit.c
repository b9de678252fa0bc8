/* shared_limit.c - a number that all workers count together. */
#include "core/proxy/shared_limit.h"

#include <stdlib.h>

struct shared_limit *shared_limit_new(void)
{
	struct shared_limit *l = aligned_alloc(64, sizeof(*l));

	if (l == NULL)
		return NULL;
	atomic_init(&l->now, 0);
	atomic_init(&l->most, UINT32_MAX);
	atomic_init(&l->refs, 1);
	return l;
}

void shared_limit_unref(struct shared_limit *l)
{
	if (l != NULL && atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) == 1)
		free(l);
}
