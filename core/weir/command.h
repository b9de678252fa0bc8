/* command.h - the subcommands in tables, from which come parsing, --help, and "did you mean". */
#ifndef CORE_WEIR_COMMAND_H
#define CORE_WEIR_COMMAND_H

#include <stdio.h>
#include <weir/error.h>

#include "core/base/str.h"

struct command_option {
	const char *name;	/* "config": --config */
	char letter;		/* 'c': -c; 0: none */
	const char *value;	/* what its value is called in the help; NULL: a switch */
	const char *about;
};

struct command_line;

/* To add a subcommand: a file of its own with one of these, and a row in commands.c. */
struct command {
	const char *name;
	const char *summary;		/* one line, no full stop */
	const char *arguments;		/* as in the usage: "METHOD URL"; NULL: none */
	uint8_t least, most;		/* how many of them */
	const struct command_option *options;	/* ends with an empty row; NULL: none */
	const char *required;		/* an option that must be there; NULL: none */
	int (*run)(const struct command_line *line);	/* gives the exit status */
};

extern const struct command *const commands[];	/* ends with NULL */

enum {
	COMMAND_VALUES = 128,	/* options and arguments on one line */
	COMMAND_MISUSED = 2,	/* exit status */
};

/* A line that fits its command. Lends from argv. */
struct command_line {
	const struct command *command;
	char *const *argv;		/* the whole line, for those who execute it again */
	struct command_given {
		const struct command_option *option;
		const char *value;	/* NULL of a switch */
	} given[COMMAND_VALUES];
	uint32_t given_count;
	const char *arguments[COMMAND_VALUES];
	uint32_t argument_count;
};

/* The last value of --name, or NULL. */
const char *command_value(const struct command_line *line, const char *name);
bool command_has(const struct command_line *line, const char *name);	/* a switch */
/* The values of an option that may be repeated, in order: *at begins at 0; NULL after the last. */
const char *command_each(const struct command_line *line, const char *name, uint32_t *at);

/* Whole numbers and durations (250ms, 10s, 2m, none) on the command line; the error names the
 * option. An option that is not there leaves *out alone and is no error. */
bool command_number(const struct command_line *line, const char *name, uint64_t least,
		    uint64_t most, uint64_t *out);
bool command_duration(const struct command_line *line, const char *name, uint64_t *out_ns);

/* Finds the command, reads the line, runs it or prints help; gives the exit status. What is wrong
 * is said on stderr. */
int command_main(int argc, char *const *argv);

/* Reads argv (after the command's name) into `line`. */
bool command_read(struct command_line *line, int argc, char *const *argv,
		  struct weir_error *error);

void command_help(const struct command *command, FILE *out);
void command_overview(FILE *out);

#endif
