/* exposition.h - metrics as text, format 0.0.4 of Prometheus. */
#ifndef CORE_TELEMETRY_EXPOSITION_H
#define CORE_TELEMETRY_EXPOSITION_H

#include "core/base/buffer.h"
#include "core/base/counter.h"
#include "core/telemetry/family.h"

struct exposition {
	struct buffer *out;
	const struct family *family;	/* whose samples are written */
	bool failed;			/* the buffer is full */
};

struct label {
	const char *name;
	struct weir_str value;
};

void exposition_init(struct exposition *e, struct buffer *out);

/* All samples of a family stand together behind its beginning. A family is begun once. */
void exposition_begin(struct exposition *e, const struct family *f);

/* At most 6 labels. Absent values become "". */
void exposition_u64(struct exposition *e, const struct label *labels, unsigned count, uint64_t n);
void exposition_i64(struct exposition *e, const struct label *labels, unsigned count, int64_t n);
void exposition_double(struct exposition *e, const struct label *labels, unsigned count, double x);

/* Of nanoseconds, shown in seconds. */
void exposition_histogram(struct exposition *e, const struct label *labels, unsigned count,
			  const struct histogram_seen *seen, const struct histogram_scale *scale);

#endif
