/* command.c - reads the command line by the tables of the subcommands. */
#include "core/weir/command.h"

#include "core/base/clock.h"
#include "core/base/error.h"

const char *command_value(const struct command_line *line, const char *name)
{
	for (uint32_t i = line->given_count; i-- > 0;) {
		if (strcmp(line->given[i].option->name, name) == 0)
			return line->given[i].value;
	}
	return NULL;
}

bool command_has(const struct command_line *line, const char *name)
{
	for (uint32_t i = 0; i < line->given_count; i++) {
		if (strcmp(line->given[i].option->name, name) == 0)
			return true;
	}
	return false;
}

const char *command_each(const struct command_line *line, const char *name, uint32_t *at)
{
	while (*at < line->given_count) {
		const struct command_given *g = &line->given[(*at)++];

		if (strcmp(g->option->name, name) == 0)
			return g->value;
	}
	return NULL;
}

bool command_number(const struct command_line *line, const char *name, uint64_t least,
		    uint64_t most, uint64_t *out)
{
	const char *text = command_value(line, name);
	uint64_t n;

	if (text == NULL)
		return true;
	if (!str_to_u64(str_from(text), &n) || n < least || n > most) {
		fprintf(stderr, "weir %s: --%s must be a whole number from %llu to %llu, not \"%s\"\n",
			line->command->name, name, (unsigned long long)least,
			(unsigned long long)most, text);
		return false;
	}
	*out = n;
	return true;
}

static bool to_duration(struct weir_str text, uint64_t *ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = { { "ms", NS_PER_MS }, { "s", NS_PER_S }, { "m", 60 * NS_PER_S },
		      { "h", 3600 * NS_PER_S } };
	uint64_t n;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct weir_str unit = str_from(units[i].unit);

		if (str_ends(text, unit) && str_to_u64(str_head(text, text.len - unit.len), &n) &&
		    n <= CLOCK_NEVER / units[i].ns - 1) {
			*ns = n * units[i].ns;
			return true;
		}
	}
	return false;
}

bool command_duration(const struct command_line *line, const char *name, uint64_t *out_ns)
{
	const char *text = command_value(line, name);

	if (text == NULL)
		return true;
	if (strcmp(text, "none") == 0) {
		*out_ns = 0;
		return true;
	}
	if (to_duration(str_from(text), out_ns) && *out_ns > 0)
		return true;
	fprintf(stderr, "weir %s: --%s must be a time with its unit, as in 10s or 500ms, or none, "
		"not \"%s\"\n", line->command->name, name, text);
	return false;
}

static bool add(struct command_line *line, const struct command_option *option,
		const char *value, struct weir_error *error)
{
	if (line->given_count == COMMAND_VALUES)
		return fail(error, "there are more than %d options", COMMAND_VALUES);
	line->given[line->given_count++] = (struct command_given){ option, value };
	return true;
}

static const struct command_option *by_name(const struct command *c, struct weir_str name)
{
	const struct command_option *o = c->options;

	for (; o != NULL && o->name != NULL; o++) {
		if (str_eq(str_from(o->name), name))
			return o;
	}
	return NULL;
}

