/* test_no_memory.c - each allocation fails once, in turn: every visit has an answer. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/admin/paths.h"
#include "core/admin/server.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/socket.h"
#include "tests/admin/fake_world.h"
#include "tests/alloc.h"

/* A whole answer, or one that says that there is no memory. False: not even the question fitted. */
static bool visits(struct fake_world *fake, const char *method, const char *target)
{
	json_t *document;
	struct visit v;
	bool ok = visit_init(&v, &fake->world, str_from(target));

	if (ok) {
		visit_set_method(&v, str_from(method));
		v.path = paths_find(v.name, false);
		visit_run(&v);
		assert_true(v.status >= 200);
		assert_non_null(v.content_type);
		ok = v.status < 500;
	}
	alloc_fail_at(0);
	document = json_loadb(buffer_str(&v.answer).data, buffer_len(&v.answer), 0, NULL);
	if (buffer_len(&v.answer) > 0 && strcmp(target, "/metrics") != 0)
		assert_non_null(document);
	json_decref(document);
	visit_fini(&v);
	return ok;
}

static void each_path_answers_when_memory_is_short(void **state)
{
	static const char *const paths[] = {
		"/", "/healthz", "/readyz", "/metrics", "/config", "/routes?name=a", "/services",
		"/plugins", "/explain?url=%2Fx&header=a%3Ab&claim=c=d", "/log-level", "/nothing",
		"/drain",
	};
	struct fake_world fake;

	(void)state;
	fake_world_init(&fake);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		for (uint64_t n = 1; n < 400; n++) {
			alloc_fail_at(n);
			(void)visits(&fake, "GET", paths[i]);
		}
	fake_world_fini(&fake);
}

static void commands_answer_when_memory_is_short(void **state)
{
	static const char *const paths[] = { "/reload", "/drain", "/log-level?level=%65rror" };
	struct fake_world fake;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	fake_world_init(&fake);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		for (uint64_t n = 1; n < 100; n++) {
			alloc_fail_at(n);
			(void)visits(&fake, "POST", paths[i]);
		}
	fake_world_fini(&fake);
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void a_server_opens_whole_or_not_at_all(void **state)
{
	struct server_setup setup = { .name = "admin", .host = STR("127.0.0.1"),
				      .token = STR("secret") };
	struct fake_world fake;
	struct server *s = NULL;
	unsigned before;

	(void)state;
	fake_world_init(&fake);
	setup.world = &fake.world;
	assert_true(address_parse(&setup.bound, STR("127.0.0.1:0"), NULL));
	before = open_descriptors();
	for (uint64_t n = 1; s == NULL; n++) {
		const struct listen_options options = { .backlog = 8 };
		int fd = socket_listen(&setup.bound, &options, NULL);
		struct weir_error error = { "" };

		assert_true(fd >= 0);
		alloc_fail_at(n);
		s = server_open(fd, &setup, &error);
		alloc_fail_at(0);
		if (s == NULL)
			assert_int_equal(open_descriptors(), before);
		assert_true((s != NULL) == (error.text[0] == '\0'));
	}
	server_close(s);
	assert_int_equal(open_descriptors(), before);
	fake_world_fini(&fake);
}

static void *counted_alloc(size_t size)
{
	return malloc(size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_answers_when_memory_is_short),
		cmocka_unit_test(commands_answer_when_memory_is_short),
		cmocka_unit_test(a_server_opens_whole_or_not_at_all),
	};

	json_set_alloc_funcs(counted_alloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
