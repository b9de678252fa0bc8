/* yaml_words.c - what libyaml complains of, in words that say what to do. */
#include "core/conf/yaml_words.h"

#include "core/conf/diagnostic.h"

/* Characters with which YAML begins something else than text. */
static bool is_special(char c)
{
	return c != '\0' && strchr("{}[]*&!%@`$|>", c) != NULL;
}

/* The source line `line` (from 0), without its end. */
static struct weir_str line_of(struct weir_str source, size_t line)
{
	struct weir_str rest = source;

	for (; line > 0; line--)
		rest = str_skip(rest, str_find(rest, '\n') + 1);
	return str_head(rest, str_find(rest, '\n'));
}

/* Where the value begins that holds the brace at `i`: {path: /users/{id}}. */
static size_t value_with(struct weir_str line, size_t i)
{
	while (i > 0 && strchr(" \t,[{", line.data[i - 1]) == NULL)
		i--;
	return i;
}

/* Where a value of `line` begins that has a brace in it, else one that begins with a special
 * character, at or before `column`; line.len if none does. Columns count characters; before the
 * fault they are nearly always bytes. */
static size_t special_value(struct weir_str line, size_t column)
{
	size_t found = line.len;
	char quote = '\0';

	for (size_t i = 0; i < line.len && i <= column; i++) {
		char c = line.data[i];
		bool begins = i == 0 || strchr(" \t:,[{-", line.data[i - 1]) != NULL;

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (begins && (c == '"' || c == '\''))
			quote = c;
		else if (!begins && c == '{')
			return value_with(line, i);
		else if (begins && is_special(c))
			found = i;
	}
	return found;
}

static const char *advice(const yaml_parser_t *parser, struct weir_str line, size_t special)
{
	size_t column = parser->problem_mark.column;

	if (column < line.len && line.data[column] == '\t')
		return "; a tab cannot indent or begin a value, use spaces";
	if (special < line.len)
		return "; quote this value if it is meant as text";
	if (strstr(parser->problem, "mapping values are not allowed") != NULL)
		return "; quote this value if the \": \" belongs to it";
	return "";
}

/* Bytes that are no text have an offset instead of a mark. */
static bool say_not_text(const yaml_parser_t *parser, const char *file, struct weir_str source,
			 struct diagnostics *d)
{
	struct place place = { file, 1, 1 };

	for (size_t i = 0; i < source.len && i < parser->problem_offset; i++) {
		place.column++;
		if (source.data[i] == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return diagnose(d, place, "this is not UTF-8 text: %s", parser->problem);
}

bool yaml_say_error(const yaml_parser_t *parser, const char *file, struct weir_str source,
		    struct diagnostics *d)
{
	yaml_mark_t mark = parser->problem_mark;
	struct weir_str line = line_of(source, mark.line);
	size_t special = special_value(line, mark.column);
	struct place place = { file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
	const char *hint;

	if (parser->error == YAML_READER_ERROR)
		return say_not_text(parser, file, source, d);
	hint = advice(parser, line, special);
	if (special < line.len)
		place.column = (uint32_t)special + 1;
	if (parser->context == NULL || parser->context_mark.line == mark.line)
		return diagnose(d, place, "not valid YAML: %s%s", parser->problem, hint);
	return diagnose(d, place, "not valid YAML: %s %s that begins at line %zu, column %zu%s",
			parser->problem, parser->context, parser->context_mark.line + 1,
			parser->context_mark.column + 1, hint);
}
