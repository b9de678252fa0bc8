/* test_mirror.c - copies of requests, which cost the request itself nothing. */
#include "tests/proxy/scene.h"

#include <unistd.h>

static struct scene *mirroring(void)
{
	static struct header_edit edit = { .kind = EDIT_REMOVE, .name = { "authorization", 13 } };
	struct scene *s = scene_new();

	s->plan.mirror = (struct mirror_rules){ .service = s->svc, .share = UINT32_MAX, .body = 16,
						.edits = { .at = &edit, .count = 1 } };
	return s;
}

/* Two connections come, in whatever order: the one without authorization is the copy's. Afterwards
 * s->origin is the request's; gives the copy's. */
static int copied(struct scene *s, const char *end)
{
	struct weir_str heard;
	int one, other;
	bool copy;

	origin_accepts(s);
	one = s->origin;
	heard = origin_hears(s, end);
	copy = str_find_str(heard, STR("authorization: ")) == heard.len;
	origin_accepts(s);
	other = s->origin;
	heard = origin_hears(s, end);
	assert_int_equal(copy, str_find_str(heard, STR("authorization: ")) < heard.len);
	s->origin = copy ? other : one;
	return copy ? one : other;
}

#define ASKED "POST /x?y HTTP/1.1\r\nhost: a\r\nauthorization: me\r\ncontent-length: 4\r\n\r\nbody"

static void a_copy_has_all_but_what_is_removed(void **state)
{
	struct scene *s = mirroring();
	int copy;

	(void)state;
	client_says(s, ASKED);
	copy = copied(s, "\r\n\r\nbody");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	assert_int_equal(s->px->mirrors, 1);
	close(copy);
	scene_free(s);
}

static void nobody_waits_for_the_answer_of_a_copy(void **state)
{
	struct scene *s = mirroring();
	int copy;

	(void)state;
	client_says(s, ASKED);
	copy = copied(s, "\r\n\r\nbody");
	(void)send(copy, OK, strlen(OK), 0);	/* the copy's answer first: nobody hears it */
	assert_true(client_hears_nothing(s));
	origin_says(s, "HTTP/1.1 201 Yes\r\ncontent-length: 4\r\n\r\nreal");

	assert_true(str_starts(client_hears(s, "real"), STR("HTTP/1.1 201 ")));
	assert_int_equal(s->px->mirrors, 0);
	close(copy);
	scene_free(s);
}

static void a_body_that_is_too_long_is_not_copied(void **state)
{
	struct scene *s = mirroring();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 17\r\n\r\n12345678901234567");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n12345678901234567");
	assert_int_equal(s->px->mirrors, 0);
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static bool no_copy_left(struct scene *s)
{
	return s->px->mirrors == 0;
}

/* It has the client's life no longer; a drain ends it. */
static void a_copy_outlives_its_client_but_not_the_cut(void **state)
{
	struct scene *s = mirroring();
	int copy;

	(void)state;
	client_says(s, ASKED);
	copy = copied(s, "\r\n\r\nbody");
	client_resets(s);
	scene_until(s, nobody_is_connected);
	assert_int_equal(s->px->mirrors, 1);

	proxy_cut(s->px);
	scene_until(s, no_copy_left);
	close(copy);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_has_all_but_what_is_removed),
		cmocka_unit_test(nobody_waits_for_the_answer_of_a_copy),
		cmocka_unit_test(a_body_that_is_too_long_is_not_copied),
		cmocka_unit_test(a_copy_outlives_its_client_but_not_the_cut),
	};

	return cmocka_run_group_tests_name("mirror", tests, NULL, NULL);
}
