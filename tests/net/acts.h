/* acts.h - what a fiber does with the transport of a scene, and what it saw. */
#ifndef TESTS_NET_ACTS_H
#define TESTS_NET_ACTS_H

#include "tests/net/scene.h"

static inline void reads(struct scene *s)
{
	s->result = transport_read(&s->t, s->data, sizeof(s->data), &s->len);
}

static inline void writes_a_word(struct scene *s)
{
	struct iovec part = { (char *)(uintptr_t)"word", 4 };

	s->result = transport_write(&s->t, &part, 1);
}

static inline void saw(struct scene *s, const char *text)
{
	assert_int_equal(s->result, IO_OK);
	assert_str(str_of(s->data, s->len), text);
}

#endif
