/* buffer.h - bytes that come in at the end and leave at the front, with a ceiling set at birth. */
#ifndef CORE_BASE_BUFFER_H
#define CORE_BASE_BUFFER_H

#include "core/base/str.h"

struct buffer {
	char *data;
	size_t start, end;	/* data[start..end) is held */
	size_t room;		/* bytes of data, not counting one more for a NUL */
	size_t ceiling;
};

void buffer_init(struct buffer *b, size_t ceiling);
void buffer_fini(struct buffer *b);

static inline size_t buffer_len(const struct buffer *b)
{
	return b->end - b->start;
}

static inline struct weir_str buffer_str(const struct buffer *b)
{
	return b->data != NULL ? str_of(b->data + b->start, b->end - b->start) : STR("");
}

/* Makes room for `n` more at the end; false when over the ceiling or out of memory. */
bool buffer_reserve(struct buffer *b, size_t n);
bool buffer_add(struct buffer *b, struct weir_str s);
bool buffer_print(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first `n` bytes are done with. */
void buffer_drop(struct buffer *b, size_t n);

#endif
