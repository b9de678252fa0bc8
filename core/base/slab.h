/* slab.h - objects of one size, lent and taken back newest first, so that the warm one is used
 * again. */
#ifndef CORE_BASE_SLAB_H
#define CORE_BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

/* One thread. Keeps at most `keep` free ones; the rest goes back to the heap. Under the address
 * sanitizer it keeps none, so that a use after the end is seen. */
struct slab {
	void *free;		/* newest first; the link stands in the object's first word */
	size_t size;
	uint32_t kept, keep;
	uint32_t live;		/* lent at this moment */
	uint32_t low;		/* the fewest kept since the last look */
};

void slab_init(struct slab *s, size_t size, uint32_t keep);
void slab_fini(struct slab *s);		/* everything lent must be home */

void *slab_grow(struct slab *s);	/* the slow path of slab_take */

/* Lends an object, contents undefined; NULL when out of memory. */
static inline void *slab_take(struct slab *s)
{
	void *object = s->free;

	if (object == NULL)
		return slab_grow(s);
	s->free = *(void **)object;
	if (--s->kept < s->low)
		s->low = s->kept;
	s->live++;
	return object;
}

void slab_give(struct slab *s, void *object);	/* NULL is fine */

/* To be called now and then: those that nobody has needed since the last call go back to the heap,
 * but for `warm` of them. Gives the bytes that went. */
size_t slab_cool(struct slab *s, uint32_t warm);

#endif
