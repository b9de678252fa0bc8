/* search.h - the pattern language of Lua 5.4, matched without recursion and in steps that are
 * counted. Knows nothing of a Lua state. */
#ifndef CORE_SCRIPT_SEARCH_H
#define CORE_SCRIPT_SEARCH_H

#include <stdint.h>

#include "core/base/str.h"

/* A pattern is a straight line of items: there is neither alternation nor repetition of a group.
 * So a match needs no recursion. Where an item can take more or less, its choice is kept at the
 * item itself, and each capture is written by one item and read only by later ones: going back
 * to a choice needs nothing undone. */

enum { SEARCH_CAPTURES = 32 };

enum search_kind {
	SEARCH_BYTE, SEARCH_ANY, SEARCH_SET,	/* one byte, and these can be repeated */
	SEARCH_OPEN, SEARCH_HERE, SEARCH_CLOSE, SEARCH_AGAIN, SEARCH_BALANCE, SEARCH_FRONTIER,
	SEARCH_END, SEARCH_DONE,
};

enum search_often { SEARCH_ONCE, SEARCH_MAYBE, SEARCH_MANY, SEARCH_SOME, SEARCH_FEW };

struct search_item {
	uint8_t kind, often;
	uint8_t a, b;		/* the byte; both of %b; or the capture */
	uint32_t set;		/* of SET and FRONTIER */
	uint32_t back;		/* the item before it that has a choice, + 1; 0: none */
	size_t from, taken;	/* the choice: where it began, how many bytes it has now */
};

struct search_set {
	uint64_t bits[4];
};

struct search_capture {
	size_t from, len;
	bool position;		/* `from` is all */
};

struct search {
	struct weir_str pattern, subject;
	struct search_item *items;	/* the owner's room */
	struct search_set *sets;
	uint32_t item_count, set_count;
	uint32_t captures;
	bool anchored;

	/* A match under way, so that it can be left and taken up again. */
	size_t start, at;
	uint32_t item, back;
	struct search_capture capture[SEARCH_CAPTURES];
};

enum search_end { SEARCH_FOUND, SEARCH_NOT_FOUND, SEARCH_MORE };

/* How many items and sets there are at most: what the owner must have room for. */
static inline size_t search_items_of(size_t pattern_len)
{
	return pattern_len + 1;
}

static inline size_t search_sets_of(size_t pattern_len)
{
	return pattern_len / 2 + 1;
}

/* Reads the pattern into items and sets, for which `s` has room. NULL, or what is wrong with it.
 * With `anchors` a '^' at the beginning holds the match to where it starts. Lends the pattern. */
const char *search_compile(struct search *s, struct weir_str pattern, bool anchors);

/* Begins at subject[start]. */
void search_begin(struct search *s, struct weir_str subject, size_t start);

/* Looks on until it has found one, there is none, or `steps` are done: then call again. FOUND:
 * the match is subject[s->start .. s->at). Takes what it did off `steps`. */
enum search_end search_run(struct search *s, uint64_t *steps);

#endif
