/* admin_side.h - the admin API and the probe: opened, moved and closed as the configuration says. */
#ifndef CORE_WEIR_ADMIN_SIDE_H
#define CORE_WEIR_ADMIN_SIDE_H

#include "core/weir/gateway.h"

struct admin_side;

struct admin_side *admin_side_new(struct gateway *g, struct weir_error *error);
void admin_side_stop(struct admin_side *a);	/* no answer is given any more; NULL is fine */
void admin_side_free(struct admin_side *a);

/* Opens what this configuration wants and is not open yet; false with a diagnostic, and nothing has
 * changed. Then changes over, or forgets: nothing has changed either. [control, a fiber] */
bool admin_side_prepare(struct admin_side *a, const struct conf *conf, struct diagnostics *d);
void admin_side_apply(struct admin_side *a);
void admin_side_forget(struct admin_side *a);

/* Another process answers from now on: who has come is answered, newcomers are left to that one.
 * [control] */
void admin_side_yield(struct admin_side *a);

#endif
