/* trace_context.c - where a request stands in a trace: the values of headers, read and written. */
#include "core/http/trace_context.h"

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { ID = 16, TRACE_ID = 32, W3C = 55, W3C_SAMPLED = 1, JAEGER_SAMPLED = 1, JAEGER_DEBUG = 2 };

static bool none(struct trace_context *out)
{
	*out = (struct trace_context){ 0 };
	return false;
}

/* 1 to 16 digits, in small letters alone when `small`. */
static bool read_hex(struct weir_str s, bool small, uint64_t *out)
{
	uint64_t n = 0;
	unsigned bad = 0;

	if (s.len == 0 || s.len > ID)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned c = (unsigned char)s.data[i], digit = c - '0';
		unsigned letter = (small ? c : c | 0x20) - 'a';

		bad |= digit > 9 && letter > 5;
		n = n << 4 | (digit <= 9 ? digit : letter + 10);
	}
	*out = n;
	return bad == 0;
}

/* 1 to 32 digits. */
static bool read_trace(struct weir_str s, bool small, struct trace_context *out)
{
	size_t high = s.len > ID ? s.len - ID : 0;

	if (high > 0 && !read_hex(str_head(s, high), small, &out->high))
		return false;
	return read_hex(str_skip(s, high), small, &out->low) && trace_known(out);
}

bool trace_read_w3c(struct weir_str s, struct trace_context *out)
{
	uint64_t version, flags;

	(void)none(out);
	if (s.len < W3C || s.data[2] != '-' || s.data[35] != '-' || s.data[52] != '-')
		return false;
	if (!read_hex(str_head(s, 2), true, &version) || version == 0xff ||
	    (version == 0 ? s.len > W3C : s.len > W3C && s.data[W3C] != '-'))
		return false;
	if (!read_trace(str_of(s.data + 3, TRACE_ID), true, out) ||
	    !read_hex(str_of(s.data + 36, ID), true, &out->span) || out->span == 0 ||
	    !read_hex(str_of(s.data + 53, 2), true, &flags))
		return none(out);
	out->decision = flags & W3C_SAMPLED ? TRACE_SAMPLED : TRACE_DROPPED;
	out->flags = (uint8_t)flags & 2;	/* random ids; the others have no meaning yet */
	return true;
}

/* --- B3. ---------------------------------------------------------------------------------------- */

static bool read_decision(struct weir_str s, struct trace_context *out)
{
	if (str_eq(s, STR("d"))) {
		out->debug = true;
		out->decision = TRACE_SAMPLED;
	} else if (str_eq(s, STR("1")) || str_eq(s, STR("true"))) {
		out->decision = TRACE_SAMPLED;
	} else if (str_eq(s, STR("0")) || str_eq(s, STR("false"))) {
		out->decision = TRACE_DROPPED;
	} else {
		return false;
	}
	return true;
}

static bool read_b3_ids(struct weir_str trace, struct weir_str span, struct trace_context *out)
{
	return (trace.len == ID || trace.len == TRACE_ID) && span.len == ID &&
	       read_trace(trace, false, out) && read_hex(span, false, &out->span) &&
	       out->span != 0;
}

bool trace_read_b3(struct weir_str s, struct trace_context *out)
{
	struct weir_str rest = s, part[4];
	unsigned count = 0;
	uint64_t parent;

	(void)none(out);
	for (; rest.data != NULL && count < 4; count++) {
		size_t dash = str_find(rest, '-');

		part[count] = str_head(rest, dash);
		rest = dash < rest.len ? str_skip(rest, dash + 1) : STR_ABSENT;
	}
	if (count == 0 || rest.data != NULL)
		return false;
	if (count == 1)
		return read_decision(part[0], out) || none(out);
	if (!read_b3_ids(part[0], part[1], out) || (count > 2 && !read_decision(part[2], out)) ||
	    (count > 3 && (part[3].len != ID || !read_hex(part[3], false, &parent))))
		return none(out);
	return true;
}

bool trace_read_b3_multi(struct weir_str trace, struct weir_str span, struct weir_str sampled,
			 struct weir_str flags, struct trace_context *out)
{
	bool decided;

	(void)none(out);
	decided = sampled.data != NULL && !str_eq(sampled, STR("d")) && read_decision(sampled, out);
	if (str_eq(flags, STR("1")))
		decided = read_decision(STR("d"), out);
	if (trace.data == NULL && span.data == NULL)
		return decided || none(out);
	return read_b3_ids(trace, span, out) || none(out);
}

/* --- Jaeger. ------------------------------------------------------------------------------------ */

/* Up to the next colon, which may have been encoded. */
static struct weir_str jaeger_part(struct weir_str *rest)
{
	size_t plain = str_find(*rest, ':'), coded = str_find(*rest, '%');
	struct weir_str part;

