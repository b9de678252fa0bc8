/* fixed.h - routes that answer by themselves: `redirect` and `respond`. */
#ifndef CORE_PROXY_FIXED_H
#define CORE_PROXY_FIXED_H

#include "core/base/reason.h"

struct exchange;

/* Makes the answer that the plan says. BAD_PATH when its template makes no location of this request. */
enum reason fixed_answer(struct exchange *ex);

#endif
