/* cpus.h - how many CPUs this process may use: by its affinity and by the quota of its control group. */
#ifndef CORE_WEIR_CPUS_H
#define CORE_WEIR_CPUS_H

#include "core/base/str.h"

/* At least 1. Looks at the affinity mask and at the quotas of this group and all above it, version 1
 * and 2; a quota of 1.5 CPUs counts as 2. */
uint32_t cpus_usable(void);

/* The pure parts. ---------------------------------------------------------- */

/* CPUs of a quota, rounded up; 0: no limit or not understood. */
uint32_t cpus_of_quota(uint64_t quota_us, uint64_t period_us);
/* "max 100000" or "150000 100000", as in cpu.max of version 2. */
uint32_t cpus_of_v2(struct weir_str text);
/* cpu.cfs_quota_us ("-1" is none) and cpu.cfs_period_us of version 1. */
uint32_t cpus_of_v1(struct weir_str quota, struct weir_str period);

/* The group's path in /proc/self/cgroup: of version 2 (the line "0::PATH"), or of the version 1
 * hierarchy that has the controller `cpu`. Absent when there is none. */
struct weir_str cpus_group_v2(struct weir_str proc_cgroup);
struct weir_str cpus_group_v1(struct weir_str proc_cgroup);

/* The path without its last part: "/a/b" -> "/a" -> "" (the root). False after the root. */
bool cpus_group_up(struct weir_str *group);

#endif
