/* command_reasons.c - `weir reasons`: how requests and attempts can end, and what to do about each. */
#include <stdio.h>

#include "core/weir/advice.h"
#include "core/weir/commands.h"

static const char *again(enum reason why)
{
	switch (reason_row(why)->retry) {
	case RETRY_SAFE:
		return "any";
	case RETRY_IDEMP:
		return "repeatable";
	case RETRY_NEVER:
		break;
	}
	return "no";
}

static void print_status(const struct reason_row *row, char room[8])
{
	(void)snprintf(room, 8, row->status != 0 ? "%u" : "its own", row->status);
}

static void print_row(enum reason why)
{
	const struct reason_row *row = reason_row(why);
	char status[8];

	print_status(row, status);
	printf("%-18.*s  %-7s  %-8.*s  %-10s  %.*s\n", STR_ARG(row->word), status,
	       STR_ARG(reason_side_word(row->side)), again(why), STR_ARG(row->sentence));
}

static int print_list(void)
{
	printf("%-18s  %-7s  %-8s  %-10s  %s\n", "reason", "status", "side", "again", "what happened");
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		print_row((enum reason)i);
	printf("\nagain: which requests may be tried at another endpoint; repeatable: those with an "
	       "idempotent\nmethod, or of a route that says so. weir reasons WORD says what to do.\n");
	return 0;
}

static int print_table(void)
{
	printf("| reason | status | side | again | what happened, and what to do |\n"
	       "|---|---|---|---|---|\n");
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		const struct reason_row *row = reason_row((enum reason)i);
		char status[8];

		print_status(row, status);
		printf("| `%.*s` | %s | %.*s | %s | %.*s. %.*s |\n", STR_ARG(row->word), status,
		       STR_ARG(reason_side_word(row->side)), again((enum reason)i),
		       STR_ARG(row->sentence), STR_ARG(advice_on((enum reason)i)));
	}
	return 0;
}

static int print_one(const char *word)
{
	enum reason why = reason_of_word(str_from(word));
	const struct reason_row *row;
	char status[8];

	if (why == REASON_COUNT) {
		fprintf(stderr, "weir reasons: there is no reason \"%s\"; weir reasons lists them\n",
			word);
		return 1;
	}
	row = reason_row(why);
	print_status(row, status);
	printf("%.*s: %.*s\nstatus: %s; the %.*s's doing\nagain: %s", STR_ARG(row->word),
	       STR_ARG(row->sentence), status, STR_ARG(reason_side_word(row->side)), again(why));
	if (row->group.len > 0)
		printf("; `%.*s` in retry.when", STR_ARG(row->group));
	printf("\n%.*s\n", STR_ARG(advice_on(why)));
	return 0;
}

static int run(const struct command_line *line)
{
	if (line->argument_count > 0)
		return print_one(line->arguments[0]);
	return command_has(line, "markdown") ? print_table() : print_list();
}

static const struct command_option options[] = {
	{ "markdown", 0, NULL, "the whole table, with advice, as Markdown" },
	{ NULL, 0, NULL, NULL }
};

const struct command command_reasons = {
	.name = "reasons",
	.summary = "list how requests can end; with a WORD, what to do about it",
	.arguments = "[WORD]",
	.least = 0, .most = 1,
	.options = options,
	.run = run,
};
