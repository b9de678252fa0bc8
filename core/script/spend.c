/* spend.c - what our loops do is charged as time, like all that a script does. */
#include "core/script/spend.h"

#include "core/script/bind.h"

void script_spend(lua_State *L, uint64_t steps)
{
	(void)steps;	/* it is asked often enough; the clock is what counts */
	script_check(L);
}
