/* message.h - the head of a request and of a response, as every HTTP version has it. */
#ifndef CORE_HTTP_MESSAGE_H
#define CORE_HTTP_MESSAGE_H

#include "core/base/reason.h"
#include "core/http/header.h"

enum method {
	METHOD_OTHER,		/* an extension: see the text */
	METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT, METHOD_DELETE,
	METHOD_CONNECT, METHOD_OPTIONS, METHOD_TRACE, METHOD_PATCH,
};

enum method method_of(struct weir_str text);
struct weir_str method_text(enum method m);
/* RFC 9110 9.2.2: GET HEAD PUT DELETE OPTIONS TRACE. */
bool method_idempotent(enum method m);

/* How a body is delimited on the wire, RFC 9112 6.3. */
enum framing_kind {
	FRAMING_NONE,		/* no body */
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	FRAMING_CLOSE,		/* responses only: until the connection ends */
	FRAMING_STREAM,		/* HTTP/2: until END_STREAM */
};

struct framing {
	enum framing_kind kind;
	uint64_t length;	/* of FRAMING_LENGTH, 1 or more; with FRAMING_NONE in the answer
				 * to a HEAD or in a 304: what Content-Length declares, or 0 */
};

/* Slices lie in the receive buffer or the arena of the exchange. */
struct request {
	enum method method;
	struct weir_str method_text;
	struct weir_str target;		/* as received */
	struct weir_str scheme;		/* of an absolute-form target, else absent */
	struct weir_str authority;	/* the one authority: absolute-form over Host; lower case */
	struct weir_str host;		/* of the authority, without port; brackets kept for IPv6 */
	uint16_t port;			/* of the authority; 0: none given */
	struct weir_str path;		/* normalised; "*" for OPTIONS * */
	struct weir_str query;		/* after '?', without it; absent when there is no '?' */
	struct headers headers;
	struct framing framing;
	uint8_t minor;			/* of HTTP/1.x */
	bool keep_alive;
	bool expects_continue;
	struct weir_str upgrade;	/* what the client asks to switch to, or absent */
};

struct response {
	uint16_t status;
	struct weir_str phrase;		/* as received; may be empty */
	struct headers headers;
	struct framing framing;
	uint8_t minor;
	bool keep_alive;
};

/* The bytes of its head, `from`, were copied to `to`: its slices lie there from now on. */
void response_move(struct response *r, struct weir_str from, const char *to);

/* The usual phrase of a status: "Not Found"; "" for what has none. */
struct weir_str status_phrase(unsigned status);

#endif
