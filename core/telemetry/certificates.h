/* certificates.h - the certificates in use, for metrics: whose they are and when they expire. */
#ifndef CORE_TELEMETRY_CERTIFICATES_H
#define CORE_TELEMETRY_CERTIFICATES_H

#include "core/telemetry/exposition.h"

struct certificate_row {
	struct weir_str owner;		/* "listener edge", "service tariff-svc" */
	struct weir_str file;
	int64_t expires;		/* seconds since 1970 */
};

/* These, and no others, are in use from now on. Copies; false: out of memory, the old ones stay. NULL and
 * 0 at the end of the process. [control] */
bool certificates_set(const struct certificate_row *rows, uint32_t count);
/* Files have changed and were read again, or refused. */
void certificates_count_read(bool ok);

void certificates_collect(struct exposition *e);	/* any thread */

#endif
