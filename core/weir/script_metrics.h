/* script_metrics.h - what Lua policies do and hold, as metrics. */
#ifndef CORE_WEIR_SCRIPT_METRICS_H
#define CORE_WEIR_SCRIPT_METRICS_H

#include "core/telemetry/metrics.h"

/* Lives as long as the process: there is nothing to free. */
struct collector *script_metrics(void);

#endif
