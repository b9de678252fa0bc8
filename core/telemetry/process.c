/* process.c - what the kernel says about this process. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/telemetry/metrics.h"

/* From /proc/self/stat, fields counted behind the name, which may contain anything. */
struct process {
	unsigned long user, system;	/* clock ticks */
	unsigned long long started;	/* clock ticks after boot */
	long threads;
	unsigned long virtual_bytes;
	long resident_pages;
};

static bool read_stat(struct process *p)
{
	char text[1024];
	FILE *f = fopen("/proc/self/stat", "re");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;
	const char *at;

	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	return at != NULL &&
	       sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d"
			      " %ld %*d %llu %lu %ld",
		      &p->user, &p->system, &p->threads, &p->started, &p->virtual_bytes,
		      &p->resident_pages) == 6;
}

/* "." and ".." and the one that reads are not counted. */
static unsigned count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n > 3 ? n - 3 : 0;
}

/* Seconds since 1970 of the boot: the wall clock now, less the time since then. */
static double boot_time(void)
{
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)clock_wall() / NS_PER_S - (double)up.tv_sec - (double)up.tv_nsec / NS_PER_S;
}

static void put(struct exposition *e, enum family_id id, double x)
{
	exposition_begin(e, &families[id]);
	exposition_double(e, NULL, 0, x);
}

void process_collect(struct exposition *e)
{
	double tick = (double)sysconf(_SC_CLK_TCK);
	struct process p = { 0 };
	struct rlimit files;

	if (read_stat(&p)) {
		put(e, FAMILY_PROCESS_CPU, (double)(p.user + p.system) / tick);
		put(e, FAMILY_PROCESS_RESIDENT,
		    (double)p.resident_pages * (double)sysconf(_SC_PAGESIZE));
		put(e, FAMILY_PROCESS_VIRTUAL, (double)p.virtual_bytes);
		put(e, FAMILY_PROCESS_THREADS, (double)p.threads);
		put(e, FAMILY_PROCESS_START, boot_time() + (double)p.started / tick);
	}
	put(e, FAMILY_PROCESS_FDS, count_fds());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		put(e, FAMILY_PROCESS_MAX_FDS, (double)files.rlim_cur);
}
