/* command_check.c - `weir check`: everything that `weir run` would find wrong, without running anything. */
#include <stdio.h>

#include "core/base/buffer.h"
#include "core/weir/commands.h"
#include "core/weir/offline.h"

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the configuration; required" },
	{ "json", 0, NULL, "the findings as JSON on stdout" },
	{ "strict", 0, NULL, "warnings fail as well" },
	{ NULL, 0, NULL, NULL }
};

static void print(const struct diagnostics *d, bool json)
{
	struct buffer b;

	buffer_init(&b, 1 << 20);
	(void)(json ? diagnostics_json(d, &b) : diagnostics_print(d, &b));
	if (buffer_len(&b) > 0)
		(void)fwrite(b.data, 1, buffer_len(&b), json ? stdout : stderr);
	buffer_fini(&b);
}

static void say_well(const struct world *w, const char *path)
{
	uint32_t listeners, services, routes;

	(void)conf_entries(w->conf->top, "listen", &listeners);
	(void)conf_entries(w->conf->top, "services", &services);
	(void)conf_items(w->conf->top, "routes", &routes);
	printf("%s is fine: %u listener%s, %u service%s, %u route%s\n", path, listeners,
	       listeners == 1 ? "" : "s", services, services == 1 ? "" : "s", routes,
	       routes == 1 ? "" : "s");
}

static int check(struct offline *o, const struct command_line *line)
{
	const char *path = command_value(line, "config");
	bool json = command_has(line, "json"), fine;
	struct diagnostics d;
	struct world *w;

	diagnostics_init(&d);
	w = offline_build(o, path, &d);
	diagnostics_sort(&d);
	print(&d, json);
	fine = w != NULL && diagnostics_fine(&d) &&
	       !(command_has(line, "strict") && d.warnings > 0);
	if (fine && !json)
		say_well(w, path);
	world_free(w);
	diagnostics_fini(&d);
	return fine ? 0 : 1;
}

static int run(const struct command_line *line)
{
	struct weir_error error = { "" };
	struct offline o;
	int status = 1;

	if (offline_open(&o, &error))
		status = check(&o, line);
	else
		fprintf(stderr, "weir check: %s\n", error.text);
	offline_close(&o);
	return status;
}

const struct command command_check = {
	.name = "check",
	.summary = "read a configuration, load its plugins, and say all that is wrong",
	.options = options,
	.required = "config",
	.run = run,
};
