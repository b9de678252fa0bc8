/* search.c - runs the items of a pattern over a subject. */
#include "core/script/search.h"

static unsigned char subject_at(const struct search *s, size_t at)
{
	return at < s->subject.len ? (unsigned char)s->subject.data[at] : 0;
}

static bool set_has(const struct search_set *set, unsigned char c)
{
	return (set->bits[c >> 6] >> (c & 63) & 1) != 0;
}

/* Does this item take the byte at `at`? */
static inline bool takes(const struct search *s, const struct search_item *item, size_t at)
{
	if (at >= s->subject.len)
		return false;
	if (item->kind == SEARCH_BYTE)
		return (unsigned char)s->subject.data[at] == item->a;
	return item->kind == SEARCH_ANY ||
	       set_has(&s->sets[item->set], (unsigned char)s->subject.data[at]);
}

/* As many as there are, at most `most`. */
static size_t take_all(const struct search *s, const struct search_item *item, size_t at,
		       size_t most)
{
	size_t n = 0;

	while (n < most && takes(s, item, at + n))
		n++;
	return n;
}

/* %bxy: from x to the y that closes it. 0: none. */
static size_t balance_len(const struct search *s, const struct search_item *item, size_t at,
			  uint64_t *work)
{
	size_t depth = 0;

	if (at >= s->subject.len || (unsigned char)s->subject.data[at] != item->a)
		return 0;
	for (size_t i = at; i < s->subject.len; i++, ++*work) {
		unsigned char c = (unsigned char)s->subject.data[i];

		if (c == item->b && i > at) {
			if (depth-- == 1)
				return i - at + 1;
		} else if (c == item->a) {
			depth++;
		}
	}
	return 0;
}

static bool at_frontier(const struct search *s, const struct search_item *item)
{
	const struct search_set *set = &s->sets[item->set];
	unsigned char before = s->at > 0 ? (unsigned char)s->subject.data[s->at - 1] : 0;

	return !set_has(set, before) && set_has(set, subject_at(s, s->at));
}

/* The same bytes again that a capture took. */
static bool take_again(struct search *s, const struct search_item *item, uint64_t *work)
{
	const struct search_capture *c = &s->capture[item->a];

	if (c->position || c->len > s->subject.len - s->at)
		return false;
	*work += c->len / 8;
	if (c->len > 0 && memcmp(s->subject.data + c->from, s->subject.data + s->at, c->len) != 0)
		return false;
	s->at += c->len;
	return true;
}

static size_t least_of(const struct search_item *item)
{
	return item->often == SEARCH_SOME ? 1 : 0;
}

/* One byte, or the first choice of how many. */
static bool run_single(struct search *s, struct search_item *item, uint64_t *work)
{
	size_t most = item->often == SEARCH_MAYBE ? 1 : SIZE_MAX;

	if (item->often == SEARCH_ONCE) {
		if (!takes(s, item, s->at))
			return false;
		s->at++;
		return true;
	}
	item->from = s->at;
	item->taken = item->often == SEARCH_FEW ? 0 : take_all(s, item, s->at, most);
	*work += item->taken;
	if (item->taken < least_of(item))
		return false;
	s->at += item->taken;
	return true;
}

static bool run_item(struct search *s, struct search_item *item, uint64_t *work)
{
	struct search_capture *capture = &s->capture[item->a & (SEARCH_CAPTURES - 1)];
	size_t len;

	switch ((enum search_kind)item->kind) {
	case SEARCH_BYTE:
	case SEARCH_ANY:
	case SEARCH_SET:
		return run_single(s, item, work);
	case SEARCH_OPEN:
	case SEARCH_HERE:
		*capture = (struct search_capture){ s->at, 0, item->kind == SEARCH_HERE };
		return true;
	case SEARCH_CLOSE:
		capture->len = s->at - capture->from;
		return true;
	case SEARCH_AGAIN:
		return take_again(s, item, work);
	case SEARCH_BALANCE:
		len = balance_len(s, item, s->at, work);
		s->at += len;
		return len > 0;
	case SEARCH_FRONTIER:
		return at_frontier(s, item);
	case SEARCH_END:
		return s->at == s->subject.len;
	default:
		return true;
	}
}

/* To the nearest choice that can be made otherwise: one less, or for the lazy one more. False:
 * there is none, and no match from this start. */
static bool go_back(struct search *s, uint32_t back, uint64_t *work)
{
	while (back > 0) {
		struct search_item *item = &s->items[back - 1];
		bool few = item->often == SEARCH_FEW, other;

		++*work;
		other = few ? takes(s, item, item->from + item->taken) :
			      item->taken > least_of(item);
		if (other) {
			item->taken += few ? 1 : (size_t)-1;
			s->at = item->from + item->taken;
			s->item = back;
			return true;
		}
		back = item->back;
	}
	return false;
}

/* The next place where the match may begin. A leading byte that must stand there is looked for at
 * once. */
static bool next_start(struct search *s, uint64_t *work)
{
	const struct search_item *first = &s->items[0];
	const char *found;
	size_t from = s->start + 1;

	if (s->anchored || from > s->subject.len)
		return false;
	if (first->kind == SEARCH_BYTE && first->often == SEARCH_ONCE) {
		found = from < s->subject.len ?
			memchr(s->subject.data + from, first->a, s->subject.len - from) : NULL;
		if (found == NULL)
			return false;
		*work += ((size_t)(found - s->subject.data) - from) / 16;
		from = (size_t)(found - s->subject.data);
	}
	s->start = s->at = from;
	s->item = 0;
	return true;
}

void search_begin(struct search *s, struct weir_str subject, size_t start)
{
	s->subject = subject;
	s->start = s->at = start;
	s->item = 0;
}

enum search_end search_run(struct search *s, uint64_t *steps)
{
	uint64_t work = 0;

	while (work < *steps) {
		struct search_item *item = &s->items[s->item];

		work++;
		if (item->kind == SEARCH_DONE) {
			*steps -= work < *steps ? work : *steps;
			return SEARCH_FOUND;
		}
		if (run_item(s, item, &work))
			s->item++;
		else if (!go_back(s, item->back, &work) && !next_start(s, &work))
			return *steps -= work < *steps ? work : *steps, SEARCH_NOT_FOUND;
	}
	*steps = 0;
	return SEARCH_MORE;
}
