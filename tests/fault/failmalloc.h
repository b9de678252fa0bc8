/* failmalloc.h - the page that a test and the program under test share: which allocation is to fail. */
#ifndef TESTS_FAULT_FAILMALLOC_H
#define TESTS_FAULT_FAILMALLOC_H

#include <stdatomic.h>

/* Lies in the file that $FAILMALLOC names. While `armed`, allocations are counted from 1; those from
 * `fail_at` on fail, `fail_for` of them; fail_at 0: none fails. */
struct failmalloc {
	atomic_uint armed;
	atomic_ulong count, fail_at, fail_for, failed;
};

#endif
