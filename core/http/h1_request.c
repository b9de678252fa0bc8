/* h1_request.c - request heads: the line, the fields, and the one way to read their framing. */
#include "core/http/h1_parse.h"
#include "core/http/scan.h"

enum { LONGEST_METHOD = 32 };

/* More than one of these and two servers may pick different ones. */
#define BIT(name) ((uint64_t)1 << HEADER_##name)
static const uint64_t only_once = BIT(HOST) | BIT(CONTENT_LENGTH) | BIT(TRANSFER_ENCODING) |
	BIT(AUTHORIZATION) | BIT(EXPECT) | BIT(CONTENT_TYPE);
#undef BIT

static enum h1_result bad(enum reason *why, enum reason reason)
{
	*why = reason;
	return H1_BAD;
}

static enum h1_result read_method(const char **at, const char *end, struct request *r,
				  enum reason *why)
{
	const char *p = scan_class(*at, end, BYTE_TOKEN);

	r->method_text = str_between(*at, p);
	if (r->method_text.len > LONGEST_METHOD || (p < end && (*p != ' ' || p == *at)))
		return bad(why, REASON_BAD_REQUEST);
	if (p == end)
		return H1_MORE;
	r->method = method_of(r->method_text);
	if (r->method == METHOD_CONNECT)
		return bad(why, REASON_BAD_REQUEST);
	*at = p + 1;
	return H1_DONE;
}

static enum h1_result read_target(const char **at, const char *end, size_t longest,
				  struct request *r, enum reason *why)
{
	const char *p = scan_visible(*at, end);

	r->target = str_between(*at, p);
	if (longest > 0 && r->target.len > longest)
		return bad(why, REASON_TARGET_TOO_LONG);
	if (p == end)
		return H1_MORE;
	if (*p != ' ' || p == *at)
		return bad(why, REASON_BAD_REQUEST);
	*at = p + 1;
	return H1_DONE;
}

static enum h1_result read_version(const char **at, const char *end, struct request *r,
				   enum reason *why)
{
	const char *p = *at;
	enum version version;

	if (end - p < 10)
		return memchr(p, '\n', (size_t)(end - p)) != NULL ? bad(why, REASON_BAD_REQUEST)
								   : H1_MORE;
	version = version_of(p);
	if (version == VERSION_NONE || p[8] != '\r' || p[9] != '\n')
		return bad(why, REASON_BAD_REQUEST);
	if (version == VERSION_OTHER)
		return bad(why, REASON_BAD_VERSION);
	r->minor = version == VERSION_11;
	*at = p + 10;
	return H1_DONE;
}

static enum h1_result read_line(const char **at, const char *end, size_t longest, struct request *r,
				enum reason *why)
{
	enum h1_result got;

	if (end - *at >= 2 && (*at)[0] == '\r' && (*at)[1] == '\n')
		*at += 2;	/* RFC 9112 2.2: some clients end a body with a line end too many */
	else if (end - *at == 1 && (*at)[0] == '\r')
		return H1_MORE;
	got = read_method(at, end, r, why);
	if (got == H1_DONE)
		got = read_target(at, end, longest, r, why);
	return got == H1_DONE ? read_version(at, end, r, why) : got;
}

static enum h1_result read_fields(const char **at, const char *end, unsigned most,
				  struct request *r, enum reason *why)
{
	uint64_t repeated = 0;

	switch (fields_read(at, end, most, &r->headers, &repeated)) {
	case FIELDS_DONE:
		break;
	case FIELDS_MORE:
		return H1_MORE;
	case FIELDS_BAD:
		return bad(why, REASON_BAD_REQUEST);
	case FIELDS_MANY:
		return bad(why, REASON_HEAD_TOO_LARGE);
	case FIELDS_MEMORY:
		return bad(why, REASON_OUT_OF_MEMORY);
	}
	repeated &= only_once;
	if (repeated == 0)
		return H1_DONE;
	if (repeated & (header_bit(HEADER_CONTENT_LENGTH) | header_bit(HEADER_TRANSFER_ENCODING)))
		return bad(why, REASON_BAD_FRAMING);
	return bad(why, repeated & header_bit(HEADER_HOST) ? REASON_BAD_HOST : REASON_BAD_REQUEST);
}

