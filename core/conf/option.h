/* option.h - checks a tree against a table of options and gives typed values. */
#ifndef CORE_CONF_OPTION_H
#define CORE_CONF_OPTION_H

#include "core/base/arena.h"
#include "core/conf/tree.h"
#include "core/conf/values.h"

struct diagnostics;
struct sources;

/* Types that only the core's own tables have, beside those of <weir/option.h>. */
#define CONF_TYPE(n) ((enum weir_option_type)(100 + (n)))
#define CONF_NAME CONF_TYPE(0)		/* letters, digits, _ - . */
#define CONF_HOST CONF_TYPE(1)		/* api.example.com or *.example.com, small, without port */
#define CONF_METHOD CONF_TYPE(2)	/* GET */
#define CONF_ROUTE_PATH CONF_TYPE(3)	/* begins with a slash; core/route reads the rest */
#define CONF_WHEN CONF_TYPE(4)		/* of retry: a reason, a group of reasons, a status, 5xx */
#define CONF_OUTPUT CONF_TYPE(5)	/* a file to write to, or a word of `choices` */
#define CONF_ANY CONF_TYPE(6)		/* kept as it stands */
#define CONF_POLICIES CONF_TYPE(7)	/* slots of policies, with the host's keys, use: and any: */
#define CONF_BALANCER CONF_TYPE(8)	/* one slot */
#define CONF_DISCOVERIES CONF_TYPE(9)	/* a slot or a list of slots: tiers */
#define CONF_RETRY CONF_TYPE(10)	/* one slot */
#define CONF_TRACERS CONF_TYPE(12)	/* a slot or a list of slots */
#define CONF_LATER CONF_TYPE(11)	/* not in this version; `about` says what. `false` passes */

/* What a check works with. */
struct check {
	struct arena *arena;
	struct diagnostics *out;
	struct sources *files;		/* paths that options name join it; may be NULL */
	const struct check_layer *layers;	/* ends with an empty one; may be NULL */
	struct check_table *defaults;	/* of tables met so far */
	struct check_reference *references;	/* services and chains named, newest first */
};

/* How every map of this table is read, wherever it stands. */
struct check_layer {
	const struct weir_option *table;
	const struct conf_values *under;	/* NULL: nothing lies under it */
	bool partial;
};

struct check_reference {
	struct check_reference *older;
	struct weir_str name;
	struct place place;
	bool chain;		/* named by `use:`; else a service */
};

/* Reads `map` (NULL: an empty one) by `table`. What it lacks comes from `under`, objects key by
 * key, then from the table's defaults. `partial`: nothing is required and no defaults are filled
 * in, so that the result can lie under others. Every fault becomes a diagnostic; the values are
 * given nevertheless, without what was faulty. NULL when out of memory. */
const struct conf_values *check_table(struct check *c, const struct weir_option *table,
				      const struct node *map, const struct conf_values *under,
				      struct place place, bool partial);

/* Notes that `name` is spoken of; whether it exists is seen when all is read. False: out of
 * memory. */
bool check_note(struct check *c, struct weir_str name, struct place place, bool chain);

/* Reads one value of `row`, lists included; false when it was faulty (and said so). */
bool check_value(struct check *c, const struct weir_option *row, const struct node *node,
		 struct conf_value *out);

/* Reads one scalar by the row's type, without its place: pure. The text ends with NUL. */
bool scalar_read(const struct weir_option *row, enum weir_option_type type, struct weir_str text,
		 struct conf_value *out, struct weir_error *error);

/* What the value may be, in words, with its range: "a duration such as 250ms, 3s or 1m". */
struct option_words { char text[256]; };
struct option_words option_expects(const struct weir_option *row, enum weir_option_type type);

/* True when the map it was read from has a key that the table does not know: what seems to be
 * missing may be what was misspelt, which has been said. */
bool option_has_unknown(const struct conf_values *v);

/* The candidate nearest to `word`, or NULL when none is near. */
struct nearest {
	struct weir_str word;
	const char *best;
	unsigned distance;
};
void nearest_init(struct nearest *n, struct weir_str word);
void nearest_try(struct nearest *n, const char *candidate);
/* `; did you mean "X"?`, or nothing. */
struct nearest_words { char text[96]; };
struct nearest_words nearest_words(const struct nearest *n);

#endif
