/* failmalloc.c - a library for LD_PRELOAD: counts allocations, and makes the n-th one fail. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fault/failmalloc.h"

/* glibc's own, under the names that nobody replaces. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct failmalloc *page;

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("FAILMALLOC");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		page = at;
}

/* Counts this allocation; true: it must fail. */
static bool must_fail(void)
{
	unsigned long n, at;

	if (page == NULL || atomic_load(&page->armed) == 0)
		return false;
	n = atomic_fetch_add(&page->count, 1) + 1;
	at = atomic_load(&page->fail_at);
	if (at == 0 || n < at || n - at >= atomic_load(&page->fail_for))
		return false;
	atomic_fetch_add(&page->failed, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(count, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, all);
}

void *memalign(size_t alignment, size_t size)
{
	return must_fail() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *got = memalign(alignment, size);

	if (got == NULL)
		return ENOMEM;
	*out = got;
	return 0;
}