/* A list of codings that ends with one "chunked" is legal, only not supported. */
static enum reason why_not_chunked(struct weir_str codings)
{
	bool chunked = false;
	struct weir_str coding;

	while (str_next(&codings, ',', &coding)) {
		if (chunked || !header_name_valid(coding))
			return REASON_BAD_FRAMING;
		chunked = str_eq_nocase(coding, STR("chunked"));
	}
	return REASON_UNKNOWN_CODING;
}

/* Never chooses: what says its length in two ways is refused (RFC 9112 6.1, 6.3). */
static enum reason read_framing(struct request *r)
{
	struct weir_str coding = headers_get_id(&r->headers, HEADER_TRANSFER_ENCODING);
	struct weir_str length = headers_get_id(&r->headers, HEADER_CONTENT_LENGTH);

	if (coding.data != NULL) {
		if (length.data != NULL || r->minor == 0)
			return REASON_BAD_FRAMING;
		if (!str_eq_nocase(coding, STR("chunked")))
			return why_not_chunked(coding);
		r->framing.kind = FRAMING_CHUNKED;
		return REASON_NONE;
	}
	if (length.data == NULL)
		return REASON_NONE;
	if (!length_read(length, &r->framing.length))
		return REASON_BAD_FRAMING;
	r->framing.kind = r->framing.length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	return REASON_NONE;
}

/* HTTP/1.0 knows no 100, and without a body there is nothing to wait for (RFC 9110 10.1.1). */
static enum reason read_expect(struct request *r)
{
	struct weir_str expect = headers_get_id(&r->headers, HEADER_EXPECT);

	if (expect.data == NULL)
		return REASON_NONE;
	if (!str_eq_nocase(expect, STR("100-continue")))
		return REASON_UNKNOWN_EXPECT;
	r->expects_continue = r->minor >= 1 && r->framing.kind != FRAMING_NONE;
	return REASON_NONE;
}

/* "h2c" is ignored, as if it had not been said (RFC 9113 3.1 took it back). */
static enum reason read_connection(struct request *r)
{
	struct connection_options options = connection_options_read(&r->headers);
	struct weir_str upgrade;

	if (!options.valid)
		return REASON_BAD_REQUEST;
	r->keep_alive = keeps_alive(&options, r->minor);
	if (!options.upgrade || r->minor == 0)
		return REASON_NONE;
	upgrade = headers_get_id(&r->headers, HEADER_UPGRADE);
	if (upgrade.len > 0 && !str_eq_nocase(upgrade, STR("h2c")))
		r->upgrade = upgrade;
	return REASON_NONE;
}

static enum reason read_meaning(struct request *r, const struct h1_limits *limits)
{
	enum reason why = read_framing(r);

	if (why == REASON_NONE)
		why = read_expect(r);
	if (why == REASON_NONE)
		why = read_connection(r);
	return why == REASON_NONE ? target_read(r, &limits->target) : why;
}

static void restart(struct request *r)
{
	struct headers headers = r->headers;

	headers_restart(&headers);
	*r = (struct request){ .headers = headers };
}

enum h1_result h1_parse_request(struct weir_str in, const struct h1_limits *limits, size_t *scanned,
				struct request *r, size_t *consumed, enum reason *why)
{
	struct weir_str head = str_head(in, limits->head_bytes);
	const char *at = head.data, *end = head.data + head.len;
	enum h1_result got;

	if (!head_worth_parsing(in, limits->head_bytes, scanned))
		return H1_MORE;
	restart(r);
	got = read_line(&at, end, limits->target.longest, r, why);
	if (got == H1_DONE)
		got = read_fields(&at, end, limits->headers, r, why);
	if (got == H1_MORE && in.len >= limits->head_bytes)
		return bad(why, REASON_HEAD_TOO_LARGE);
	if (got != H1_DONE)
		return got;
	*consumed = (size_t)(at - in.data);
	*why = read_meaning(r, limits);
	return *why == REASON_NONE ? H1_DONE : H1_BAD;
}
