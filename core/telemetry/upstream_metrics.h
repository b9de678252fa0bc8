/* upstream_metrics.h - what the upstream floor knows of its services, as metrics. */
#ifndef CORE_TELEMETRY_UPSTREAM_METRICS_H
#define CORE_TELEMETRY_UPSTREAM_METRICS_H

#include "core/telemetry/metrics.h"

struct upstreams;

/* A collector for metrics_add(); upstreams must outlive it. */
struct upstream_metrics {
	struct collector collector;
	struct upstreams *upstreams;
	uint32_t series;		/* services named one by one; the rest is left out */
};

void upstream_metrics_init(struct upstream_metrics *u, struct upstreams *upstreams);

/* The families that it has beside those of family.h: the n-th, or NULL. */
const struct family *upstream_metrics_family(unsigned n);

#endif
