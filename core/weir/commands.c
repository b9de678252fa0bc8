/* commands.c - every subcommand there is, in the order in which --help shows them. */
#include "core/weir/commands.h"

#include <stddef.h>

const struct command *const commands[] = {
	&command_run,
	&command_version,
	NULL,
};
