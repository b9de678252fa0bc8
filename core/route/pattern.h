/* pattern.h - what a route says about the path: segments, or a regular expression. Compiled. */
#ifndef CORE_ROUTE_PATTERN_H
#define CORE_ROUTE_PATTERN_H

#include <weir/error.h>

#include "core/base/arena.h"

struct regex;
struct route_found;

enum { PATTERN_PARTS = 64 };

/* What decides between two patterns at one segment, best first. */
enum pattern_rank { RANK_END, RANK_LITERAL, RANK_NAME, RANK_REGEX, RANK_REST };

struct pattern_part {
	struct weir_str text;	/* normalised literal, or the name */
	bool named;
};

/* The parts are the segments; of a regular expression, those it plainly begins with. */
struct pattern {
	struct weir_str text;		/* as written; "*" for every path */
	struct pattern_part *parts;
	uint32_t count;
	bool rest;			/* ends in a star: that path and all below it */
	bool any;			/* not written at all: OPTIONS * too */
	struct regex *regex;		/* for the whole path, or NULL */
};

/* Absent text takes every path. All but the regex lies in the arena. NULL with a sentence. */
struct pattern *pattern_open(struct arena *arena, struct weir_str text, bool is_regex,
			     struct weir_error *error);
void pattern_close(struct pattern *p);

/* Does it take this normalised path? `found` (may be NULL) then gets what was captured. */
bool pattern_match(const struct pattern *p, struct weir_str path, struct route_found *found);

/* Does a match capture this name: of a {segment}, `*`, the number or the name of a group? */
bool pattern_captures(const struct pattern *p, struct weir_str name);

/* The rank of segment `i`, for comparing patterns segment by segment. */
static inline enum pattern_rank pattern_rank(const struct pattern *p, uint32_t i)
{
	if (i < p->count)
		return p->parts[i].named ? RANK_NAME : RANK_LITERAL;
	if (p->regex != NULL)
		return RANK_REGEX;
	return p->rest ? RANK_REST : RANK_END;
}

/* What every match of this regular expression plainly begins with, up to a slash: "/api/" of
 * "/api/v[0-9]+". Written to `out`, which has re.len bytes; gives the length. */
size_t regex_leading_segments(struct weir_str re, char *out);

#endif
