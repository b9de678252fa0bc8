/* binding.c - rows become functions. */
#include "core/script/binding.h"

void bindings_add(lua_State *L, const struct binding *rows)
{
	for (const struct binding *row = rows; row->name != NULL; row++) {
		if (row->call == NULL)
			continue;
		lua_pushcfunction(L, row->call);
		lua_setfield(L, -2, row->name);
	}
}
