/* test_pace.c - how much of a body is read at once: as much as the other side takes. */
#include "tests/codec/scene.h"

#include "core/proxy/pace.h"

static void fills(struct scene *s)
{
	s->io = inlet_fill(&s->in);
}

static void has_read(struct scene *s, const char *text)
{
	peer_says(s, text);
	scene_does(s, fills);
	assert_int_equal(s->io, IO_OK);
}

static void after_a_write_that_waited_the_buffer_is_small(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	inlet_pace(&s->in, BUFFER_LARGE_BYTES);
	assert_int_equal(s->in.want, BUFFER_LARGE);
	pace_next(&s->in, &s->t, BUFFER_LARGE_BYTES, true);

	assert_int_equal(s->in.want, BUFFER_SMALL);
	scene_free(s);
}

/* A source that brings little says nothing about what the other side takes. */
static void a_slow_source_changes_nothing(void **state)
{
	struct scene *s = scene_new();
	size_t before;

	(void)state;
	inlet_pace(&s->in, BUFFER_LARGE_BYTES);
	before = s->in.most;
	has_read(s, "x");
	inlet_drop(&s->in, 1);
	pace_next(&s->in, &s->t, 1, false);

	assert_int_equal(s->in.most, before);
	assert_int_equal(s->in.want, BUFFER_LARGE);
	scene_free(s);
}

static void between_pieces_an_empty_buffer_goes_back(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	has_read(s, "hello");
	assert_int_equal(buffers_lent(&s->worker), 1);
	inlet_drop(&s->in, 5);
	pace_next(&s->in, &s->t, 5, false);

	assert_int_equal(buffers_lent(&s->worker), 0);
	scene_free(s);
}

/* The rest of a write moves with its buffer; what lies elsewhere stays where it is. */
static void what_waits_is_sheltered_and_still_the_same(void **state)
{
	static char head[] = "head";
	struct scene *s = scene_new();
	struct iovec parts[2];

	(void)state;
	inlet_pace(&s->in, BUFFER_LARGE_BYTES);
	has_read(s, "hello");
	assert_int_equal(s->in.size, BUFFER_LARGE);
	parts[0] = (struct iovec){ head, 4 };
	parts[1] = (struct iovec){ s->in.data + s->in.start + 1, 4 };
	inlet_drop(&s->in, 5);
	pace_shelter(&s->in, parts, 2);

	assert_ptr_equal(parts[0].iov_base, head);
	assert_int_equal(parts[1].iov_len, 4);
	assert_memory_equal(parts[1].iov_base, "ello", 4);
	assert_int_equal(buffers_lent(&s->worker), 1);
	assert_int_equal(s->in.size, BUFFER_SMALL);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_write_that_waited_the_buffer_is_small),
		cmocka_unit_test(a_slow_source_changes_nothing),
		cmocka_unit_test(between_pieces_an_empty_buffer_goes_back),
		cmocka_unit_test(what_waits_is_sheltered_and_still_the_same),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
