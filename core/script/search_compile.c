/* search_compile.c - a Lua pattern becomes a line of items. */
#include "core/script/search.h"

struct reader {
	struct search *s;
	size_t at;
	uint32_t open[SEARCH_CAPTURES];	/* captures that are not closed yet, innermost last */
	uint32_t depth;
	const char *wrong;
};

static bool more(const struct reader *r)
{
	return r->at < r->s->pattern.len;
}

/* The byte at `at`; 0 behind the end, as if the pattern ended with NUL. */
static unsigned char byte_at(const struct reader *r, size_t at)
{
	return at < r->s->pattern.len ? (unsigned char)r->s->pattern.data[at] : 0;
}

static bool complain(struct reader *r, const char *what)
{
	r->wrong = what;
	return false;
}

static struct search_item *add_item(struct reader *r, enum search_kind kind)
{
	struct search_item *item = &r->s->items[r->s->item_count++];

	*item = (struct search_item){ .kind = (uint8_t)kind, .often = SEARCH_ONCE };
	return item;
}

static void set_add(struct search_set *set, unsigned c)
{
	set->bits[c >> 6] |= 1ull << (c & 63);
}

static bool is_digit(unsigned c) { return c - '0' < 10u; }
static bool is_alpha(unsigned c) { return (c | 32) - 'a' < 26u; }

/* The bytes of each class, a bit each, by its small letter. ASCII, whatever the locale: all above is
 * in none. */
static const uint64_t classes[26][2] = {
	['a' - 'a'] = { 0x0000000000000000, 0x07fffffe07fffffe },
	['c' - 'a'] = { 0x00000000ffffffff, 0x8000000000000000 },
	['d' - 'a'] = { 0x03ff000000000000, 0x0000000000000000 },
	['g' - 'a'] = { 0xfffffffe00000000, 0x7fffffffffffffff },
	['l' - 'a'] = { 0x0000000000000000, 0x07fffffe00000000 },
	['p' - 'a'] = { 0xfc00fffe00000000, 0x78000001f8000001 },
	['s' - 'a'] = { 0x0000000100003e00, 0x0000000000000000 },
	['u' - 'a'] = { 0x0000000000000000, 0x0000000007fffffe },
	['w' - 'a'] = { 0x03ff000000000000, 0x07fffffe07fffffe },
	['x' - 'a'] = { 0x03ff000000000000, 0x0000007e0000007e },
	['z' - 'a'] = { 0x0000000000000001, 0x0000000000000000 },	/* from before patterns could hold a NUL */
};

static bool is_class(unsigned char letter)
{
	const uint64_t *bits = classes[is_alpha(letter) ? (letter | 32) - 'a' : 1];

	return is_alpha(letter) && (bits[0] | bits[1]) != 0;
}

/* What stands behind a '%': a class, or that byte itself. A class of a capital letter is all that
 * the small one is not. */
static void add_escaped(struct search_set *set, unsigned char letter)
{
	const uint64_t *bits;

	if (!is_class(letter)) {
		set_add(set, letter);
		return;
	}
	bits = classes[(letter | 32) - 'a'];
	for (int i = 0; i < 4; i++) {
		uint64_t these = i < 2 ? bits[i] : 0;

		set->bits[i] |= (letter & 32) != 0 ? these : ~these;
	}
}

static struct search_set *new_set(struct reader *r, uint32_t *number)
{
	*number = r->s->set_count++;
	r->s->sets[*number] = (struct search_set){ { 0 } };
	return &r->s->sets[*number];
}

/* Where the ']' of the set at `at` ('[') stands; 0: nowhere. The first byte behind '[' or '[^' is
 * never the end. */
static size_t find_set_end(const struct reader *r, size_t at)
{
	size_t end = r->s->pattern.len;

	at += byte_at(r, at + 1) == '^' ? 2 : 1;
	do {
		if (at >= end)
			return 0;
		if (byte_at(r, at++) == '%')
			at++;
	} while (at < end ? byte_at(r, at) != ']' : true);
	return at;
}

/* The inside of a set, between `at` and its ']' at `end`. */
static void fill_set(const struct reader *r, struct search_set *set, size_t at, size_t end)
{
	for (; at < end; at++) {
		unsigned char c = byte_at(r, at);

		if (c == '%') {
			add_escaped(set, byte_at(r, ++at));
		} else if (byte_at(r, at + 1) == '-' && at + 2 < end) {
			for (unsigned n = c; n <= byte_at(r, at + 2); n++)
				set_add(set, n);
			at += 2;
		} else {
			set_add(set, c);
		}
	}
}

/* [...] at r->at; gives the number of its set. */
static bool read_set(struct reader *r, uint32_t *number)
{
	size_t end = find_set_end(r, r->at), begin = r->at + 1;
	bool inverted = byte_at(r, begin) == '^';
	struct search_set *set;

	if (end == 0)
		return complain(r, "malformed pattern (missing ']')");
	set = new_set(r, number);
	fill_set(r, set, begin + inverted, end);
	for (int i = 0; inverted && i < 4; i++)
		set->bits[i] = ~set->bits[i];
	r->at = end + 1;
	return true;
}

