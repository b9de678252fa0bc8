/* encode.h - spans as an ExportTraceServiceRequest of OTLP 1.x, in protobuf or JSON; and what the
 * answer says. */
#ifndef PLUGINS_OTLP_ENCODE_H
#define PLUGINS_OTLP_ENCODE_H

#include <weir/tracer.h>

#include "plugins/spans/out.h"

/* What all spans have in common. */
struct otlp_resource {
	const struct weir_field *attributes;	/* service.name ... */
	uint32_t count;
	struct weir_str version;		/* of Weir */
};

/* Each adds the whole request; look at out->failed. */
void otlp_protobuf(struct out *out, const struct weir_batch *batch,
		   const struct otlp_resource *resource);
void otlp_json(struct out *out, const struct weir_batch *batch,
	       const struct otlp_resource *resource);

/* An ExportTraceServiceResponse, as it came: how many spans were rejected, and the words (lent by the
 * body). False: it is not one; then nothing was. */
bool otlp_answer_protobuf(struct weir_str body, uint32_t *rejected, struct weir_str *why);
bool otlp_answer_json(struct weir_str body, uint32_t *rejected, struct weir_str *why);

#endif
