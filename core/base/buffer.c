/* buffer.c - bytes that come in at the end and leave at the front. */
#include "core/base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/base/mem.h"

void buffer_init(struct buffer *b, size_t ceiling)
{
	*b = (struct buffer){ .ceiling = ceiling };
}

void buffer_fini(struct buffer *b)
{
	mem_free(b->data);
	*b = (struct buffer){ .ceiling = b->ceiling };
}

/* Doubles, up to the ceiling, which `need` is not above. One byte more is for vsnprintf's NUL. */
static bool grow(struct buffer *b, size_t need)
{
	size_t room = b->room > 0 ? b->room : 256;
	char *data;

	while (room < need)
		room = room > b->ceiling / 2 ? b->ceiling : room * 2;
	if (room > b->ceiling)
		room = b->ceiling;
	data = mem_resize(b->data, room + 1, 1);
	if (data == NULL)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

bool buffer_reserve(struct buffer *b, size_t n)
{
	size_t held = buffer_len(b);

	if (n > b->ceiling || held > b->ceiling - n)
		return false;
	if (b->room - b->end >= n)
		return true;
	if (b->start > 0) {
		memmove(b->data, b->data + b->start, held);
		b->start = 0;
		b->end = held;
	}
	return b->room - b->end >= n || grow(b, held + n);
}

bool buffer_add(struct buffer *b, struct weir_str s)
{
	if (!buffer_reserve(b, s.len))
		return false;
	if (s.len > 0)
		memcpy(b->data + b->end, s.data, s.len);
	b->end += s.len;
	return true;
}

bool buffer_print(struct buffer *b, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !buffer_reserve(b, (size_t)len))
		return false;
	if (len == 0)
		return true;
	va_start(args, format);
	(void)vsnprintf(b->data + b->end, (size_t)len + 1, format, args);
	va_end(args);
	b->end += (size_t)len;
	return true;
}

void buffer_drop(struct buffer *b, size_t n)
{
	assert(n <= buffer_len(b));
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}
