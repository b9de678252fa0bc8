/* fields.h - what clients are told: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers).
 * Pure. */
#ifndef RATE_LIMIT_FIELDS_H
#define RATE_LIMIT_FIELDS_H

#include <weir/str.h>

#include <stdint.h>

/* One limit, as a client sees it. */
struct shown_limit {
	struct weir_str name;	/* "second", "api", "api-minute" */
	uint64_t quota, span;	/* so many requests in so many seconds */
	uint64_t burst;		/* told when it is another number than the quota */
};

enum {
	FIELD_NAME_ROOM = 64,
	FIELD_ONE_ROOM = FIELD_NAME_ROOM + 96,	/* one limit in either field is shorter */
};

/* The usual word for a span: "second", "minute", "hour", "day". */
const char *span_word(uint64_t seconds);

/* "second";q=100;w=1. Gives the end; no NUL. */
char *put_policy(char *at, const struct shown_limit *limit);
/* "second";r=41;t=1: how many are left, and the seconds until all of them are there again. */
char *put_state(char *at, const struct shown_limit *limit, uint64_t left, uint64_t until_full_ns);
/* Whole seconds, at least one: what comes earlier would be refused again. */
uint64_t whole_seconds(uint64_t ns);
char *put_number(char *at, uint64_t n);

#endif
