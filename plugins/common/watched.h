/* watched.h - a file that a use knows by heart, and reads again when it is replaced. */
#ifndef PLUGINS_COMMON_WATCHED_H
#define PLUGINS_COMMON_WATCHED_H

#include <weir/plugin.h>

#include "plugins/file/mark.h"

/* What the text says, or NULL and a sentence. On control in `open`, later on a helper thread. */
typedef void *watched_read(struct weir_str text, struct weir_error *error);

/* Its newest value is in the cell. Belongs to `self`; zeroed at first. */
struct watched {
	char *path;
	watched_read *read;
	void (*free_value)(void *value);
	struct weir_cell *cell;
	struct mark mark;	/* of what was read */
};

/* In `open`: reads the file at `path` and publishes what it says; so one that cannot be used
 * refuses the configuration. End it with watched_close(), also when it was false. [control] */
bool watched_open(struct watched *w, const struct weir_setup *setup, struct weir_str path,
		  watched_read *read, void (*free_value)(void *value), struct weir_error *error);
void watched_close(struct watched *w);

/* In `background`: reads them again whenever they change, until it is cancelled; what cannot be
 * used changes nothing and is logged. Looks every two seconds where the file system does not tell
 * (of the second and later ones: always). [control] */
void watched_run(const struct weir_here *here, struct watched *const *all, uint32_t count);

/* The next line that is neither empty nor a comment (#), without white space around it; `number`
 * counts all lines, from 1. False after the last. */
bool watched_line(struct weir_str *rest, struct weir_str *line, uint32_t *number);
/* The next word of a line, parted by blanks. False after the last. */
bool watched_word(struct weir_str *rest, struct weir_str *word);

#endif
