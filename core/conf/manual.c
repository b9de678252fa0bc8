/* manual.c - the reference manual of option tables. */
#include "core/conf/manual.h"

#include <stdio.h>

#include "core/base/buffer.h"
#include "core/conf/option.h"
#include "core/conf/tables.h"

enum { SECTIONS_MOST = 64, TITLE_ROOM = 128 };

/* Tables that wait for their section, in the order in which they were met. A table that stands
 * in two places is described at the first. */
struct manual {
	struct buffer *out;
	enum manual_form form;
	struct section {
		char title[TITLE_ROOM];
		const struct weir_option *table;
	} sections[SECTIONS_MOST];
	size_t count;
	bool failed;
};

static void print(struct manual *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct manual *m, const char *format, ...)
{
	char text[2048];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text) || !buffer_add(m->out, str_of(text, (size_t)n)))
		m->failed = true;
}

/* A cell of a Markdown table, or a line of troff, in which some characters mean something. */
static void print_text(struct manual *m, const char *text)
{
	bool line_begins = m->form == MANUAL_MAN;

	for (; *text != '\0'; text++, line_begins = false) {
		if (m->form == MANUAL_MARKDOWN && *text == '|')
			print(m, "\\|");
		else if (m->form == MANUAL_MAN && line_begins && (*text == '.' || *text == '\''))
			print(m, "\\&%c", *text);
		else if (m->form == MANUAL_MAN && *text == '\\')
			print(m, "\\e");
		else if (m->form == MANUAL_MAN && *text == '-')
			print(m, "\\-");
		else if (m->form == MANUAL_MAN && *text == '`')
			print(m, "\"");
		else
			print(m, "%c", *text);
	}
}

static const struct section *section_of(const struct manual *m, const struct weir_option *table)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->sections[i].table == table)
			return &m->sections[i];
	return NULL;
}

/* The section that describes the table; a new one when it has none yet. */
static const struct section *add_section(struct manual *m, const char *above, const char *name,
					 bool many, const struct weir_option *table)
{
	const struct section *known = section_of(m, table);
	struct section *section = &m->sections[m->count];

	if (known != NULL)
		return known;
	if (m->count == SECTIONS_MOST) {
		m->failed = true;
		return NULL;
	}
	(void)snprintf(section->title, sizeof(section->title), "%.60s%s%.40s%s", above,
		       above[0] != '\0' ? "." : "", name, many ? ".NAME" : "");
	section->table = table;
	m->count++;
	return section;
}

/* What it may be: "a list of hosts ...", "a map, see routes.match". */
static void print_type(struct manual *m, const struct weir_option *row, const char *above)
{
	bool many = row->type == WEIR_MAP;
	enum weir_option_type type = many ? row->of : row->type;
	const struct section *section = type == WEIR_OBJECT ?
		add_section(m, above, row->name, many, row->fields) : NULL;
	struct option_words words = option_expects(row, type);

	if (row->type == CONF_LATER) {
		print_text(m, "not in this version");
		return;
	}
	if (many)
		print_text(m, "a map of names; each is ");
	if (row->list)
		print_text(m, "one or a list of: ");
	print_text(m, words.text);
	if (section != NULL) {
		print_text(m, ", see ");
		print_text(m, section->title);
	}
}

static const struct weir_option *bare_row(const struct weir_option *table)
{
	for (; table != NULL && table->name != NULL; table++)
		if (table->bare)
			return table;
	return NULL;
}

static void print_about(struct manual *m, const struct weir_option *row)
{
	const struct weir_option *bare = bare_row(row->fields);

	if (row->about != NULL)
		print_text(m, row->about);
	if (bare != NULL) {
		print_text(m, row->about != NULL ? "; a bare value is `" : "a bare value is `");
		print_text(m, bare->name);
		print_text(m, "`");
	}
}

static const char *default_of(const struct weir_option *row)
{
	if (row->required)
		return "required";
	if (row->fallback == NULL || (row->type == WEIR_OBJECT && !row->list))
		return "";
	return row->fallback;
}

static void print_row(struct manual *m, const struct weir_option *row, const char *above)
{
	bool markdown = m->form == MANUAL_MARKDOWN;

	print(m, markdown ? "| `%s` | " : ".TP\n.B %s\n", row->name);
	if (markdown) {
		print_type(m, row, above);
		print(m, " | ");
		print_text(m, default_of(row));
		print(m, " | ");
		print_about(m, row);
		print(m, " |\n");
		return;
	}
	print_about(m, row);
	print(m, ".\n.br\nIt is ");
	print_type(m, row, above);
	if (default_of(row)[0] != '\0') {
		print(m, row->required ? "; " : "; default ");
		print_text(m, default_of(row));
	}
	print(m, ".\n");
}

static void print_section(struct manual *m, size_t at)
{
	struct section section = m->sections[at];	/* printing its rows adds further ones */
	const char *title = section.title[0] != '\0' ? section.title : "The top of the file";

	if (m->form == MANUAL_MARKDOWN) {
		print(m, section.title[0] != '\0' ? "\n## `%s`\n\n" : "\n## %s\n\n", title);
		print(m, "| key | what it may be | default | |\n|---|---|---|---|\n");
	} else {
		print(m, ".SH \"%s\"\n", title);
	}
	for (const struct weir_option *row = section.table; row->name != NULL; row++)
		print_row(m, row, section.title);
}

bool manual_of_table(struct buffer *out, enum manual_form form, const char *title,
		     const struct weir_option *table)
{
	struct manual m = { .out = out, .form = form };

	(void)snprintf(m.sections[0].title, sizeof(m.sections[0].title), "%.100s", title);
	m.sections[0].table = table;
	m.count = 1;
	for (size_t i = 0; i < m.count; i++)
		print_section(&m, i);
	return !m.failed;
}

bool manual_of_configuration(struct buffer *out, enum manual_form form)
{
	const char *head = form == MANUAL_MARKDOWN ?
		"# Configuration reference\n\nPrinted from the option tables of the program. "
		"The tour is in [README.md](README.md).\n" :
		".TH WEIR.YAML 5 \"\" Weir \"File formats\"\n.SH NAME\nweir.yaml \\- the "
		"configuration of weir(1)\n";

	return buffer_add(out, str_from(head)) && manual_of_table(out, form, "", conf_options);
}
