/* budget.c - how many retries may be made: a share of the requests of the last seconds, and a
 * few more. */
#include "plugins/standard/budget.h"

#include <string.h>

static const uint64_t SECOND = 1000000000;

/* Empties the seconds that have begun since. */
static uint32_t slot_of(struct budget *b, uint64_t now)
{
	uint64_t second = now / SECOND;

	if (second <= b->second)	/* clocks of one worker do not go back */
		return (uint32_t)(b->second % BUDGET_SECONDS);
	if (second - b->second >= BUDGET_SECONDS) {
		memset(b->requests, 0, sizeof(b->requests));
		memset(b->retries, 0, sizeof(b->retries));
		b->second = second;
	}
	while (b->second < second) {
		b->second++;
		b->requests[b->second % BUDGET_SECONDS] = 0;
		b->retries[b->second % BUDGET_SECONDS] = 0;
	}
	return (uint32_t)(second % BUDGET_SECONDS);
}

static uint64_t sum(const uint32_t *seconds)
{
	uint64_t all = 0;

	for (int i = 0; i < BUDGET_SECONDS; i++)
		all += seconds[i];
	return all;
}

void budget_request(struct budget *b, uint64_t now)
{
	b->requests[slot_of(b, now)]++;
}

bool budget_take(struct budget *b, uint64_t now, double share, double always)
{
	uint32_t slot = slot_of(b, now);
	double retries = (double)sum(b->retries) + 1;

	if (retries > share * (double)sum(b->requests) && retries > always * BUDGET_SECONDS)
		return false;
	b->retries[slot]++;
	return true;
}

uint64_t backoff(uint32_t n, uint64_t base, uint64_t most, uint64_t dice)
{
	uint64_t span = base;

	while (n-- > 1 && span < most)
		span *= 2;
	if (span > most)
		span = most;
	return (uint64_t)((unsigned __int128)dice * (span + 1) >> 64);
}
