/* budget.h - how many retries may be made: a share of the requests of the last seconds, and a
 * few more. */
#ifndef PLUGINS_STANDARD_BUDGET_H
#define PLUGINS_STANDARD_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum { BUDGET_SECONDS = 10 };

/* Zeroed: nothing has happened. A ring of seconds, emptied as they come round again. */
struct budget {
	uint64_t second;	/* the newest */
	uint32_t requests[BUDGET_SECONDS], retries[BUDGET_SECONDS];
};

/* A request begins. `now` in ns. */
void budget_request(struct budget *b, uint64_t now);

/* Takes one retry if there is one: fewer than `share` of the requests of the last ten seconds,
 * or fewer than `always` per second. */
bool budget_take(struct budget *b, uint64_t now, double share, double always);

/* How long to wait before retry `n` (1, 2 ...): anything from 0 to base, 2 base, 4 base ... up
 * to `most`, so that those who failed together do not come back together. */
uint64_t backoff(uint32_t n, uint64_t base, uint64_t most, uint64_t dice);

#endif
