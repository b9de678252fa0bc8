/* family.c - the table of metric families. */
#include "core/telemetry/family.h"

const struct family families[FAMILY_COUNT] = {
#define X(ID, NAME, TYPE, LABELS, HELP) \
	[FAMILY_##ID] = { \
		.name = NAME, \
		.labels = LABELS, \
		.help = HELP, \
		.type = FAMILY_##TYPE, \
	},
	FAMILIES(X)
#undef X
};
