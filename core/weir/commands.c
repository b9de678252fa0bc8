/* commands.c - every subcommand there is, in the order in which --help shows them. */
#include "core/weir/commands.h"

#include <stddef.h>

const struct command *const commands[] = {
	&command_run,
	&command_check,
	&command_explain,
	&command_schema,
	&command_plugins,
	&command_test,
	&command_manual,
	&command_reasons,
	&command_version,
	NULL,
};
