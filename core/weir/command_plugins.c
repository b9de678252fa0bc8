/* command_plugins.c - `weir plugins`: what was found, what it can do, and what could not be
 * used. */
#include <stdio.h>

#include "core/base/buffer.h"
#include "core/conf/conf.h"
#include "core/plugin/registry.h"
#include "core/weir/commands.h"
#include "core/weir/offline.h"

static void print_roles(const struct kind *kind, char *room, size_t size)
{
	size_t used = 0;

	room[0] = '\0';
	for (enum role role = 0; role < AS_COUNT; role++)
		if (kind_has(kind, role) && used < size)
			used += (size_t)snprintf(room + used, size - used, "%s%.*s",
						 used > 0 ? ", " : "", STR_ARG(role_word(role)));
}

static void print_option(const struct weir_option *row, int depth)
{
	struct option_words expects =
		option_expects(row, row->type == WEIR_MAP ? row->of : row->type);

	printf("%*s%s: %s\n", 4 + 2 * depth, "", row->name, row->about != NULL ? row->about : "");
	if (row->fields == NULL)
		printf("%*s%s%s%s", 6 + 2 * depth, "", row->list ? "a list; each " : "",
		       row->type == WEIR_MAP ? "a map; each value " : "", expects.text);
	else
		printf("%*sa %s with", 6 + 2 * depth, "", row->type == WEIR_MAP ? "map of maps"
			: row->list ? "list of maps" : "map");
	if (row->required)
		printf("; required");
	else if (row->fallback != NULL)
		printf("; default %s", row->fallback);
	putchar('\n');
	for (const struct weir_option *field = row->fields; field != NULL && field->name != NULL;
	     field++)
		print_option(field, depth + 1);
}

static void print_kind(void *arg, const struct kind *kind)
{
	const struct weir_plugin *p = &kind->plugin;
	uint32_t *count = arg;
	char roles[80];

	print_roles(kind, roles, sizeof(roles));
	printf("%s%s%s%s  %s, API %u.%u, %s\n", (*count)++ > 0 ? "\n" : "", p->name,
	       p->version != NULL ? " " : "", p->version != NULL ? p->version : "", roles, p->major,
	       p->minor, kind->file.data != NULL ? kind->file.data : "part of the program");
	printf("    %s\n", p->summary != NULL ? p->summary : "(says nothing of itself)");
	for (const struct weir_option *row = p->options; row != NULL && row->name != NULL; row++)
		print_option(row, 0);
}

static void say_bad(void *arg, const char *sentence)
{
	uint32_t *bad = arg;

	(*bad)++;
	fprintf(stderr, "weir plugins: %s\n", sentence);
}

static int list(struct registry *registry)
{
	uint32_t count = 0, bad = 0;

	registry_load_all(registry, say_bad, &bad);
	registry_visit(registry, print_kind, &count);
	if (count == 0)
		printf("there is no plugin; set WEIR_PLUGIN_DIR, or plugins.path in the "
		       "configuration\n");
	return bad > 0 ? 1 : 0;
}

static void print(const struct diagnostics *d)
{
	struct buffer b;

	buffer_init(&b, 1 << 20);
	(void)diagnostics_print(d, &b);
	(void)fwrite(b.data, 1, buffer_len(&b), stderr);
	buffer_fini(&b);
}

static int run(const struct command_line *line)
{
	struct weir_error error = { "" };
	struct diagnostics d;
	struct offline o;
	int status = 1;

	diagnostics_init(&d);
	if (!offline_open(&o, &error))
		fprintf(stderr, "weir plugins: %s\n", error.text);
	else if (offline_look(&o, command_value(line, "config"), &d))
		status = list(o.registry);
	else
		print(&d);
	offline_close(&o);
	diagnostics_fini(&d);
	return status;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "a configuration whose plugins.path and lua.path are looked at as well" },
	{ NULL, 0, NULL, NULL }
};

const struct command command_plugins = {
	.name = "plugins",
	.summary = "list the plugins that are found, with their options",
	.options = options,
	.run = run,
};
