/* clock.h - time. Deadlines are monotonic nanoseconds; the wall clock is for people and logs. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull
#define CLOCK_NEVER UINT64_MAX	/* a deadline that does not come */

/* Monotonic nanoseconds, read now. On a worker prefer loop_now(), which is read once per turn. */
static inline uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Nanoseconds since 1970. */
static inline uint64_t clock_wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* now + span without overflow; CLOCK_NEVER stays never. */
static inline uint64_t clock_after(uint64_t now, uint64_t span)
{
	return span >= CLOCK_NEVER - now ? CLOCK_NEVER : now + span;
}

enum { CLOCK_UTC_LEN = 24 };

/* Writes "2026-11-23T14:46:41.123Z" (CLOCK_UTC_LEN bytes, no NUL) and gives the end. */
char *clock_put_utc(char *at, uint64_t wall);

#endif
