/* caution.h - what a configuration may say and yet will not mean: warnings, and claims that nobody learns. */
#ifndef CORE_WEIR_CAUTION_H
#define CORE_WEIR_CAUTION_H

#include "core/conf/diagnostic.h"

struct world;

/* Of a world that is built whole. False with a diagnostic: it cannot work. */
bool caution_look(const struct world *w, struct diagnostics *d);

/* Each in its file; a further one joins the table in caution.c. */
bool caution_routes(const struct world *w, struct diagnostics *d);	/* that nobody can reach */
bool caution_policies(const struct world *w, struct diagnostics *d);	/* their order, and claims */

#endif
