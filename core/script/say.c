/* say.c - what scripts say to the log, and what they are told. */
#include <stdio.h>
#include <weir/exchange.h>

#include "core/script/source.h"

struct weir_exchange *script_exchange(lua_State *L, const char *name)
{
	const struct script_run *run = script_running(L);

	if (run->ex == NULL && run->hook == HOOK_START)
		script_end(L, ENDING_LATER);
	if (run->ex == NULL)
		(void)luaL_error(L, "%s needs a request; call it in request, response or done", name);
	return run->ex;
}

void script_log(struct script_run *run, enum weir_level level, struct weir_str line)
{
	struct weir_str route, id;
	char text[WEIR_ERROR_ROOM];

	if (run->here == NULL)
		return;
	if (run->ex == NULL) {
		weir_log(run->here, level, "%.*s", WEIR_ARG(line));
		return;
	}
	route = weir_request_route(run->ex);
	id = weir_request_id(run->ex);
	(void)snprintf(text, sizeof(text), "%.*s", (int)(line.len < 380 ? line.len : 380), line.data);
	weir_log(run->here, level, "%s (route %.*s, request %.*s)", text,
		 route.data != NULL ? (int)route.len : 4, route.data != NULL ? route.data : "none",
		 WEIR_ARG(id));
}