static bool open_capture(struct reader *r)
{
	uint32_t number = r->s->captures;
	bool position = byte_at(r, r->at + 1) == ')';

	if (number == SEARCH_CAPTURES)
		return complain(r, "too many captures");
	add_item(r, position ? SEARCH_HERE : SEARCH_OPEN)->a = (uint8_t)number;
	r->s->captures++;
	if (!position)
		r->open[r->depth++] = number;
	r->at += position ? 2 : 1;
	return true;
}

static bool close_capture(struct reader *r)
{
	if (r->depth == 0)
		return complain(r, "invalid pattern capture");
	add_item(r, SEARCH_CLOSE)->a = (uint8_t)r->open[--r->depth];
	r->at++;
	return true;
}

static bool read_balance(struct reader *r)
{
	struct search_item *item;

	if (r->at + 3 >= r->s->pattern.len)
		return complain(r, "malformed pattern (missing arguments to '%b')");
	item = add_item(r, SEARCH_BALANCE);
	item->a = byte_at(r, r->at + 2);
	item->b = byte_at(r, r->at + 3);
	r->at += 4;
	return true;
}

static bool read_frontier(struct reader *r)
{
	uint32_t number;

	r->at += 2;
	if (byte_at(r, r->at) != '[')
		return complain(r, "missing '[' after '%f' in pattern");
	if (!read_set(r, &number))
		return false;
	add_item(r, SEARCH_FRONTIER)->set = number;
	return true;
}

static bool read_again(struct reader *r, unsigned char digit)
{
	uint32_t number = (uint32_t)digit - '1';

	for (uint32_t i = 0; i < r->depth; i++) {
		if (r->open[i] == number)
			return complain(r, "invalid capture index in pattern: it is not closed yet");
	}
	if (digit == '0' || number >= r->s->captures)
		return complain(r, "invalid capture index in pattern: there is no such capture");
	add_item(r, SEARCH_AGAIN)->a = (uint8_t)number;
	r->at += 2;
	return true;
}

static enum search_often read_often(struct reader *r)
{
	static const char signs[] = "?*+-";
	static const uint8_t often[] = { SEARCH_MAYBE, SEARCH_MANY, SEARCH_SOME, SEARCH_FEW };

	for (size_t i = 0; more(r) && signs[i] != '\0'; i++) {
		if (byte_at(r, r->at) == (unsigned char)signs[i]) {
			r->at++;
			return (enum search_often)often[i];
		}
	}
	return SEARCH_ONCE;
}

/* One byte of some kind, and how often. */
static bool read_single(struct reader *r)
{
	struct search_item one = { .kind = SEARCH_BYTE, .a = byte_at(r, r->at) };

	if (one.a == '.') {
		one.kind = SEARCH_ANY;
		r->at++;
	} else if (one.a == '[') {
		one.kind = SEARCH_SET;
		if (!read_set(r, &one.set))
			return false;
	} else if (one.a == '%') {
		if (r->at + 1 >= r->s->pattern.len)
			return complain(r, "malformed pattern (ends with '%')");
		one.a = byte_at(r, r->at + 1);
		if (is_class(one.a)) {
			one.kind = SEARCH_SET;
			add_escaped(new_set(r, &one.set), one.a);
		}
		r->at += 2;
	} else {
		r->at++;
	}
	one.often = (uint8_t)read_often(r);
	r->s->items[r->s->item_count++] = one;
	return true;
}

static bool read_item(struct reader *r)
{
	unsigned char c = byte_at(r, r->at), next = byte_at(r, r->at + 1);

	if (c == '(')
		return open_capture(r);
	if (c == ')')
		return close_capture(r);
	if (c == '$' && r->at + 1 == r->s->pattern.len) {
		add_item(r, SEARCH_END);
		r->at++;
		return true;
	}
	if (c == '%' && next == 'b')
		return read_balance(r);
	if (c == '%' && next == 'f')
		return read_frontier(r);
	if (c == '%' && is_digit(next))
		return read_again(r, next);
	return read_single(r);
}

/* Which choice to go back to when an item fails: the nearest before it. */
static void link_choices(struct search *s)
{
	uint32_t back = 0;

	for (uint32_t i = 0; i < s->item_count; i++) {
		s->items[i].back = back;
		if (s->items[i].often != SEARCH_ONCE)
			back = i + 1;
	}
}

const char *search_compile(struct search *s, struct weir_str pattern, bool anchors)
{
	struct reader r = { .s = s };

	s->pattern = pattern;
	s->item_count = s->set_count = s->captures = 0;
	s->anchored = anchors && pattern.len > 0 && pattern.data[0] == '^';
	r.at = s->anchored;
	while (more(&r)) {
		if (!read_item(&r))
			return r.wrong;
	}
	if (r.depth > 0)
		return "unfinished capture";
	add_item(&r, SEARCH_DONE);
	link_choices(s);
	return NULL;
}
