/* tested.h - `lua: {test: true}`: a script comes into force only when its own tests pass. */
#ifndef CORE_WEIR_TESTED_H
#define CORE_WEIR_TESTED_H

#include "core/script/script.h"

/* Runs NAME_test.lua beside the script at `path` (NAME.lua), if there is one, in a process of its own
 * (`weir test`), with these folders and this time, for at most 30 seconds. False with what failed. On
 * a fiber the worker goes on meanwhile. [control] */
bool script_tested(const char *path, const struct script_rules *rules, struct weir_error *error);

#endif
