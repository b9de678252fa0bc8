/* help.c - prints what the program can be asked to do, from the same tables that read it. */
#include "core/weir/command.h"

enum { LEFT = 26 };	/* columns before the explanations */

static void print_usage(const struct command *c, FILE *out)
{
	const struct command_option *o = c->options;

	fprintf(out, "usage: weir %s", c->name);
	for (; o != NULL && o->name != NULL; o++) {
		bool must = c->required != NULL && strcmp(c->required, o->name) == 0;

		if (must && o->letter != '\0')
			fprintf(out, " -%c %s", o->letter, o->value);
		else if (must)
			fprintf(out, " --%s %s", o->name, o->value);
	}
	if (c->options != NULL)
		fputs(" [options]", out);
	if (c->arguments != NULL)
		fprintf(out, " %s", c->arguments);
	fputc('\n', out);
}

static void print_option(const struct command_option *o, FILE *out)
{
	char left[64], letter[5] = "    ";

	if (o->letter != '\0')
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name,
		       o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
	fprintf(out, "%-*s %s\n", LEFT, left, o->about);
}

void command_help(const struct command *c, FILE *out)
{
	const struct command_option *o = c->options;

	print_usage(c, out);
	fprintf(out, "\n%s.\n", c->summary);
	if (o != NULL)
		fputs("\noptions:\n", out);
	for (; o != NULL && o->name != NULL; o++)
		print_option(o, out);
	fputs("\nMore: man weir\n", out);
}

void command_overview(FILE *out)
{
	fputs("Weir: API gateway, sidecar and service registry.\n\n"
	      "usage: weir COMMAND [options]\n\ncommands:\n", out);
	for (int i = 0; commands[i] != NULL; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nweir COMMAND --help says more of each; man weir all of it.\n", out);
}
