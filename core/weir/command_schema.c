/* command_schema.c - `weir schema`, `weir manual`: all that a configuration may say. */
#include <stdio.h>

#include "core/base/buffer.h"
#include "core/base/mem.h"
#include "core/conf/manual.h"
#include "core/conf/schema.h"
#include "core/plugin/registry.h"
#include "core/script/binding.h"
#include "core/weir/commands.h"
#include "core/weir/offline.h"

enum { PLUGINS_MOST = 512 };

struct listing_of_plugins {
	struct schema_plugin at[PLUGINS_MOST];
	size_t count;
};

static void add(struct listing_of_plugins *l, const struct kind *kind, enum role role,
		enum slot_role slot)
{
	if (!kind_has(kind, role) || l->count == PLUGINS_MOST)
		return;
	l->at[l->count++] = (struct schema_plugin){
		.name = kind->plugin.name,
		.role = slot,
		.summary = kind->plugin.summary,
		.options = kind->plugin.options,
	};
}

static void visit(void *arg, const struct kind *kind)
{
	add(arg, kind, AS_POLICY, ROLE_POLICY);
	add(arg, kind, AS_BALANCER, ROLE_BALANCER);
	add(arg, kind, AS_DISCOVERY, ROLE_DISCOVERY);
	add(arg, kind, AS_RETRY, ROLE_RETRY);
	add(arg, kind, AS_TRACER, ROLE_TRACER);
}

static void say_bad(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "weir schema: left out: %s\n", sentence);
}

static int print_schema(struct registry *registry)
{
	struct listing_of_plugins *l = mem_alloc(sizeof(*l));
	json_t *schema = NULL;
	int status = 1;

	if (l != NULL) {
		registry_load_all(registry, say_bad, NULL);
		registry_visit(registry, visit, l);
		schema = schema_of_configuration(l->at, l->count);
	}
	if (schema != NULL && json_dumpf(schema, stdout, JSON_INDENT(2)) == 0) {
		putchar('\n');
		status = 0;
	} else {
		fprintf(stderr, "weir schema: out of memory\n");
	}
	json_decref(schema);
	mem_free(l);
	return status;
}

static int run_schema(const struct command_line *line)
{
	struct weir_error error = { "" };
	struct diagnostics d;
	struct offline o;
	int status = 1;

	diagnostics_init(&d);
	if (!offline_open(&o, &error))
		fprintf(stderr, "weir schema: %s\n", error.text);
	else if (offline_look(&o, command_value(line, "config"), &d))
		status = print_schema(o.registry);
	else
		fprintf(stderr, "weir schema: %s cannot be read; `weir check` says why\n",
			command_value(line, "config"));
	offline_close(&o);
	diagnostics_fini(&d);
	return status;
}

static int run_manual(const struct command_line *line)
{
	bool lua = line->argument_count > 0, ok;
	struct buffer b;

	if (lua && strcmp(line->arguments[0], "lua") != 0) {
		fprintf(stderr, "weir manual: there is no \"%s\"; without a word it is that of the "
			"configuration, with lua that of policies\n", line->arguments[0]);
		return COMMAND_MISUSED;
	}
	buffer_init(&b, 8 << 20);
	ok = lua ? bindings_print(&b) :
	     manual_of_configuration(&b, command_has(line, "man") ? MANUAL_MAN : MANUAL_MARKDOWN);
	if (ok)
		(void)fwrite(b.data, 1, buffer_len(&b), stdout);
	else
		fprintf(stderr, "weir manual: out of memory\n");
	buffer_fini(&b);
	return ok ? 0 : 1;
}

static const struct command_option schema_options[] = {
	{ "config", 'c', "FILE", "a configuration whose plugins.path and lua.path are looked at as well" },
	{ NULL, 0, NULL, NULL }
};

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of the configuration, plugins and Lua policies included",
	.options = schema_options,
	.run = run_schema,
};

static const struct command_option manual_options[] = {
	{ "man", 0, NULL, "for man(1) instead of Markdown" },
	{ NULL, 0, NULL, NULL }
};

const struct command command_manual = {
	.name = "manual",
	.summary = "print the reference of the configuration, or of Lua, from its tables",
	.arguments = "[lua]", .most = 1,
	.options = manual_options,
	.run = run_manual,
};
