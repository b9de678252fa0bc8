/* escape.c - text that strangers wrote, made safe to stand in a log line. */
#include "core/base/escape.h"

#include "core/base/utf8.h"

#define ONES 0x0101010101010101ull
#define HIGH 0x8080808080808080ull

/* Has the word a byte that is below 0x20, '"', '\\', 0x7f, or not ASCII? May say yes too often for
 * bytes above one that is; never says no wrongly. */
static bool word_special(uint64_t w)
{
	uint64_t quote = w ^ ONES * '"', slash = w ^ ONES * '\\', del = w ^ ONES * 0x7f;
	uint64_t found = w | (w - ONES * 0x20) | (quote - ONES) | (slash - ONES) | (del - ONES);

	return (found & HIGH) != 0;
}

/* The letter behind the backslash for those that have one; 0 else. */
static char short_form(unsigned char c, enum escape_kind kind)
{
	switch (c) {
	case '\b': return 'b';
	case '\f': return 'f';
	case '\n': return 'n';
	case '\r': return 'r';
	case '\t': return 't';
	case '"': return kind == ESCAPE_QUOTED ? '"' : 0;
	case '\\': return kind == ESCAPE_QUOTED ? '\\' : 0;
	default: return 0;
	}
}

static unsigned put_control(char *at, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(at, "\\u00", 4);
	at[4] = digits[c >> 4];
	at[5] = digits[c & 15];
	return 6;
}

static unsigned put_ascii(char *at, unsigned char c, enum escape_kind kind)
{
	char letter = short_form(c, kind);

	if (letter == 0 && (c < 0x20 || c == 0x7f))
		return put_control(at, c);
	at[0] = letter != 0 ? '\\' : (char)c;
	at[1] = letter;
	return letter != 0 ? 2 : 1;
}

/* Writes what the front of `s` becomes, at most ESCAPE_MOST bytes, and gives how many; *step is how
 * many bytes of `s` that was. */
static unsigned put_one(char *at, struct weir_str s, enum escape_kind kind, unsigned *step)
{
	unsigned n = utf8_step(s);

	*step = n > 0 ? n : utf8_bad_step(s);
	if (n == 1)
		return put_ascii(at, (unsigned char)s.data[0], kind);
	if (n == 2 && (unsigned char)s.data[0] == 0xc2 && (unsigned char)s.data[1] < 0xa0)
		return put_control(at, (unsigned char)s.data[1]);	/* C1: terminals obey */
	if (n == 0) {
		memcpy(at, UTF8_REPLACEMENT, 3);
		return 3;
	}
	memcpy(at, s.data, n);
	return n;
}

static bool plain(char c)
{
	signed char ascii = (signed char)c;	/* what is not ASCII is negative */

	return ascii >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* Copies what needs no change from the front: whole words, then bytes. */
static size_t copy_plain(char *at, const char *end, struct weir_str s)
{
	size_t done = 0, most = s.len;
	uint64_t word;

	if ((size_t)(end - at) < most)
		most = (size_t)(end - at);
	while (most - done >= 8) {
		memcpy(&word, s.data + done, 8);
		if (word_special(word))
			break;
		memcpy(at + done, &word, 8);
		done += 8;
	}
	while (done < most && plain(s.data[done])) {
		at[done] = s.data[done];
		done++;
	}
	return done;
}

char *escape_put(char *at, char *end, struct weir_str s, enum escape_kind kind)
{
	while (s.len > 0) {
		char one[ESCAPE_MOST];
		size_t plain = copy_plain(at, end, s);
		unsigned n, step;

		at += plain;
		s = str_skip(s, plain);
		if (s.len == 0)
			break;
		n = put_one(one, s, kind, &step);
		if ((size_t)(end - at) < n)
			return NULL;
		memcpy(at, one, n);
		at += n;
		s = str_skip(s, step);
	}
	return at;
}
