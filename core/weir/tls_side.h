/* tls_side.h - certificates while they are in use: their files watched, their end foretold, the keys of
 * tickets made anew. */
#ifndef CORE_WEIR_TLS_SIDE_H
#define CORE_WEIR_TLS_SIDE_H

#include "core/weir/assemble.h"

struct tls_side;

/* [control] */
struct tls_side *tls_side_new(struct gateway *g, struct weir_error *error);
/* This configuration is in force: its files are watched from now on. [control] */
void tls_side_apply(struct tls_side *t, const struct world *w);
/* Nothing is watched any more; before the control loop ends. */
void tls_side_stop(struct tls_side *t);
void tls_side_free(struct tls_side *t);		/* NULL is fine */

#endif
