/* regex.h - the door to PCRE2: compiled once, asked from any thread, never for long. */
#ifndef CORE_BASE_REGEX_H
#define CORE_BASE_REGEX_H

#include <stdint.h>
#include <weir/error.h>

#include "core/base/str.h"

struct regex;

enum { REGEX_GROUPS = 16 };	/* room that fits what most ask for; group 0 is the whole match */

/* Compiles (to machine code where PCRE2 can). Bytes, not UTF-8. `whole`: it must match from the
 * first byte to the last; otherwise anywhere. NULL with a sentence that says where it is wrong. */
struct regex *regex_open(struct weir_str text, bool whole, struct weir_error *error);
void regex_close(struct regex *re);

/* How many groups it has beside the whole match. */
uint32_t regex_group_count(const struct regex *re);
/* The name of group `n` (from 1), or absent. Lent as long as the regex. */
struct weir_str regex_group_name(const struct regex *re, uint32_t n);

/* Does it match? `groups` gets up to `room` slices of the subject, absent for a group that took no
 * part. A match that would take too many steps or too much memory is no match. Allocates only at
 * the first call of a thread. */
bool regex_match(const struct regex *re, struct weir_str subject, struct weir_str *groups,
		 uint32_t room);

/* Searching, for those who go on behind a match and may be asked to stop. */
enum regex_end {
	REGEX_FOUND,
	REGEX_NONE,
	REGEX_TOO_LONG,		/* too many steps, too much memory, or stopped: nobody knows */
};

struct regex_search {
	struct weir_str subject;
	size_t from;			/* begins here, but looks behind it */
	bool not_empty;			/* an empty match right at `from` does not count */
	bool (*stop)(void *arg);	/* asked again and again; may be NULL */
	void *arg;
};

/* Like regex_open(..., false), and its search can be stopped at every step. */
struct regex *regex_open_watched(struct weir_str text, struct weir_error *error);

/* Says apart what has no match and what took too long. `groups` as above, at most REGEX_GROUPS. */
enum regex_end regex_search(const struct regex *re, const struct regex_search *search,
			    struct weir_str *groups, uint32_t room);

/* Bytes of memory it takes, machine code included. */
size_t regex_size(const struct regex *re);

#endif
