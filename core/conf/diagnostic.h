/* diagnostic.h - what is wrong with a configuration: every finding, each with its place. */
#ifndef CORE_CONF_DIAGNOSTIC_H
#define CORE_CONF_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/conf/place.h"

struct buffer;

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
	enum severity severity;
	struct place place;
	const char *text;	/* "what is wrong; what was expected; did you mean ..." */
	uint32_t order;		/* of its file among the files that were found faulty */
};

/* Findings are kept up to DIAGNOSTICS_MOST and counted beyond. They own their memory and outlive
 * the configuration they speak of. Want of memory is a finding too, and needs none. One thread. */
enum { DIAGNOSTICS_MOST = 100 };

struct diagnostics {
	struct arena arena;
	struct diagnostic *items;	/* room for DIAGNOSTICS_MOST, made at the first finding */
	uint32_t count;			/* of items */
	uint32_t errors, warnings;	/* found, kept or not */
	bool out_of_memory;		/* counts as an error */
};

void diagnostics_init(struct diagnostics *d);
void diagnostics_fini(struct diagnostics *d);

/* Adds a finding; gives false, so that a guard is one line. The words are copied. */
bool diagnose(struct diagnostics *d, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void diagnose_warning(struct diagnostics *d, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Says once that there was no memory; gives false. */
bool diagnose_memory(struct diagnostics *d);

/* True when nothing stands in the way of using the configuration. */
bool diagnostics_fine(const struct diagnostics *d);

/* Puts them in the order in which a reader of the files meets them. */
void diagnostics_sort(struct diagnostics *d);

/* One line each: "file:line:column: text" (warnings: "file:line:column: warning: text"), and a
 * last line that says how many were left off. False when the buffer is full. */
bool diagnostics_print(const struct diagnostics *d, struct buffer *out);

/* {"errors": n, "warnings": n, "diagnostics": [{severity, file, line, column, text}]} */
bool diagnostics_json(const struct diagnostics *d, struct buffer *out);

/* "file:line:column", cut to fit; for sentences that name a second place. */
struct place_words { char text[256]; };
struct place_words place_words(struct place place);

#endif
