/* say.c - what scripts say to the log, and what they are told. */
#include <stdio.h>
#include <weir/exchange.h>

#include "core/script/run.h"
#include "core/script/source.h"

enum { EARLY_MOST = 10 };	/* lines a second */

struct weir_exchange *script_exchange(lua_State *L, const char *name)
{
	const struct script_run *run = script_running(L);

	if (run->ex == NULL && run->hook == HOOK_START)
		script_end(L, ENDING_LATER);
	if (run->ex == NULL)
		(void)luaL_error(L, "%s needs a request; call it in request, response or done", name);
	return run->ex;
}

/* While a configuration is prepared no use is there yet to bound what is said; the script is. */
static bool may_say_early(struct script_here *script)
{
	uint64_t second = weir_now() / 1000000000u;

	if (script->early_second != second)
		script->early_lines = 0;
	script->early_second = second;
	return script->early_lines++ < EARLY_MOST;
}

/* The body is run again on each worker, where it says the same. */
static void say_early(struct script_run *run, enum weir_level level, struct weir_str line)
{
	char place[80], text[WEIR_ERROR_ROOM];
	int len;

	if ((run->hook == HOOK_LOAD && run->script->reader == NULL) || !may_say_early(run->script))
		return;
	run_place(run->on, place, sizeof(place));
	len = snprintf(text, sizeof(text), "%s: %.*s", place, STR_ARG(line));
	weir_host_slot->log(NULL, level,
			    str_head(str_of(text, len > 0 ? (size_t)len : 0), sizeof(text) - 1));
}

void script_log(struct script_run *run, enum weir_level level, struct weir_str line)
{
	struct weir_str route, id;
	char text[WEIR_ERROR_ROOM];

	if (run->here == NULL) {
		say_early(run, level, line);
		return;
	}
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