	if (coded < plain && !str_starts_nocase(str_skip(*rest, coded), STR("%3A")))
		coded = rest->len;
	part = str_head(*rest, plain < coded ? plain : coded);
	*rest = plain < coded ? str_skip(*rest, plain + 1)
			      : str_skip(*rest, coded < rest->len ? coded + 3 : coded);
	return part;
}

bool trace_read_jaeger(struct weir_str s, struct trace_context *out)
{
	struct weir_str rest = s, trace, span, parent;
	uint64_t ignored, flags;

	(void)none(out);
	if (s.len == 0)
		return false;
	trace = jaeger_part(&rest);
	span = jaeger_part(&rest);
	parent = jaeger_part(&rest);
	if (trace.len > TRACE_ID || !read_trace(trace, false, out) ||
	    !read_hex(span, false, &out->span) || out->span == 0 ||
	    !read_hex(parent, false, &ignored) || rest.len > 2 || !read_hex(rest, false, &flags))
		return none(out);
	out->debug = (flags & JAEGER_DEBUG) != 0;
	out->decision = flags & (JAEGER_SAMPLED | JAEGER_DEBUG) ? TRACE_SAMPLED : TRACE_DROPPED;
	return true;
}

/* --- Writing. ----------------------------------------------------------------------------------- */

#ifdef __SSE2__
/* Sixteen digits at once: each nibble in a byte of its own, then all of them made letters. */
char *trace_put_id(char *at, uint64_t id)
{
	const __m128i low = _mm_set1_epi8(0x0f);
	__m128i bytes = _mm_cvtsi64_si128((long long)htobe64(id));
	__m128i digits = _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi16(bytes, 4), low),
					   _mm_and_si128(bytes, low));
	__m128i letters = _mm_cmpgt_epi8(digits, _mm_set1_epi8(9));

	digits = _mm_add_epi8(digits, _mm_set1_epi8('0'));
	letters = _mm_and_si128(letters, _mm_set1_epi8('a' - '0' - 10));
	_mm_storeu_si128((__m128i *)(void *)at, _mm_add_epi8(digits, letters));
	return at + sizeof(digits);
}
#else
/* Eight at once. */
static uint64_t hex_of(uint32_t n)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = n;

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & 0x0f * ones;
	x += '0' * ones + ((x + 6 * ones) >> 4 & ones) * ('a' - '0' - 10);
	return htobe64(x);
}

char *trace_put_id(char *at, uint64_t id)
{
	uint64_t digits[2] = { hex_of((uint32_t)(id >> 32)), hex_of((uint32_t)id) };

	memcpy(at, digits, sizeof(digits));
	return at + sizeof(digits);
}
#endif

static char *put_ids(char *at, const struct trace_context *c, char between)
{
	at = trace_put_id(trace_put_id(at, c->high), c->low);
	*at++ = between;
	return trace_put_id(at, c->span);
}

static char *put_w3c(char *at, const struct trace_context *c)
{
	unsigned flags = c->flags | (c->decision == TRACE_SAMPLED ? W3C_SAMPLED : 0);

	memcpy(at, "00-", 3);
	at = put_ids(at + 3, c, '-');
	*at++ = '-';
	*at++ = '0';
	*at++ = (char)('0' + (flags & 7));
	return at;
}

static char *put_b3(char *at, const struct trace_context *c)
{
	at = put_ids(at, c, '-');
	*at++ = '-';
	*at++ = c->debug ? 'd' : c->decision == TRACE_SAMPLED ? '1' : '0';
	return at;
}

static char *put_jaeger(char *at, const struct trace_context *c)
{
	at = put_ids(at, c, ':');
	memcpy(at, ":0:", 3);
	at[3] = c->debug ? '3' : c->decision == TRACE_SAMPLED ? '1' : '0';
	return at + 4;
}

char *trace_write(enum trace_format format, const struct trace_context *c, char *at)
{
	switch (format) {
	case TRACE_W3C:
		return put_w3c(at, c);
	case TRACE_B3:
		return put_b3(at, c);
	case TRACE_JAEGER:
		return put_jaeger(at, c);
	case TRACE_B3_MULTI:
	case TRACE_FORMATS:
		break;
	}
	return trace_put_id(trace_put_id(at, c->high), c->low);
}

size_t trace_span_at(enum trace_format format)
{
	switch (format) {
	case TRACE_W3C:
		return 3 + TRACE_ID + 1;
	case TRACE_B3:
	case TRACE_JAEGER:
		return TRACE_ID + 1;
	case TRACE_B3_MULTI:
	case TRACE_FORMATS:
		break;
	}
	return 0;
}
