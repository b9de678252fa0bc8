/* chunk.c - chunked bodies, decoded in steps however the bytes are cut (RFC 9112 7.1). */
#include "core/http/h1_parse.h"
#include "core/http/scan.h"

enum {
	MOST_DIGITS = 16,
	MOST_EXTENSION_BYTES = 16 * 1024,
	MOST_TRAILER_BYTES = 8 * 1024,
	MOST_TRAILERS = 64,
};

enum state {
	STATE_SIZE,		/* in the digits of a size */
	STATE_EXTENSION,
	STATE_SIZE_LF,
	STATE_DATA,
	STATE_DATA_CR,		/* the line end after the data */
	STATE_DATA_LF,
	STATE_TRAILERS,
	STATE_END,
	STATE_BAD,
};

void chunk_decoder_init(struct chunk_decoder *d)
{
	*d = (struct chunk_decoder){ .state = STATE_SIZE };
}

static bool take_digit(struct chunk_decoder *d, char c)
{
	if (d->size_digits == MOST_DIGITS)
		return false;
	d->size_digits++;
	d->left = d->left << 4 | hex_value(c);
	return d->left <= INT64_MAX;
}

static bool take_size_byte(struct chunk_decoder *d, char c)
{
	if (byte_is(c, BYTE_HEX))
		return take_digit(d, c);
	if (d->size_digits == 0 || (c != '\r' && c != ';'))
		return false;
	d->state = c == '\r' ? STATE_SIZE_LF : STATE_EXTENSION;
	return true;
}

static bool take_extension_byte(struct chunk_decoder *d, char c)
{
	if (c == '\r') {
		d->state = STATE_SIZE_LF;
		return true;
	}
	return ++d->extension_bytes <= MOST_EXTENSION_BYTES && byte_is(c, BYTE_VALUE);
}

/* One byte of what stands between the data. */
static bool take_line_byte(struct chunk_decoder *d, char c)
{
	switch ((enum state)d->state) {
	case STATE_SIZE:
		return take_size_byte(d, c);
	case STATE_EXTENSION:
		return take_extension_byte(d, c);
	case STATE_SIZE_LF:
		d->state = d->left > 0 ? STATE_DATA : STATE_TRAILERS;
		d->size_digits = 0;
		return c == '\n';
	case STATE_DATA_CR:
		d->state = STATE_DATA_LF;
		return c == '\r';
	case STATE_DATA_LF:
		d->state = STATE_SIZE;
		return c == '\n';
	case STATE_DATA:
	case STATE_TRAILERS:
	case STATE_END:
	case STATE_BAD:
		break;
	}
	return false;
}

static enum chunk_step take_data(struct chunk_decoder *d, struct weir_str *in,
				 struct weir_str *data)
{
	*data = str_head(*in, d->left < in->len ? (size_t)d->left : in->len);
	*in = str_skip(*in, data->len);
	d->left -= data->len;
	if (d->left == 0)
		d->state = STATE_DATA_CR;
	return CHUNK_DATA;
}

static bool all_allowed(const struct headers *trailers, unsigned from)
{
	for (unsigned i = from; i < trailers->count; i++)
		if (!trailer_allowed(&trailers->at[i]))
			return false;
	return true;
}

/* Gives FIELDS_MORE with nothing taken and nothing kept, until the section is whole. */
static enum fields_result read_section(struct chunk_decoder *d, struct weir_str *in,
				       struct headers *into)
{
	const char *at = in->data, *end = in->data + in->len;
	unsigned count = into->count;
	uint64_t present = into->present, repeated = 0;
	size_t scanned = d->trailer_scanned;
	enum fields_result got = FIELDS_MORE;

	if (head_worth_parsing(*in, MOST_TRAILER_BYTES, &scanned))
		got = fields_read(&at, end, count + MOST_TRAILERS, into, &repeated);
	if (got == FIELDS_DONE && (at - in->data > MOST_TRAILER_BYTES || !all_allowed(into, count)))
		got = FIELDS_BAD;
	if (got == FIELDS_DONE) {
		*in = str_skip(*in, (size_t)(at - in->data));
		return got;
	}
	into->count = (uint16_t)count;
	into->present = present;
	d->trailer_scanned = (uint16_t)scanned;
	return got == FIELDS_MORE && in->len >= MOST_TRAILER_BYTES ? FIELDS_MANY : got;
}

static enum chunk_step go_bad(struct chunk_decoder *d)
{
	d->state = STATE_BAD;
	return CHUNK_BAD;
}

static enum chunk_step take_trailers(struct chunk_decoder *d, struct weir_str *in,
				     struct headers *trailers)
{
	struct header room[MOST_TRAILERS];
	struct headers dropped = { .at = room, .room = MOST_TRAILERS, .most = MOST_TRAILERS };

	switch (read_section(d, in, trailers != NULL ? trailers : &dropped)) {
	case FIELDS_DONE:
		d->state = STATE_END;
		return CHUNK_END;
	case FIELDS_MORE:
		return CHUNK_MORE;
	case FIELDS_BAD:
	case FIELDS_MANY:
	case FIELDS_MEMORY:
		break;
	}
	return go_bad(d);
}

enum chunk_step chunk_decode(struct chunk_decoder *d, struct weir_str *in, struct weir_str *data,
			     struct headers *trailers)
{
	while (in->len > 0) {
		if (d->state == STATE_DATA)
			return take_data(d, in, data);
		if (d->state == STATE_TRAILERS)
			return take_trailers(d, in, trailers);
		if (d->state == STATE_END)
			return CHUNK_END;
		if (!take_line_byte(d, in->data[0]))
			return go_bad(d);
		*in = str_skip(*in, 1);
	}
	return d->state == STATE_END ? CHUNK_END : d->state == STATE_BAD ? CHUNK_BAD : CHUNK_MORE;
}

size_t chunk_write_head(char *at, uint64_t size)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;
	char *p = at;

	while (shift > 0 && size >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = digits[size >> shift & 15];
	*p++ = '\r';
	*p++ = '\n';
	return (size_t)(p - at);
}
