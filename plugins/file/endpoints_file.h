/* endpoints_file.h - a text that lists endpoints, as YAML or JSON, read into rows. */
#ifndef PLUGINS_FILE_ENDPOINTS_FILE_H
#define PLUGINS_FILE_ENDPOINTS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILE_LABELS = 16, FILE_ROWS = 10000, FILE_WHY = 256 };

/* What is not there is NULL. */
struct file_row {
	const char *address, *id, *zone, *server_name;
	uint32_t weight;	/* 1 when it is not said */
	uint32_t line;		/* from 1 */
	uint32_t label_count;
	struct { const char *name, *value; } labels[FILE_LABELS];
};

struct file_rows {
	struct file_row *at;
	uint32_t count;
	void *text;		/* what the rows point into */
};

/* Reads
 *	- 10.0.0.11:9000
 *	- {address: 10.0.0.12:9000, weight: 2, id: b, zone: east, labels: {version: v2}}
 * or a map that has such a list for each service, of which that of `service` counts, or under the key
 * `endpoints`. False: nothing is given, and `why` says what is wrong with its line. An empty list is a
 * list; an empty text is an error, for it may be about to be written. */
bool file_rows_read(const char *text, size_t len, const char *service, struct file_rows *out,
		    char why[FILE_WHY]);
void file_rows_free(struct file_rows *rows);

#endif
