/* message.c - methods by number and by name, and the usual phrases of statuses. */
#include "core/http/message.h"

#include "core/base/mem.h"

static const struct weir_str methods[] = {
	[METHOD_GET] = { "GET", 3 },
	[METHOD_HEAD] = { "HEAD", 4 },
	[METHOD_POST] = { "POST", 4 },
	[METHOD_PUT] = { "PUT", 3 },
	[METHOD_DELETE] = { "DELETE", 6 },
	[METHOD_CONNECT] = { "CONNECT", 7 },
	[METHOD_OPTIONS] = { "OPTIONS", 7 },
	[METHOD_TRACE] = { "TRACE", 5 },
	[METHOD_PATCH] = { "PATCH", 5 },
};

/* The only method of this first letter, but for the three P. */
static enum method candidate(struct weir_str text)
{
	switch (text.data[0]) {
	case 'G': return METHOD_GET;
	case 'H': return METHOD_HEAD;
	case 'D': return METHOD_DELETE;
	case 'C': return METHOD_CONNECT;
	case 'O': return METHOD_OPTIONS;
	case 'T': return METHOD_TRACE;
	case 'P': return text.len == 3 ? METHOD_PUT : text.len == 4 ? METHOD_POST : METHOD_PATCH;
	default: return METHOD_OTHER;
	}
}

enum method method_of(struct weir_str text)
{
	enum method m;

	if (text.len < 3)
		return METHOD_OTHER;
	m = candidate(text);
	return m != METHOD_OTHER && str_eq(text, methods[m]) ? m : METHOD_OTHER;
}

struct weir_str method_text(enum method m)
{
	return m < ARRAY_LEN(methods) ? methods[m] : STR_ABSENT;
}

bool method_idempotent(enum method m)
{
	switch (m) {
	case METHOD_GET:
	case METHOD_HEAD:
	case METHOD_PUT:
	case METHOD_DELETE:
	case METHOD_OPTIONS:
	case METHOD_TRACE:
		return true;
	case METHOD_OTHER:
	case METHOD_POST:
	case METHOD_CONNECT:
	case METHOD_PATCH:
		break;
	}
	return false;
}

#define PHRASES(X) \
	X(100, "Continue") \
	X(101, "Switching Protocols") \
	X(102, "Processing") \
	X(103, "Early Hints") \
	X(200, "OK") \
	X(201, "Created") \
	X(202, "Accepted") \
	X(203, "Non-Authoritative Information") \
	X(204, "No Content") \
	X(205, "Reset Content") \
	X(206, "Partial Content") \
	X(207, "Multi-Status") \
	X(208, "Already Reported") \
	X(226, "IM Used") \
	X(300, "Multiple Choices") \
	X(301, "Moved Permanently") \
	X(302, "Found") \
	X(303, "See Other") \
	X(304, "Not Modified") \
	X(305, "Use Proxy") \
	X(307, "Temporary Redirect") \
	X(308, "Permanent Redirect") \
	X(400, "Bad Request") \
	X(401, "Unauthorized") \
	X(402, "Payment Required") \
	X(403, "Forbidden") \
	X(404, "Not Found") \
	X(405, "Method Not Allowed") \
	X(406, "Not Acceptable") \
	X(407, "Proxy Authentication Required") \
	X(408, "Request Timeout") \
	X(409, "Conflict") \
	X(410, "Gone") \
	X(411, "Length Required") \
	X(412, "Precondition Failed") \
	X(413, "Content Too Large") \
	X(414, "URI Too Long") \
	X(415, "Unsupported Media Type") \
	X(416, "Range Not Satisfiable") \
	X(417, "Expectation Failed") \
	X(421, "Misdirected Request") \
	X(422, "Unprocessable Content") \
	X(423, "Locked") \
	X(424, "Failed Dependency") \
	X(425, "Too Early") \
	X(426, "Upgrade Required") \
	X(428, "Precondition Required") \
	X(429, "Too Many Requests") \
	X(431, "Request Header Fields Too Large") \
	X(451, "Unavailable For Legal Reasons") \
	X(500, "Internal Server Error") \
	X(501, "Not Implemented") \
	X(502, "Bad Gateway") \
	X(503, "Service Unavailable") \
	X(504, "Gateway Timeout") \
	X(505, "HTTP Version Not Supported") \
	X(506, "Variant Also Negotiates") \
	X(507, "Insufficient Storage") \
	X(508, "Loop Detected") \
	X(511, "Network Authentication Required")

struct weir_str status_phrase(unsigned status)
{
	switch (status) {
#define X(number, phrase) case number: return STR(phrase);
	PHRASES(X)
#undef X
	default: return STR("");
	}
}

static void move_slice(struct weir_str *s, struct weir_str from, const char *to)
{
	if (s->data >= from.data && s->data <= from.data + from.len)
		s->data = to + (s->data - from.data);
}

void response_move(struct response *r, struct weir_str from, const char *to)
{
	move_slice(&r->phrase, from, to);
	for (struct header *h = r->headers.at; h < r->headers.at + r->headers.count; h++) {
		move_slice(&h->name, from, to);
		move_slice(&h->value, from, to);
	}
}
