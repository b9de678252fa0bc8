/* needs.h - what a token must grant and say beyond being good. */
#ifndef PLUGINS_JWT_NEEDS_H
#define PLUGINS_JWT_NEEDS_H

#include <weir/plugin.h>

#include "plugins/jwt/fault.h"
#include "plugins/jwt/learnt.h"

/* A claim that must be there; with one of the values, or (none given) any. */
struct wanted_claim {
	struct weir_str name;
	struct weir_str *values;
	uint32_t count;
};

/* Texts are lent by the setup. */
struct needs {
	struct weir_str *scopes;
	struct wanted_claim *claims;
	uint32_t scope_count, claim_count;
};

/* Reads `scopes` and `claims`. False: out of memory. End it either way. */
bool needs_open(struct needs *needs, const struct weir_setup *setup);
void needs_close(struct needs *needs);

/* NONE, or SCOPE or CLAIM with the name of the first that is lacking. */
enum fault needs_check(const struct needs *needs, const struct learnt *l, struct weir_str *lacks);

/* All texts of an option that is a list. free() it. NULL: out of memory. */
struct weir_str *texts_read(const struct weir_setup *setup, const char *name, uint32_t *count);

#endif
