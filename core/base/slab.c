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

/* Frees all from here on; gives how many. */
static uint32_t free_from(void *object)
{
	uint32_t n = 0;

	while (object != NULL) {
		void *older = *(void **)object;

		mem_free(object);
		object = older;
		n++;
	}
	return n;
}

void slab_fini(struct slab *s)
{
	(void)free_from(s->free);
	s->free = NULL;
	s->kept = s->low = 0;
}

/* The oldest `low` have not been lent since the last look. */
size_t slab_cool(struct slab *s, uint32_t warm)
{
	uint32_t stay = s->low > warm ? s->kept - s->low + warm : s->kept, gone;
	void **link = &s->free;

	for (uint32_t i = 0; i < stay; i++)
		link = (void **)*link;
	gone = free_from(*link);
	*link = NULL;
	s->kept -= gone;
	s->low = s->kept;
	return gone * s->size;
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
