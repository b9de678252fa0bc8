/* fixed.h - routes that answer by themselves: `redirect` and `respond`. */
#ifndef CORE_PROXY_FIXED_H
#define CORE_PROXY_FIXED_H

struct exchange;

/* Makes the answer that the plan says. */
void fixed_answer(struct exchange *ex);

#endif
