/* scan.h - the classes of bytes in HTTP and fast runs over them. Private to this floor. */
#ifndef CORE_HTTP_SCAN_H
#define CORE_HTTP_SCAN_H

#include "core/base/mem.h"
#include "core/base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum byte_class {
	BYTE_TOKEN = 1,		/* tchar, RFC 9110 5.6.2 */
	BYTE_VALUE = 2,		/* of a field value: HTAB, SP, VCHAR, obs-text */
	BYTE_PATH = 4,		/* pchar of RFC 3986 but for '%': stays in a path as it is */
	BYTE_UNRESERVED = 8,	/* RFC 3986 2.3 */
	BYTE_HOST = 16,		/* of a lower-case registered name */
	BYTE_HEX = 32,
};

extern const uint8_t byte_classes[256];

static inline bool byte_is(char c, unsigned classes)
{
	return (byte_classes[(unsigned char)c] & classes) != 0;
}

/* Where the run of bytes of these classes ends: `end`, or the first of another kind. */
static inline const char *scan_class(const char *p, const char *end, unsigned classes)
{
	while (p < end && byte_is(*p, classes))
		p++;
	return p;
}

/* The value of a hex digit; the caller knows that it is one. */
static inline unsigned hex_value(char c)
{
	return (unsigned)(c & 15) + (c > '9' ? 9u : 0u);
}

/* Does it begin with "%XX", given that it begins with '%'? */
static inline bool is_escape(struct weir_str s)
{
	return s.len >= 3 && byte_is(s.data[1], BYTE_HEX) && byte_is(s.data[2], BYTE_HEX);
}

#ifdef __SSE2__
static inline __m128i load16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline __m128i equal16(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline __m128i at_least16(__m128i v, char c)
{
	return _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(c)), v);
}
/* 0xff where lo <= byte <= hi. */
static inline __m128i within16(__m128i v, char lo, char hi)
{
	__m128i from_zero = _mm_sub_epi8(v, _mm_set1_epi8(lo));

	return equal16(_mm_subs_epu8(from_zero, _mm_set1_epi8((char)(hi - lo))), 0);
}
#else
static inline uint64_t load8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

#define EACH_BYTE 0x0101010101010101ull

/* Not zero when some byte of `w` is below `n` or is DEL. */
static inline uint64_t any_below8(uint64_t w, unsigned n)
{
	uint64_t del = w ^ EACH_BYTE * 0x7f;

	return (((w - EACH_BYTE * n) & ~w) | ((del - EACH_BYTE) & ~del)) & EACH_BYTE * 0x80;
}
#endif

#ifdef __SSE2__
/* All bytes of a text of 8 to 16, some of them twice: for what is asked of each of them. */
static inline __m128i all_of16(struct weir_str s)
{
	uint64_t first, last;

	memcpy(&first, s.data, sizeof(first));
	memcpy(&last, s.data + s.len - sizeof(last), sizeof(last));
	return _mm_set_epi64x((long long)last, (long long)first);
}

/* A bit per byte that is none of the usual ones of a token: letters, digits and '-'. */
static inline unsigned odd_in_token16(__m128i v)
{
	__m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
	__m128i usual = _mm_or_si128(within16(lower, 'a', 'z'), within16(v, '0', '9'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(usual, equal16(v, '-'))) ^ 0xffff;
}

/* A bit per byte that cannot be in a field value. */
static inline unsigned bad_in_value16(__m128i v)
{
	__m128i fine = _mm_or_si128(at_least16(v, 0x20), equal16(v, '\t'));

	return (unsigned)_mm_movemask_epi8(equal16(v, 0x7f)) |
	       ((unsigned)_mm_movemask_epi8(fine) ^ 0xffff);
}
#endif

/* Where a token ends. The usual bytes go sixteen at a time. */
static inline const char *scan_token(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		unsigned odd = odd_in_token16(load16(p));

		if (odd == 0)
			continue;
		p += __builtin_ctz(odd);
		if (!byte_is(*p, BYTE_TOKEN))
			return p;
		break;
	}
#endif
	return scan_class(p, end, BYTE_TOKEN);
}

/* Where a field value ends: `end`, or the first byte that cannot be in one (CR too). */
static inline const char *scan_value(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		unsigned bad = bad_in_value16(load16(p));

		if (bad != 0)
			return p + __builtin_ctz(bad);
	}
#else
	while (end - p >= 8 && any_below8(load8(p), 0x20) == 0)
		p += 8;
#endif
	return scan_class(p, end, BYTE_VALUE);
}

/* Is all of it a token, or a value? Names and values of their own, with nothing behind them. */
static inline bool token_is_whole(struct weir_str s)
{
#ifdef __SSE2__
	if (s.len >= 8 && s.len <= 16 && odd_in_token16(all_of16(s)) == 0)
		return true;
#endif
	return scan_token(s.data, s.data + s.len) == s.data + s.len;
}

static inline bool value_is_whole(struct weir_str s)
{
#ifdef __SSE2__
	for (; s.len > 16; s.data += 16, s.len -= 16)
		if (bad_in_value16(load16(s.data)) != 0)
			return false;
	if (s.len >= 8)
		return bad_in_value16(all_of16(s)) == 0;
#endif
	return scan_value(s.data, s.data + s.len) == s.data + s.len;
}

/* Where a run of visible bytes ends: `end`, or the first control, space or DEL. */
static inline const char *scan_visible(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		__m128i v = load16(p);
		int bad = _mm_movemask_epi8(equal16(v, 0x7f)) |
			  (_mm_movemask_epi8(at_least16(v, 0x21)) ^ 0xffff);

		if (bad != 0)
			return p + __builtin_ctz((unsigned)bad);
	}
#else
	while (end - p >= 8 && any_below8(load8(p), 0x21) == 0)
		p += 8;
#endif
	while (p < end && (unsigned char)*p > 0x20 && *p != 0x7f)
		p++;
	return p;
}

#endif
