/* mem.h - the heap. Everything it gives is zeroed; everything it takes may be NULL. */
#ifndef CORE_BASE_MEM_H
#define CORE_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Gives zeroed bytes, or NULL. */
static inline void *mem_alloc(size_t size)
{
	return calloc(1, size);
}

/* Gives zeroed room for `count` things of `size`, or NULL (also when the product overflows). */
static inline void *mem_array(size_t count, size_t size)
{
	return calloc(count, size);
}

/* Like realloc; the grown part is not zeroed. On NULL the old block is still there. */
static inline void *mem_resize(void *old, size_t count, size_t size)
{
	return reallocarray(old, count, size);
}

static inline void mem_free(void *block)
{
	free(block);
}

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
