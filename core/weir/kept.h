/* kept.h - the last good configuration, left with the parent for the child that follows a crash. */
#ifndef CORE_WEIR_KEPT_H
#define CORE_WEIR_KEPT_H

#include "core/conf/conf.h"
#include "core/weir/control.h"

/* Leaves the files of a configuration that has come into force, in memory that only our processes have.
 * Without a parent nothing is left. When it cannot be done the log says so, and the one before stays.
 * [control] */
void kept_leave(struct control *c, const struct conf *conf);

/* True for a child that follows a crash and has been left something. */
bool kept_may_be_used(const struct control *c);

/* As conf_load(), from what was left. */
bool kept_load(const struct control *c, const char *path, struct conf **out, struct diagnostics *d);

#endif
