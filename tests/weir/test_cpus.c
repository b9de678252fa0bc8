/* test_cpus.c - affinity and quotas decide how many workers there are. */
#include "tests/test.h"

#include <sched.h>

#include "core/weir/cpus.h"

static void a_quota_is_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(cpus_of_quota(100000, 100000), 1);
	assert_int_equal(cpus_of_quota(150000, 100000), 2);
	assert_int_equal(cpus_of_quota(1, 100000), 1);
	assert_int_equal(cpus_of_quota(800000, 100000), 8);
}

static void nonsense_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(cpus_of_quota(0, 100000), 0);
	assert_int_equal(cpus_of_quota(100000, 0), 0);
	assert_int_equal(cpus_of_quota(UINT64_MAX, 1), 0);
	assert_int_equal(cpus_of_v2(STR("")), 0);
	assert_int_equal(cpus_of_v2(STR("100000")), 0);
	assert_int_equal(cpus_of_v2(STR("x y")), 0);
	assert_int_equal(cpus_of_v2(STR_ABSENT), 0);
	assert_int_equal(cpus_of_v1(STR_ABSENT, STR_ABSENT), 0);
}

static void version_2_is_read(void **state)
{
	(void)state;
	assert_int_equal(cpus_of_v2(STR("max 100000\n")), 0);
	assert_int_equal(cpus_of_v2(STR("250000 100000\n")), 3);
}

static void version_1_is_read(void **state)
{
	(void)state;
	assert_int_equal(cpus_of_v1(STR("-1\n"), STR("100000\n")), 0);
	assert_int_equal(cpus_of_v1(STR("50000\n"), STR("100000\n")), 1);
	assert_int_equal(cpus_of_v1(STR("400000\n"), STR("100000\n")), 4);
}

static void the_group_is_found_in_either_version(void **state)
{
	struct weir_str v1 = STR("12:pids:/a\n4:cpu,cpuacct:/docker/x:y\n1:name=systemd:/\n");
	struct weir_str v2 = STR("0::/system.slice/weir.service\n");
	struct weir_str both = STR("3:cpuset:/c\n2:cpuacct,cpu:/quota\n0::/unified\n");

	(void)state;
	assert_str(cpus_group_v1(v1), "/docker/x:y");
	assert_null(cpus_group_v2(v1).data);
	assert_str(cpus_group_v2(v2), "/system.slice/weir.service");
	assert_null(cpus_group_v1(v2).data);
	assert_str(cpus_group_v1(both), "/quota");
	assert_str(cpus_group_v2(both), "/unified");
	assert_null(cpus_group_v1(STR_ABSENT).data);
}

static void the_walk_up_ends_at_the_root(void **state)
{
	struct weir_str group = STR("/a/b");

	(void)state;
	assert_true(cpus_group_up(&group));
	assert_str(group, "/a");
	assert_true(cpus_group_up(&group));
	assert_str(group, "");
	assert_false(cpus_group_up(&group));
	group = STR("/");
	assert_true(cpus_group_up(&group));
	assert_str(group, "");
}

static void affinity_is_respected(void **state)
{
	cpu_set_t old, one;
	int first = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(old), &old), 0);
	while (!CPU_ISSET(first, &old))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);

	assert_int_equal(cpus_usable(), 1);

	assert_int_equal(sched_setaffinity(0, sizeof(old), &old), 0);
	assert_in_range(cpus_usable(), 1, CPU_COUNT(&old));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quota_is_rounded_up),
		cmocka_unit_test(nonsense_is_no_limit),
		cmocka_unit_test(version_2_is_read),
		cmocka_unit_test(version_1_is_read),
		cmocka_unit_test(the_group_is_found_in_either_version),
		cmocka_unit_test(the_walk_up_ends_at_the_root),
		cmocka_unit_test(affinity_is_respected),
	};

	return cmocka_run_group_tests_name("cpus", tests, NULL, NULL);
}
