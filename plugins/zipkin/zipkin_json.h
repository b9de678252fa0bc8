/* zipkin_json.h - spans as a list of Zipkin's, version 2, in JSON. */
#ifndef PLUGINS_ZIPKIN_ZIPKIN_JSON_H
#define PLUGINS_ZIPKIN_ZIPKIN_JSON_H

#include <weir/tracer.h>

#include "plugins/spans/out.h"

/* Adds the whole document; `service` is who we are. Look at out->failed. */
void zipkin_json(struct out *out, const struct weir_batch *batch, struct weir_str service);

#endif
