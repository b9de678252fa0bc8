/* h1.h - HTTP/1.1 heads and chunks as pure functions over bytes (RFC 9112). No sockets. */
#ifndef CORE_HTTP_H1_H
#define CORE_HTTP_H1_H

#include "core/http/message.h"
#include "core/http/target.h"

enum h1_result {
	H1_DONE,	/* `consumed` says where the head ends */
	H1_MORE,	/* not whole yet */
	H1_BAD,		/* `why` says what; answer if it is a request, then close */
};

struct h1_limits {
	size_t head_bytes;	/* request or status line and fields together */
	uint16_t headers;
	struct target_rules target;
};

/* Parses a request head at the start of `in`. Strict: only CRLF ends a line, no obs-fold, no space
 * before the colon, tchar names, RFC 9110 values, one Host, Content-Length once or repeated equal
 * values refused alike, Transfer-Encoding exactly "chunked" and never with Content-Length or
 * HTTP/1.0, Expect only 100-continue, CONNECT refused. At most one leading empty line is skipped
 * (RFC 9112 2.2). `scanned` (0 at first) remembers across calls how far was looked, so that a head
 * that drips in is not quadratic. After H1_BAD, what was read so far stands in `r`. The caller has
 * done headers_init(). Slices of `in` are kept in `r`. Also calls target_read(). */
enum h1_result h1_parse_request(struct weir_str in, const struct h1_limits *limits, size_t *scanned,
				struct request *r, size_t *consumed, enum reason *why);

/* Parses a response head (also 1xx). `to` is the method of the request it answers: HEAD, 1xx, 204
 * and 304 have no body. As strict as for requests; an invalid one is UPSTREAM_INVALID. */
enum h1_result h1_parse_response(struct weir_str in, const struct h1_limits *limits,
				 size_t *scanned, enum method to, struct response *r,
				 size_t *consumed, enum reason *why);

/* Writes a head at `at`, with CRLFs: request line or status line, every header that is not gone,
 * framing regenerated from `framing` (Content-Length or Transfer-Encoding: chunked; for NONE a
 * Content-Length only if `zero_length`, or if framing.length, declared by the answer to a HEAD, is
 * not 0), `connection` when not absent. Content-Length, Transfer-Encoding and Connection fields of
 * the list itself are never copied. Always as HTTP/1.1. Gives the number of bytes; 0 when `room`
 * is too small. */
struct h1_write {
	struct framing framing;
	bool zero_length;		/* content-length: 0 for FRAMING_NONE */
	struct weir_str connection;	/* "close", "keep-alive", "upgrade", or absent */
};
size_t h1_write_request(char *at, size_t room, const struct request *r,
			struct weir_str path_and_query, const struct h1_write *how);
size_t h1_write_response(char *at, size_t room, const struct response *r,
			 const struct h1_write *how);

/* Decodes a chunked body in steps. Bare LF anywhere, signs, 0x, spaces and over-long size lines
 * are errors; extensions are skipped (16 KiB in all, then an error); trailers are bounded (8 KiB,
 * 64 lines), parsed like headers and given in `trailers` (those that RFC 9110 6.5.1 forbids are
 * refused). */
struct chunk_decoder {
	uint8_t state;
	uint64_t left;			/* of the current chunk */
	uint32_t extension_bytes;
	uint8_t size_digits;
	uint16_t trailer_scanned;	/* how far the trailer section was looked through */
};

enum chunk_step {
	CHUNK_DATA,	/* data[0..len) is body */
	CHUNK_MORE,	/* all input used, the body goes on */
	CHUNK_END,	/* the body is over; what was not consumed belongs to the next message */
	CHUNK_BAD,
};

void chunk_decoder_init(struct chunk_decoder *d);
/* Consumes from the front of *in. CHUNK_DATA lends a slice of it. `trailers` may be NULL
 * (dropped). The trailer section must be whole in *in to be consumed: CHUNK_MORE then leaves it
 * there. */
enum chunk_step chunk_decode(struct chunk_decoder *d, struct weir_str *in, struct weir_str *data,
			     struct headers *trailers);

enum { CHUNK_HEAD_ROOM = 20 };
/* Writes "<hex size>CRLF" and gives its length. */
size_t chunk_write_head(char *at, uint64_t size);

#endif
