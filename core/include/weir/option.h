/* option.h - what a plugin (or the core itself) may be told in the configuration: one table, from which come
 * parsing, defaults, units, error messages with file:line:column, JSON Schema and manual. */
#ifndef WEIR_OPTION_H
#define WEIR_OPTION_H

#include <stdint.h>
#include <weir/error.h>
#include <weir/str.h>

enum weir_option_type {
	WEIR_TEXT = 1,		/* any text */
	WEIR_BOOLEAN,		/* true or false, nothing else */
	WEIR_INTEGER,		/* within min..max */
	WEIR_NUMBER,		/* decimal, within min..max */
	WEIR_DURATION,		/* 250ms 3s 1m 2h, nanoseconds; `none` when none_is_allowed: UINT64_MAX */
	WEIR_SIZE,		/* 64k 8m 1g (1024s) or 512b, bytes; `none` likewise */
	WEIR_RATE,		/* 100/s 10/m 5/h, events per second as a number, above 0 */
	WEIR_SHARE,		/* 10%, as a number 0..1 */
	WEIR_CHOICE,		/* one of `choices` */
	WEIR_PATH,		/* a file name, relative to the file it stands in */
	WEIR_SECRET,		/* text that is masked wherever it is shown */
	WEIR_URL,		/* http:// or https:// */
	WEIR_ADDRESS,		/* IP:PORT, [IP6]:PORT, HOST:PORT or unix:PATH */
	WEIR_CIDR,		/* 10.0.0.0/8, or a single address */
	WEIR_HEADER_NAME,
	WEIR_SERVICE,		/* the name of a configured service */
	WEIR_KEY,		/* client.ip, header.NAME, claim.NAME ... or a list of them */
	WEIR_TEMPLATE,		/* text with {parts} */
	WEIR_OBJECT,		/* a map with the keys in `fields` */
	WEIR_MAP,		/* any keys; every value is of `of` (WEIR_OBJECT: with `fields`) */
	/* 100 and up belong to the core. */
};

/* A row; the table ends with an empty one. New members are added at the end. */
struct weir_option {
	const char *name;
	enum weir_option_type type;
	bool required;
	bool list;			/* a list of `type`; a single value stands for a list of one */
	bool none_is_allowed;		/* `none`: no limit (an integer becomes INT64_MAX) */
	const char *fallback;		/* the default, written as in the file; NULL: absent.
					 * "{}" of an object: there with its own defaults */
	double min, max;		/* both 0: any; durations in seconds, sizes in bytes, shares 0..1 */
	const char *const *choices;	/* of WEIR_CHOICE; ends with NULL */
	const struct weir_option *fields;	/* of WEIR_OBJECT, and of WEIR_MAP of objects */
	enum weir_option_type of;	/* of WEIR_MAP */
	const char *about;		/* one line for the manual */
	bool bare;			/* a scalar in place of the whole map sets this option */
	enum weir_option_type keys;	/* of WEIR_MAP: what its keys are; 0: any text */
};

#endif
