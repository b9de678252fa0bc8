/* failing.h - a gateway whose n-th allocation fails, as a story says. */
#ifndef TESTS_FAULT_FAILING_H
#define TESTS_FAULT_FAILING_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/e2e/story.h"
#include "tests/fault/failmalloc.h"

/* Shared with the gateway that is started after open_page(). */
static struct failmalloc *page;

/* Every allocation in the long run; in the short one only so many of each kind. */
static unsigned long step_for(unsigned long all, unsigned long points)
{
	const char *stride = getenv("FAULT_STRIDE");
	unsigned long step = all / points;

	if (stride != NULL)
		step = strtoul(stride, NULL, 10);
	return step > 0 ? step : 1;
}

static void arm(unsigned long fail_at)
{
	atomic_store(&page->count, 0);
	atomic_store(&page->failed, 0);
	atomic_store(&page->fail_at, fail_at);
	atomic_store(&page->fail_for, 1);
	atomic_store(&page->armed, 1);
}

static unsigned long disarm(void)
{
	atomic_store(&page->armed, 0);
	return atomic_load(&page->count);
}

static void open_page(struct story *s)
{
	const char *build = getenv("WEIR_BUILD");
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/page", s->gateway->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, sizeof(*page)), 0);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	setenv("FAILMALLOC", path, 1);
	(void)snprintf(path, sizeof(path), "%s/tests/fault/failmalloc.so", build != NULL ? build : ".");
	setenv("WEIR_PRELOAD", path, 1);
}

#endif
