/* main.c - the one program: picks a subcommand and runs it. */
#include "config.h"

#include <stdio.h>

int main(void)
{
	puts("weir " PACKAGE_VERSION);
	return 0;
}
