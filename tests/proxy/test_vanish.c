/* test_vanish.c - clients that vanish, in every phase: nothing is left, and what was under way is not
 * used again. */
#include "tests/proxy/scene.h"

static void vanishes(struct scene *s)
{
	client_resets(s);
	scene_until(s, nobody_is_served);
	scene_until(s, nobody_is_connected);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

static void a_client_may_vanish_within_its_head(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET / HT");
	scene_turns(s, 0);
	vanishes(s);
}

static void a_client_may_vanish_while_it_waits(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	vanishes(s);
}

static void a_client_may_vanish_within_its_body(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf");
	origin_accepts(s);
	(void)origin_hears(s, "half");
	vanishes(s);
}

static void a_client_may_vanish_within_the_answer(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	(void)client_hears(s, "half");
	vanishes(s);
}

static void a_client_may_vanish_while_it_does_not_read(void **state)
{
	struct scene *s = scene_new();
	static char lots[1 << 20];

	(void)state;
	memset(lots, 'x', sizeof(lots));
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 12; i++) {
		ssize_t n = send(s->origin, lots, sizeof(lots), MSG_DONTWAIT | MSG_NOSIGNAL);

		(void)n;
		scene_turns(s, NS_PER_MS);
	}
	assert_int_equal(s->px->exchange_count, 1);
	vanishes(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_may_vanish_within_its_head),
		cmocka_unit_test(a_client_may_vanish_while_it_waits),
		cmocka_unit_test(a_client_may_vanish_within_its_body),
		cmocka_unit_test(a_client_may_vanish_within_the_answer),
		cmocka_unit_test(a_client_may_vanish_while_it_does_not_read),
	};

	return cmocka_run_group_tests_name("vanish", tests, NULL, NULL);
}
