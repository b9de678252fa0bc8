/* utf8.c - one UTF-8 sequence at a time (Unicode 15, table 3-7). */
#include "core/base/utf8.h"

/* Bytes that the first one promises, and the bounds of the second; 0 bytes: no sequence begins
 * so. */
struct lead {
	unsigned len;
	unsigned char low, high;
};

static struct lead lead_of(unsigned char c)
{
	if (c < 0x80)
		return (struct lead){ 1, 0, 0 };
	if (c < 0xc2 || c > 0xf4)
		return (struct lead){ 0, 0, 0 };
	if (c < 0xe0)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c < 0xf0)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
	return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
}

/* How many of the promised bytes are there and good. */
static unsigned good_part(const struct lead *lead, struct weir_str s)
{
	unsigned n = 1;

	while (n < lead->len && n < s.len) {
		unsigned char c = (unsigned char)s.data[n];
		unsigned char low = n == 1 ? lead->low : 0x80, high = n == 1 ? lead->high : 0xbf;

		if (c < low || c > high)
			break;
		n++;
	}
	return n;
}

unsigned utf8_step(struct weir_str s)
{
	struct lead lead;

	if (s.len == 0)
		return 0;
	lead = lead_of((unsigned char)s.data[0]);
	return lead.len > 0 && good_part(&lead, s) == lead.len ? lead.len : 0;
}

unsigned utf8_bad_step(struct weir_str s)
{
	struct lead lead = lead_of((unsigned char)s.data[0]);

	return lead.len > 0 ? good_part(&lead, s) : 1;
}

bool utf8_valid(struct weir_str s)
{
	while (s.len > 0) {
		unsigned n = utf8_step(s);

		if (n == 0)
			return false;
		s = str_skip(s, n);
	}
	return true;
}
