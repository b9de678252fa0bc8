/* apply.h - a configuration comes into force: prepared on every worker, then committed on every worker. */
#ifndef CORE_WEIR_APPLY_H
#define CORE_WEIR_APPLY_H

#include "core/weir/gateway.h"

/* Reads the file, builds the world and puts it in force; the answer comes after the last worker uses it.
 * False: nothing has changed, and the diagnostics say why. Waits. [control, a fiber] */
bool apply_file(struct gateway *g, struct diagnostics *d);

/* The same with a configuration that has been read; takes it. */
bool apply_conf(struct gateway *g, struct conf *conf, struct diagnostics *d);

/* At the end: no worker runs any more. [control] */
void apply_nothing(struct gateway *g);

#endif
