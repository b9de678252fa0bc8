/* h1_write.c - heads on the wire, with their framing written anew and never copied. */
#include "core/http/h1.h"

#include "core/http/fields.h"

/* Writes from `at` on; once something did not fit, nothing more is written. */
struct out {
	char *at, *end;
	bool full;
};

static inline void put(struct out *out, struct weir_str s)
{
	if ((size_t)(out->end - out->at) < s.len) {
		out->full = true;
		return;
	}
	if (s.len > 0)
		memcpy(out->at, s.data, s.len);
	out->at += s.len;
}

static inline void put_field(struct out *out, struct weir_str name, struct weir_str value)
{
	char *at = out->at;

	if (out->full || (size_t)(out->end - at) < name.len + value.len + 4) {
		out->full = true;
		return;
	}
	memcpy(at, name.data, name.len);
	at += name.len;
	*at++ = ':';
	*at++ = ' ';
	if (value.len > 0)
		memcpy(at, value.data, value.len);
	at += value.len;
	*at++ = '\r';
	*at++ = '\n';
	out->at = at;
}

static const uint64_t ours = (uint64_t)1 << HEADER_CONTENT_LENGTH |
	(uint64_t)1 << HEADER_TRANSFER_ENCODING | (uint64_t)1 << HEADER_CONNECTION;

static void put_length(struct out *out, uint64_t length)
{
	char digits[20];

	put_field(out, STR("content-length"),
		  str_between(digits, str_put_u64(digits, length)));
}

static void put_framing(struct out *out, const struct h1_write *how)
{
	switch (how->framing.kind) {
	case FRAMING_NONE:
		if (how->framing.length > 0 || how->zero_length)
			put_length(out, how->framing.length);
		break;
	case FRAMING_LENGTH:
		put_length(out, how->framing.length);
		break;
	case FRAMING_CHUNKED:
	case FRAMING_STREAM:
		put_field(out, STR("transfer-encoding"), STR("chunked"));
		break;
	case FRAMING_CLOSE:
		break;
	}
}

static void put_fields(struct out *out, const struct headers *h, const struct h1_write *how)
{
	headers_for_each(header, h)
		if ((ours & header_bit(header->id)) == 0)
			put_field(out, header->name, header->value);
	put_framing(out, how);
	if (how->connection.data != NULL)
		put_field(out, STR("connection"), how->connection);
	put(out, STR("\r\n"));
}

static size_t written(const struct out *out, const char *from)
{
	return out->full ? 0 : (size_t)(out->at - from);
}

size_t h1_write_request(char *at, size_t room, const struct request *r,
			struct weir_str path_and_query, const struct h1_write *how)
{
	struct out out = { .at = at, .end = at + room };

	put(&out, r->method_text);
	put(&out, STR(" "));
	put(&out, path_and_query);
	put(&out, STR(" HTTP/1.1\r\n"));
	put_fields(&out, &r->headers, how);
	return written(&out, at);
}

size_t h1_write_response(char *at, size_t room, const struct response *r,
			 const struct h1_write *how)
{
	struct out out = { .at = at, .end = at + room };
	char status[3] = {
		(char)('0' + r->status / 100 % 10), (char)('0' + r->status / 10 % 10),
		(char)('0' + r->status % 10),
	};

	put(&out, STR("HTTP/1.1 "));
	put(&out, str_of(status, sizeof(status)));
	put(&out, STR(" "));
	put(&out, r->phrase.len > 0 ? r->phrase : status_phrase(r->status));
	put(&out, STR("\r\n"));
	put_fields(&out, &r->headers, how);
	return written(&out, at);
}
