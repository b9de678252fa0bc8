/* arena.c - memory that lives as long as one exchange. */
#include "core/base/arena.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/slab.h"

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;		/* header included */
};

void arena_init(struct arena *a, struct slab *source, size_t ceiling)
{
	*a = (struct arena){ .source = source, .ceiling = ceiling };
}

void arena_init_small(struct arena *a, size_t ceiling)
{
	*a = (struct arena){ .ceiling = ceiling, .next = ARENA_LEAST };
}

static void chunk_free(struct arena *a, struct arena_chunk *chunk)
{
	if (a->source != NULL && chunk->size == ARENA_CHUNK)
		slab_give(a->source, chunk);
	else
		mem_free(chunk);
}

void arena_reset(struct arena *a)
{
	while (a->chunks != NULL) {
		struct arena_chunk *chunk = a->chunks;

		a->chunks = chunk->older;
		chunk_free(a, chunk);
	}
	a->at = a->end = NULL;
	a->taken = 0;
	a->overflowed = false;
}

static struct arena_chunk *chunk_new(struct arena *a, size_t size)
{
	struct arena_chunk *chunk;

	if (size == ARENA_CHUNK && a->source != NULL)
		chunk = slab_take(a->source);
	else
		chunk = malloc(size);	/* not zeroed: the taker fills it */
	if (chunk != NULL)
		chunk->size = size;
	return chunk;
}

static void *overflow(struct arena *a)
{
	a->overflowed = true;
	return NULL;
}

static size_t usual_chunk(struct arena *a)
{
	size_t size = a->next;

	if (size == 0)
		return ARENA_CHUNK;
	if (size < ARENA_CHUNK)
		a->next *= 2;
	return size;
}

/* A thing larger than a chunk gets one of its own, behind the current one, which stays in use. */
void *arena_more(struct arena *a, size_t size)
{
	size_t need = ((size + 7) & ~(size_t)7) + sizeof(struct arena_chunk);
	struct arena_chunk *chunk;
	size_t usual, want;
	char *got;

	if (size == 0)
		return a->at != NULL ? a->at : arena_more(a, 8);
	usual = usual_chunk(a);
	want = need > usual ? need : usual;
	if (need < size || a->ceiling < want || a->taken > a->ceiling - want)
		return overflow(a);
	chunk = chunk_new(a, want);
	if (chunk == NULL)
		return overflow(a);
	a->taken += want;
	got = (char *)(chunk + 1);
	if (want > usual && a->chunks != NULL) {
		chunk->older = a->chunks->older;
		a->chunks->older = chunk;
		return got;
	}
	chunk->older = a->chunks;
	a->chunks = chunk;
	a->at = (char *)chunk + need;
	a->end = (char *)chunk + want;
	return got;
}

void *arena_zero(struct arena *a, size_t size)
{
	void *got = arena_take(a, size);

	if (got != NULL)
		memset(got, 0, size);
	return got;
}

char *arena_open(struct arena *a, size_t *room)
{
	*room = (size_t)(a->end - a->at) & ~(size_t)7;
	return a->at;
}

char *arena_open_chunk(struct arena *a, size_t *room)
{
	a->at = a->end;		/* what is left of the old one is too little */
	if (arena_more(a, 8) == NULL)
		return NULL;
	a->at -= 8;
	return arena_open(a, room);
}

char *arena_open_large(struct arena *a, size_t *room)
{
	*room = ARENA_LARGE;
	return arena_take(a, ARENA_LARGE);
}

struct weir_str arena_copy(struct arena *a, struct weir_str s)
{
	char *got;

	if (s.data == NULL)
		return STR_ABSENT;
	got = arena_take(a, s.len);
	if (got == NULL)
		return STR("");
	if (s.len > 0)
		memcpy(got, s.data, s.len);
	return str_of(got, s.len);
}

struct weir_str arena_join(struct arena *a, const struct weir_str *parts, size_t count)
{
	size_t len = 0, used = 0;
	char *got;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	got = arena_take(a, len);
	if (got == NULL)
		return STR("");
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len > 0)
			memcpy(got + used, parts[i].data, parts[i].len);
		used += parts[i].len;
	}
	return str_of(got, len);
}

struct weir_str arena_print(struct arena *a, const char *format, ...)
{
	va_list args;
	int len;
	char *got;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return STR("");
	got = arena_take(a, (size_t)len + 1);
	if (got == NULL)
		return STR("");
	va_start(args, format);
	(void)vsnprintf(got, (size_t)len + 1, format, args);
	va_end(args);
	return str_of(got, (size_t)len);
}
