/* values.h - checked configuration: typed values by name or by index of their option table. */
#ifndef CORE_CONF_VALUES_H
#define CORE_CONF_VALUES_H

#include <weir/option.h>

#include "core/conf/place.h"

struct node;
struct conf_slot;
struct conf_entry;
struct conf_values;

/* One value, by its option's type:
 *   text      text, choice, path (resolved), secret, url, address, cidr, header name (lower case),
 *             service, template, and the core's name, host, method, route path, when
 *   whole     duration (ns), size (bytes); UINT64_MAX for `none`
 *   integer   integer; INT64_MAX for `none`
 *   number    number, rate (per second), share (0..1)
 *   object    object;  items + count: lists (key included);  entries + count: map
 *   slots + count: slots (count is 1 where only one may stand);  node: any
 * All of it is immutable, lives as long as its configuration, and may be read on any thread. */
struct conf_value {
	struct place place;	/* of the value; no file when it is a default */
	uint32_t count;
	uint32_t span;		/* of a rate: the seconds it was written for */
	bool given;		/* written in a file, `defaults:` included */
	bool secret;		/* masked wherever it is shown */
	bool none;		/* written as `none` */
	union {
		struct weir_str text;	/* ends with NUL */
		bool boolean;
		int64_t integer;
		uint64_t whole;
		double number;
		const struct conf_values *object;
		const struct conf_value *items;
		const struct conf_entry *entries;
		struct conf_slot *slots;
		const struct node *node;
	};
};

struct conf_entry {
	struct weir_str key;
	struct place key_place;
	struct conf_value value;
};

struct conf_values {
	const struct weir_option *table;
	uint32_t count;			/* rows of the table */
	struct place place;		/* of the map it was read from */
	const struct node *map;		/* that map; NULL: none, all of it are defaults */
	const struct conf_value *at[];	/* by index in the table; NULL: absent */
};

/* The value, or NULL when absent. The name must be in the table: asking for another is a mistake
 * of the program and aborts; so is asking for the wrong type below. */
const struct conf_value *conf_get(const struct conf_values *v, const char *name);
/* The same, but NULL also for a name that is not in the table. */
const struct conf_value *conf_find(const struct conf_values *v, const char *name);
/* The row of that name, or -1. */
int conf_index(const struct weir_option *table, const char *name);

/* True when it stands in a file (and not only in the table as a default). */
bool conf_given(const struct conf_values *v, const char *name);
/* Where it stands; for a default or an absent one, where the map stands that lacks it. */
struct place conf_place(const struct conf_values *v, const char *name);

/* What is absent reads as the absent str, false, 0, NULL and no items. `v` may be NULL. */
struct weir_str conf_text(const struct conf_values *v, const char *name);
bool conf_boolean(const struct conf_values *v, const char *name);
int64_t conf_integer(const struct conf_values *v, const char *name);
uint64_t conf_duration(const struct conf_values *v, const char *name);
uint64_t conf_size(const struct conf_values *v, const char *name);
double conf_number(const struct conf_values *v, const char *name);	/* rate, share too */
/* True when the choice was made so: conf_is(v, "reasons", "off"). */
bool conf_is(const struct conf_values *v, const char *name, const char *choice);
const struct conf_values *conf_object(const struct conf_values *v, const char *name);
/* Lists: item i is items[i].text, .object ... */
const struct conf_value *conf_items(const struct conf_values *v, const char *name,
				    uint32_t *count);
const struct conf_entry *conf_entries(const struct conf_values *v, const char *name,
				      uint32_t *count);
struct conf_slot *conf_slots(const struct conf_values *v, const char *name, uint32_t *count);

#endif
