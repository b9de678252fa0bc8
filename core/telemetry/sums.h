/* sums.h - what all workers counted, summed up and written out, family by family. */
#ifndef CORE_TELEMETRY_SUMS_H
#define CORE_TELEMETRY_SUMS_H

#include "core/telemetry/metrics.h"

struct sums {
	struct stats *stats;		/* of each worker */
	uint32_t workers;
	struct metrics_names listeners, routes, services;
	uint32_t series;
};

void sums_print(const struct sums *s, struct exposition *e);

#endif
