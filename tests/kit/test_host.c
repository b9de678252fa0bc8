/* test_host.c - the fake host has every call that the window has. */
#include <weir/fake.h>

#include "tests/test.h"

/* The newest call of <weir/host.h>. When the window grows this does not compile, until the new call is
 * filled in by core/kit/ (host.c says where each part is) and named here. */
_Static_assert(offsetof(struct weir_host, failed) + sizeof(void (*)(void)) == sizeof(struct weir_host),
	       "struct weir_host has grown: the fake host in core/kit/ must have the new call too");

static void no_call_is_missing(void **state)
{
	const char *host = (const char *)weir_fake_host();
	size_t at = offsetof(struct weir_host, option_given);

	(void)state;
	for (; at < sizeof(struct weir_host); at += sizeof(void (*)(void))) {
		void (*call)(void);

		memcpy(&call, host + at, sizeof(call));
		if (call == NULL)
			fail_msg("call %zu of struct weir_host is not there",
				 (at - offsetof(struct weir_host, option_given)) / sizeof(call));
	}
}

static void it_says_which_version_it_is(void **state)
{
	const struct weir_host *host = weir_fake_host();

	(void)state;
	assert_int_equal(host->size, sizeof(*host));
	assert_int_equal(host->major, WEIR_API_MAJOR);
	assert_int_equal(host->minor, WEIR_API_NEWEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_call_is_missing),
		cmocka_unit_test(it_says_which_version_it_is),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
