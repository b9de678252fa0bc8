/* slab.c - objects of one size, lent and taken back newest first. */
#include "core/base/slab.h"

#include <assert.h>

#include "core/base/mem.h"

void slab_init(struct slab *s, size_t size, uint32_t keep)
{
	assert(size >= sizeof(void *));
#if defined(__SANITIZE_ADDRESS__)
	keep = 0;
#endif
	*s = (struct slab){ .size = size, .keep = keep };
}

void slab_fini(struct slab *s)
{
	while (s->free != NULL) {
		void *object = s->free;

		s->free = *(void **)object;
		mem_free(object);
	}
	s->kept = 0;
}

void *slab_grow(struct slab *s)
{
	void *object = malloc(s->size);

	if (object != NULL)
		s->live++;
	return object;
}

void slab_give(struct slab *s, void *object)
{
	if (object == NULL)
		return;
	assert(s->live > 0);
	s->live--;
	if (s->kept >= s->keep) {
		mem_free(object);
		return;
	}
	*(void **)object = s->free;
	s->free = object;
	s->kept++;
}
