/* cpus.c - how many CPUs this process may use. */
#include "core/weir/cpus.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MOST = 8192 };

uint32_t cpus_of_quota(uint64_t quota_us, uint64_t period_us)
{
	uint64_t cpus;

	if (quota_us == 0 || period_us == 0 || quota_us > UINT64_MAX - period_us)
		return 0;
	cpus = (quota_us + period_us - 1) / period_us;
	return cpus < UINT32_MAX ? (uint32_t)cpus : 0;
}

uint32_t cpus_of_v2(struct weir_str text)
{
	struct weir_str rest = str_trim(text), quota, period;
	size_t line = str_find(rest, '\n');
	uint64_t quota_us, period_us;

	rest = str_head(rest, line);
	if (!str_next(&rest, ' ', &quota) || !str_next(&rest, ' ', &period) ||
	    !str_to_u64(quota, &quota_us) || !str_to_u64(period, &period_us))
		return 0;	/* "max" as well */
	return cpus_of_quota(quota_us, period_us);
}

static struct weir_str first_line(struct weir_str text)
{
	return str_trim(str_head(text, str_find(text, '\n')));
}

uint32_t cpus_of_v1(struct weir_str quota, struct weir_str period)
{
	uint64_t quota_us, period_us;

	if (!str_to_u64(first_line(quota), &quota_us) ||
	    !str_to_u64(first_line(period), &period_us))
		return 0;	/* "-1" as well */
	return cpus_of_quota(quota_us, period_us);
}

static bool has_cpu(struct weir_str controllers)
{
	struct weir_str one;

	while (str_next(&controllers, ',', &one)) {
		if (str_eq(one, STR("cpu")))
			return true;
	}
	return false;
}

/* Lines are ID:CONTROLLERS:PATH, and the path may have colons. */
static struct weir_str find_group(struct weir_str text, bool v2)
{
	struct weir_str line, id, controllers;

	while (str_next(&text, '\n', &line)) {
		if (!str_next(&line, ':', &id) || !str_next(&line, ':', &controllers))
			continue;
		if (v2 ? controllers.len == 0 && str_eq(id, STR("0")) : has_cpu(controllers))
			return line;
	}
	return STR_ABSENT;
}

struct weir_str cpus_group_v2(struct weir_str proc_cgroup)
{
	return find_group(proc_cgroup, true);
}

struct weir_str cpus_group_v1(struct weir_str proc_cgroup)
{
	return find_group(proc_cgroup, false);
}

bool cpus_group_up(struct weir_str *group)
{
	if (group->len == 0)
		return false;
	while (group->len > 0 && group->data[group->len - 1] != '/')
		group->len--;
	if (group->len > 0)
		group->len--;
	return true;
}

/* Whole small files of /proc and /sys; absent when there is none. */
static struct weir_str read_file(const char *path, char *room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return STR_ABSENT;
	n = read(fd, room, FILE_MOST);
	close(fd);
	return n > 0 ? str_of(room, (size_t)n) : STR_ABSENT;
}

static struct weir_str read_in(const char *root, struct weir_str group, const char *file,
			       char *room)
{
	char path[FILE_MOST];
	int n = snprintf(path, sizeof(path), "%s%.*s/%s", root, STR_ARG(group), file);

	if (n < 0 || n >= (int)sizeof(path))
		return STR_ABSENT;
	return read_file(path, room);
}

static void lower(uint32_t *least, uint32_t cpus)
{
	if (cpus != 0 && cpus < *least)
		*least = cpus;
}

/* A group above may be tighter. In a container the path may be that of the host, and what is seen
 * at the root is the container's own: so the walk ends there in any case. */
static void look_at_v2(struct weir_str group, uint32_t *least)
{
	char room[FILE_MOST];

	do
		lower(least, cpus_of_v2(read_in("/sys/fs/cgroup", group, "cpu.max", room)));
	while (cpus_group_up(&group));
}

static void look_at_v1(const char *root, struct weir_str group, uint32_t *least)
{
	char quota[FILE_MOST], period[FILE_MOST];

	do
		lower(least, cpus_of_v1(read_in(root, group, "cpu.cfs_quota_us", quota),
					read_in(root, group, "cpu.cfs_period_us", period)));
	while (cpus_group_up(&group));
}

static uint32_t affinity(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (uint32_t)CPU_COUNT(&set);
	return online > 0 ? (uint32_t)online : 1;
}

uint32_t cpus_usable(void)
{
	uint32_t least = affinity();
	char room[FILE_MOST];
	struct weir_str text = read_file("/proc/self/cgroup", room), group;

	group = cpus_group_v2(text);
	if (group.data != NULL)
		look_at_v2(group, &least);
	group = cpus_group_v1(text);
	if (group.data != NULL) {
		look_at_v1("/sys/fs/cgroup/cpu", group, &least);
		look_at_v1("/sys/fs/cgroup/cpu,cpuacct", group, &least);
	}
	return least;
}
