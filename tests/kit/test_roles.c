/* test_roles.c - plugins of the other roles in the fake world: discovery, with a real file. */
#include <weir/fake_roles.h>

#include "tests/plugin/folder.h"
#include "tests/test.h"

static struct folder folder;
static struct weir_fake *world;

static int begin(void **state)
{
	(void)state;
	folder_make(&folder);
	world = weir_fake_new();
	weir_fake_set_patience(world, 0);	/* nobody will tell of a change */
	return 0;
}

static int end(void **state)
{
	bool clean = weir_fake_free(world);

	(void)state;
	folder_clear(&folder);
	return clean ? 0 : -1;
}

/* The discovery plugin `file`, watching a file of this name in the folder. */
static struct weir_fake_use *watches(const char *name)
{
	struct weir_error error = { "" };
	const struct weir_plugin *plugin = weir_fake_load("plugins/file/file.so", &error);
	char options[512];
	struct weir_fake_use *use;

	(void)snprintf(options, sizeof(options), "{path: \"%s/%s\", poll: 1s}", folder.path, name);
	use = plugin != NULL ? weir_fake_open(world, plugin, options, &error) : NULL;
	if (use == NULL)
		fail_msg("%s", error.text);
	return use;
}

static void a_set_is_published(void **state)
{
	const struct weir_endpoint *set;
	uint32_t count;

	(void)state;
	folder_write(&folder, "set.yaml", "- 10.0.0.1:80\n- {address: 10.0.0.2:80, weight: 3}\n");
	weir_fake_watch(watches("set.yaml"), "tariff-svc", 5);
	set = weir_fake_published(world, &count);
	assert_int_equal(count, 2);
	assert_str(set[0].address, "10.0.0.1:80");
	assert_int_equal(set[1].weight, 3);
	assert_null(weir_fake_watch_failure(world));
}

static void what_is_not_there_is_a_failure(void **state)
{
	uint32_t count;

	(void)state;
	weir_fake_watch(watches("nothing.yaml"), "tariff-svc", 3);
	assert_null(weir_fake_published(world, &count));
	assert_int_equal(count, 0);
	assert_non_null(strstr(weir_fake_watch_failure(world), "nothing.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_set_is_published, begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_a_failure, begin, end),
	};

	return cmocka_run_group_tests_name("roles", tests, NULL, NULL);
}
