/* test.h - what every test program includes: cmocka, with the headers it wants before it. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"

#define assert_str(got, want) \
	do { \
		struct weir_str got_ = (got), want_ = weir_str_from(want); \
		if (!weir_str_eq(got_, want_)) \
			fail_msg("got \"%.*s\", wanted \"%.*s\"", STR_ARG(got_), STR_ARG(want_)); \
	} while (0)

#endif
