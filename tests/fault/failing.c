/* failing.c - a gateway whose n-th allocation fails, as a story says. */
#include "tests/fault/failing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/fault/failmalloc.h"

/* Shared with the gateway that is started after open_page(). */
static struct failmalloc *page;

unsigned long step_for(unsigned long all, unsigned long points)
{
	const char *stride = getenv("FAULT_STRIDE");
	unsigned long step = all / points;

	if (stride != NULL)
		step = strtoul(stride, NULL, 10);
	return step > 0 ? step : 1;
}

void arm(unsigned long fail_at)
{
	atomic_store(&page->count, 0);
	atomic_store(&page->failed, 0);
	atomic_store(&page->fail_at, fail_at);
	atomic_store(&page->fail_for, 1);
	atomic_store(&page->armed, 1);
}

unsigned long disarm(void)
{
	atomic_store(&page->armed, 0);
	return atomic_load(&page->count);
}

unsigned long disarm_most(unsigned long all)
{
	unsigned long count = disarm();

	return count > all ? count : all;
}

void open_page(struct story *s)
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

void checking_survives(struct story *s, unsigned long points)
{
	unsigned long all, n;

	arm(0);
	assert_int_equal(gateway_checks(s->gateway), 0);
	all = disarm();

	for (n = 1; n <= all; n += step_for(all, points)) {
		int status;

		gateway_forgets_log(s->gateway);
		arm(n);
		status = gateway_checks(s->gateway);
		disarm();
		if (status != 0 && status != 1)
			fail_msg("allocation %lu of %lu: it ended with %d\n%s", n, all, status,
				 gateway_log(s->gateway));
		if (status == 1 && strlen(gateway_log(s->gateway)) < 10)
			fail_msg("allocation %lu of %lu: it failed without a sentence", n, all);
	}
	tell_how_many(all, points);
}

void has_not_died(struct story *s, pid_t child, unsigned long n, unsigned long all)
{
	if (gateway_child(s->gateway) != child)
		fail_msg("allocation %lu of %lu: it died\n%s", n, all, gateway_log(s->gateway));
}

void tell_how_many(unsigned long all, unsigned long points)
{
	print_message("%lu allocations, every %lu. failed\n", all, step_for(all, points));
}
