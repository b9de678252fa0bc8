/* main.c - the one program: picks a subcommand and runs it. */
#include "core/weir/command.h"
#include "core/weir/takeover.h"

int main(int argc, char **argv)
{
	if (takeover_answer())
		return 0;
	return command_main(argc, argv);
}
