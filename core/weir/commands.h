/* commands.h - the subcommands; each stands in the file of its name. */
#ifndef CORE_WEIR_COMMANDS_H
#define CORE_WEIR_COMMANDS_H

#include "core/weir/command.h"

extern const struct command command_check;
extern const struct command command_explain;
extern const struct command command_manual;
extern const struct command command_plugins;
extern const struct command command_reasons;
extern const struct command command_run;
extern const struct command command_schema;
extern const struct command command_test;
extern const struct command command_version;

#endif
