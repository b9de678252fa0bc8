/* manual.h - the reference manual of option tables, as Markdown or for man(1). */
#ifndef CORE_CONF_MANUAL_H
#define CORE_CONF_MANUAL_H

#include <weir/option.h>

struct buffer;

enum manual_form { MANUAL_MARKDOWN, MANUAL_MAN };

/* The reference of the whole configuration file. False when the buffer is full or out of memory. */
bool manual_of_configuration(struct buffer *out, enum manual_form form);

/* The keys of one table and, in sections of their own, of the tables below it. `title` names it:
 * "jwt", "services.NAME". A plugin's page is made of this. */
bool manual_of_table(struct buffer *out, enum manual_form form, const char *title,
		     const struct weir_option *table);

#endif
