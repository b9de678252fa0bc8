/* tables.c - the top of the configuration file. */
#include "core/conf/tables.h"

static const struct weir_option admin_options[] = {
	{ .name = "address", .type = WEIR_ADDRESS, .required = true, .bare = true,
	  .about = "where the admin API listens; a Unix socket (unix:PATH) needs no token" },
	{ .name = "token", .type = WEIR_SECRET,
	  .about = "what callers send as `authorization: Bearer`; must be set when the address is "
		   "reachable from other machines" },
	{ 0 }
};

/* A map merges key by key, so a route or service keeps what it says itself. */
static const struct weir_option defaults_options[] = {
	{ .name = "route", .type = WEIR_OBJECT, .fields = conf_route_defaults,
	  .about = "merged key by key under every route" },
	{ .name = "service", .type = WEIR_OBJECT, .fields = conf_service_defaults,
	  .about = "merged key by key under every service" },
	{ 0 }
};

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const formats[] = { "text", "json", NULL };

static const struct weir_option log_options[] = {
	{ .name = "level", .type = WEIR_CHOICE, .choices = levels, .fallback = "info", .bare = true,
	  .about = "the least important lines that are written" },
	{ .name = "format", .type = WEIR_CHOICE, .choices = formats, .fallback = "text",
	  .about = "how lines look" },
	{ 0 }
};

static const char *const outputs[] = { "stdout", "stderr", "off", NULL };

static const struct weir_option access_log_options[] = {
	{ .name = "path", .type = CONF_OUTPUT, .choices = outputs, .fallback = "stdout",
	  .bare = true,
	  .about = "where the line of each exchange goes; a file is opened again on SIGUSR1" },
	{ .name = "format", .type = WEIR_CHOICE, .choices = formats, .fallback = "json",
	  .about = "how lines look" },
	{ 0 }
};

static const struct weir_option plugins_options[] = {
	{ .name = "path", .type = WEIR_PATH, .list = true, .bare = true,
	  .about = "folders searched for plugins, before the built-in one" },
	{ .name = "defaults", .type = WEIR_MAP, .of = CONF_ANY, .keys = CONF_NAME,
	  .about = "options laid under every use of a plugin, by the plugin's name" },
	{ 0 }
};

static const struct weir_option lua_options[] = {
	{ .name = "path", .type = WEIR_PATH, .list = true, .bare = true,
	  .about = "folders of Lua policies and their modules, before the built-in one; a policy is "
		   "named like a plugin" },
	{ .name = "time", .type = WEIR_DURATION, .min = 0.001, .max = 60, .fallback = "50ms",
	  .about = "how long one hook may compute; waiting is not counted" },
	{ .name = "memory", .type = WEIR_SIZE, .min = 65536, .max = 4294967296, .fallback = "8m",
	  .about = "how much one script may hold on one worker" },
	{ .name = "test", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "a script comes into force only when NAME_test.lua beside it passes" },
	{ 0 }
};

const struct weir_option conf_options[] = {
	{ .name = "listen", .type = WEIR_MAP, .of = WEIR_OBJECT, .keys = CONF_NAME,
	  .fields = conf_listener_options,
	  .about = "the listeners by name; a bare address is one listener named \"default\"" },
	{ .name = "services", .type = WEIR_MAP, .of = WEIR_OBJECT, .keys = CONF_NAME,
	  .fields = conf_service_options,
	  .about = "the services by name: where requests can go" },
	{ .name = "routes", .type = WEIR_OBJECT, .list = true, .fields = conf_route_options,
	  .about = "which requests go where; the most precise match wins, not the first" },
	{ .name = "chains", .type = WEIR_MAP, .of = CONF_POLICIES, .keys = CONF_NAME,
	  .about = "lists of policies by name, named elsewhere with `use:`" },
	{ .name = "defaults", .type = WEIR_OBJECT, .fields = defaults_options,
	  .about = "what every route and every service has unless it says otherwise" },
	{ .name = "limits", .type = WEIR_OBJECT, .fields = conf_limits_options, .fallback = "{}",
	  .about = "how much a client may ask for; listeners and routes can say otherwise" },
	{ .name = "timeouts", .type = WEIR_OBJECT, .fields = conf_timeouts_options,
	  .fallback = "{}", .about = "how long clients may take, and how long stopping takes" },
	{ .name = "admin", .type = WEIR_OBJECT, .fields = admin_options,
	  .about = "the admin API; off when absent" },
	{ .name = "probe", .type = WEIR_ADDRESS,
	  .about = "a second address that serves /healthz, /readyz and /metrics only" },
	{ .name = "log", .type = WEIR_OBJECT, .fields = log_options, .fallback = "{}",
	  .about = "lines for the operator, on stderr" },
	{ .name = "access_log", .type = WEIR_OBJECT, .fields = access_log_options,
	  .about = "one line per exchange; off when absent" },
	{ .name = "trace", .type = WEIR_OBJECT, .fields = conf_trace_options,
	  .about = "spans of exchanges and their attempts; off when absent" },
	{ .name = "plugins", .type = WEIR_OBJECT, .fields = plugins_options,
	  .about = "where plugins are found, and what they share" },
	{ .name = "workers", .type = WEIR_INTEGER, .min = 1, .max = 256,
	  .about = "threads that serve; as many as there are processors when absent. A change "
		   "needs SIGUSR2" },
	{ .name = "fiber_stack", .type = WEIR_SIZE, .min = 65536, .max = 67108864,
	  .fallback = "1m",
	  .about = "address space for the stack of one exchange; what is not touched costs "
		   "nothing" },
	{ .name = "include", .type = WEIR_TEXT, .list = true,
	  .about = "further files, names or patterns, relative to this one" },
	{ .name = "lua", .type = WEIR_OBJECT, .fields = lua_options, .fallback = "{}",
	  .about = "policies written in Lua: where they lie, and what they may use" },
	{ .name = "registry", .type = CONF_LATER, .about = "the embedded registry" },
	{ .name = "sidecar", .type = CONF_LATER, .about = "the sidecar" },
	{ 0 }
};
