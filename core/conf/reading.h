/* reading.h - what value.c and option.c share while they read one value. Of no use elsewhere. */
#ifndef CORE_CONF_READING_H
#define CORE_CONF_READING_H

#include "core/conf/option.h"

struct reading {
	struct check *c;
	const struct weir_option *row;
	const struct conf_value *under;	/* what `defaults:` has here, or NULL */
	bool partial;
};

/* Reads a value of r->row, lists included; false when it was faulty (and said so). */
bool reading_value(struct reading *r, const struct node *node, struct conf_value *out);

#endif
