/* h1_response.c - response heads, read as strictly as requests: what is unclear is never passed
 * on. */
#include "core/http/h1_parse.h"
#include "core/http/scan.h"

static const uint64_t only_once = (uint64_t)1 << HEADER_CONTENT_LENGTH |
	(uint64_t)1 << HEADER_TRANSFER_ENCODING;

static enum h1_result bad(enum reason *why, enum reason reason)
{
	*why = reason;
	return H1_BAD;
}

/* "HTTP/1.1 200": twelve bytes. */
static bool read_status(const char *p, struct response *r)
{
	enum version version = version_of(p);

	if ((version != VERSION_11 && version != VERSION_10) || p[8] != ' ')
		return false;
	if (p[9] < '1' || p[9] > '5' || !ascii_digit(p[10]) || !ascii_digit(p[11]))
		return false;
	r->minor = version == VERSION_11;
	r->status = (uint16_t)((p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
	return true;
}

/* The space before an empty phrase is often forgotten; that harms nobody. */
static enum h1_result read_line(const char **at, const char *end, struct response *r)
{
	const char *p = *at, *last;

	if (end - p < 14)
		return memchr(p, '\n', (size_t)(end - p)) != NULL ? H1_BAD : H1_MORE;
	if (!read_status(p, r))
		return H1_BAD;
	p += 12;
	if (*p != ' ' && *p != '\r')
		return H1_BAD;
	p += *p == ' ';
	last = scan_value(p, end);
	r->phrase = str_between(p, last);
	if (last < end && *last != '\r')
		return H1_BAD;
	if (end - last < 2)
		return H1_MORE;
	*at = last + 2;
	return last[1] == '\n' ? H1_DONE : H1_BAD;
}

static enum h1_result read_fields(const char **at, const char *end, unsigned most,
				  struct response *r, enum reason *why)
{
	uint64_t repeated = 0;

	switch (fields_read(at, end, most, &r->headers, &repeated)) {
	case FIELDS_DONE:
		return (repeated & only_once) != 0 ? H1_BAD : H1_DONE;
	case FIELDS_MORE:
		return H1_MORE;
	case FIELDS_BAD:
		break;
	case FIELDS_MANY:
		return bad(why, REASON_UPSTREAM_TOO_LARGE);
	case FIELDS_MEMORY:
		return bad(why, REASON_OUT_OF_MEMORY);
	}
	return H1_BAD;
}

/* RFC 9112 6.1 and RFC 9110 8.6 forbid a length in 1xx and 204; a zero is common and harmless. */
static bool read_bodiless(struct response *r, struct weir_str coding)
{
	bool never = r->status < 200 || r->status == 204;

	if (never && (coding.data != NULL || r->framing.length > 0))
		return false;
	r->framing.kind = FRAMING_NONE;
	return true;
}

/* RFC 9112 6.3, with nothing left to choose. */
static bool read_framing(struct response *r, enum method to)
{
	struct weir_str coding = headers_get_id(&r->headers, HEADER_TRANSFER_ENCODING);
	struct weir_str length = headers_get_id(&r->headers, HEADER_CONTENT_LENGTH);

	if (coding.data != NULL && (length.data != NULL || r->minor == 0))
		return false;
	if (coding.data != NULL && !str_eq_nocase(coding, STR("chunked")))
		return false;
	if (length.data != NULL && !length_read(length, &r->framing.length))
		return false;
	if (to == METHOD_HEAD || r->status < 200 || r->status == 204 || r->status == 304)
		return read_bodiless(r, coding);
	if (coding.data != NULL)
		r->framing.kind = FRAMING_CHUNKED;
	else if (length.data == NULL)
		r->framing.kind = FRAMING_CLOSE;
	else
		r->framing.kind = r->framing.length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	return true;
}

static bool read_meaning(struct response *r, enum method to)
{
	struct connection_options options = connection_options_read(&r->headers);

	if (!options.valid || !read_framing(r, to))
		return false;
	r->keep_alive = keeps_alive(&options, r->minor) && r->framing.kind != FRAMING_CLOSE;
	return true;
}

static void restart(struct response *r)
{
	struct headers headers = r->headers;

	headers_restart(&headers);
	*r = (struct response){ .headers = headers };
}

enum h1_result h1_parse_response(struct weir_str in, const struct h1_limits *limits,
				 size_t *scanned, enum method to, struct response *r,
				 size_t *consumed, enum reason *why)
{
	struct weir_str head = str_head(in, limits->head_bytes);
	const char *at = head.data, *end = head.data + head.len;
	enum h1_result got;

	if (!head_worth_parsing(in, limits->head_bytes, scanned))
		return H1_MORE;
	restart(r);
	*why = REASON_UPSTREAM_INVALID;
	got = read_line(&at, end, r);
	if (got == H1_DONE)
		got = read_fields(&at, end, limits->headers, r, why);
	if (got == H1_MORE && in.len >= limits->head_bytes)
		return bad(why, REASON_UPSTREAM_TOO_LARGE);
	if (got != H1_DONE)
		return got;
	if (!read_meaning(r, to))
		return H1_BAD;
	*why = REASON_NONE;
	*consumed = (size_t)(at - in.data);
	return H1_DONE;
}
