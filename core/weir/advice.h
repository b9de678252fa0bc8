/* advice.h - what an operator can do about each reason: behind `weir reasons` and docs/reasons.md. */
#ifndef CORE_WEIR_ADVICE_H
#define CORE_WEIR_ADVICE_H

#include "core/base/reason.h"

/* One or two sentences; the empty str for REASON_NONE only. Any thread. */
struct weir_str advice_on(enum reason why);

#endif