static const struct command_option *by_letter(const struct command *c, char letter)
{
	const struct command_option *o = c->options;

	for (; o != NULL && o->name != NULL; o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

/* Near enough to be a slip: a third of the word, at least one edit. */
static bool near(struct weir_str word, struct weir_str other, unsigned *best)
{
	unsigned edits = str_distance(word, other);

	if (edits > 1 + word.len / 3 || edits >= *best)
		return false;
	*best = edits;
	return true;
}

static bool unknown_option(const struct command *c, struct weir_str name, struct weir_error *error)
{
	const struct command_option *o = c->options;
	const char *guess = NULL;
	unsigned best = UINT32_MAX;

	for (; o != NULL && o->name != NULL; o++) {
		if (near(name, str_from(o->name), &best))
			guess = o->name;
	}
	if (guess != NULL)
		return fail(error, "there is no option --%.*s; did you mean --%s?", STR_ARG(name),
			    guess);
	return fail(error, "there is no option --%.*s; see weir %s --help", STR_ARG(name), c->name);
}

/* Takes the next word of the line as the value, if there is one. */
static bool next_word(int argc, char *const *argv, int *i, const char **value)
{
	if (*i + 1 >= argc)
		return false;
	*value = argv[++*i];
	return true;
}

/* --name, --name=value, --name value */
static bool read_long(struct command_line *line, int argc, char *const *argv, int *i,
		      struct weir_error *error)
{
	struct weir_str word = str_from(argv[*i] + 2);
	size_t equals = str_find(word, '=');
	const struct command_option *o = by_name(line->command, str_head(word, equals));
	const char *value = equals < word.len ? word.data + equals + 1 : NULL;

	if (o == NULL)
		return unknown_option(line->command, str_head(word, equals), error);
	if (o->value == NULL && value != NULL)
		return fail(error, "--%s takes no value", o->name);
	if (o->value != NULL && value == NULL && !next_word(argc, argv, i, &value))
		return fail(error, "--%s needs a value: --%s %s", o->name, o->name, o->value);
	return add(line, o, value, error);
}

/* -c value, -cvalue; switches may stand together. */
static bool read_short(struct command_line *line, int argc, char *const *argv, int *i,
		       struct weir_error *error)
{
	for (const char *at = argv[*i] + 1; *at != '\0'; at++) {
		const struct command_option *o = by_letter(line->command, *at);
		const char *value = at[1] != '\0' ? at + 1 : NULL;

		if (o == NULL)
			return fail(error, "there is no option -%c; see weir %s --help", *at,
				    line->command->name);
		if (o->value == NULL) {
			if (!add(line, o, NULL, error))
				return false;
			continue;
		}
		if (value == NULL && !next_word(argc, argv, i, &value))
			return fail(error, "-%c needs a value: -%c %s", *at, *at, o->value);
		return add(line, o, value, error);
	}
	return true;
}

static bool read_argument(struct command_line *line, const char *word, struct weir_error *error)
{
	const struct command *c = line->command;
	const struct command_option *must = c->required != NULL && !command_has(line, c->required) ?
						    by_name(c, str_from(c->required)) : NULL;

	if (c->most == 0 && must != NULL && must->letter != '\0')
		return fail(error, "wants -%c %s: write -%c %s", must->letter, must->value,
			    must->letter, word);
	if (line->argument_count >= c->most || line->argument_count >= COMMAND_VALUES)
		return fail(error, "\"%s\" is one word too many; see weir %s --help", word, c->name);
	line->arguments[line->argument_count++] = word;
	return true;
}

static bool complete(const struct command_line *line, struct weir_error *error)
{
	const struct command *c = line->command;
	const struct command_option *o;

	if (line->argument_count < c->least)
		return fail(error, "wants %s; see weir %s --help", c->arguments, c->name);
	if (c->required == NULL || command_has(line, c->required))
		return true;
	o = by_name(c, str_from(c->required));
	if (o->letter != '\0')
		return fail(error, "wants -%c %s", o->letter, o->value);
	return fail(error, "wants --%s %s", o->name, o->value);
}

bool command_read(struct command_line *line, int argc, char *const *argv,
		  struct weir_error *error)
{
	bool words_only = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		bool good;

		if (words_only || word[0] != '-' || word[1] == '\0')
			good = read_argument(line, word, error);
		else if (strcmp(word, "--") == 0)
			good = words_only = true;
		else if (word[1] == '-')
			good = read_long(line, argc, argv, &i, error);
		else
			good = read_short(line, argc, argv, &i, error);
		if (!good)
			return false;
	}
	return complete(line, error);
}

static const struct command *find(const char *name)
{
	for (int i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *guess = NULL;
	unsigned best = UINT32_MAX;

	for (int i = 0; commands[i] != NULL; i++) {
		if (near(str_from(name), str_from(commands[i]->name), &best))
			guess = commands[i]->name;
	}
	if (guess != NULL)
		fprintf(stderr, "weir: there is no command \"%s\"; did you mean %s?\n", name, guess);
	else
		fprintf(stderr, "weir: there is no command \"%s\"; see weir --help\n", name);
	return COMMAND_MISUSED;
}

static bool asks_for_help(int argc, char *const *argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

static int run(const struct command *c, int argc, char *const *argv)
{
	static struct command_line line;
	struct weir_error error = { "" };

	line = (struct command_line){ .command = c, .argv = argv };
	if (asks_for_help(argc - 2, argv + 2)) {
		command_help(c, stdout);
		return 0;
	}
	if (command_read(&line, argc - 2, argv + 2, &error))
		return c->run(&line);
	fprintf(stderr, "weir %s: %s\n", c->name, error.text);
	return COMMAND_MISUSED;
}

static int help(int argc, char *const *argv)
{
	const struct command *c = argc > 2 ? find(argv[2]) : NULL;

	if (argc > 2 && c == NULL)
		return unknown_command(argv[2]);
	if (c != NULL)
		command_help(c, stdout);
	else
		command_overview(stdout);
	return 0;
}

int command_main(int argc, char *const *argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *c = find(name);

	if (c != NULL)
		return run(c, argc, argv);
	if (argc < 2) {
		command_overview(stderr);
		return COMMAND_MISUSED;
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help(argc, argv);
	if (strcmp(name, "--version") == 0 && find("version") != NULL)
		return run(find("version"), 2, argv);
	return unknown_command(name);
}
