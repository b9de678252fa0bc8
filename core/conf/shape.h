/* shape.h - texts that must have a shape: addresses, names, keys, templates. Pure. */
#ifndef CORE_CONF_SHAPE_H
#define CORE_CONF_SHAPE_H

#include <weir/option.h>

#include "core/base/str.h"

/* Checks `text` (which ends with NUL) against what `type` asks for; any text is fine for other
 * types. */
bool shape_check(const struct weir_option *row, enum weir_option_type type, struct weir_str text,
		 struct weir_error *error);

/* True for the address of this machine itself, and for unix:PATH: nobody else reaches it. */
bool address_is_private(struct weir_str address);

/* The text as a sentence may quote it: cut at 60 bytes, control characters as '?'. */
struct shown { char text[68]; };
struct shown shown(struct weir_str text);

#endif
