/* reload.h - SIGHUP, POST /reload, --watch: the new configuration comes into force, or the old one stays. */
#ifndef CORE_WEIR_RELOAD_H
#define CORE_WEIR_RELOAD_H

#include "core/weir/gateway.h"

/* Starts a reload; one that is asked for meanwhile follows it. [control, does not wait] */
void reload_begin(struct gateway *g);

/* Reloads and waits for the end; false with diagnostics: the old configuration stays.
 * [control, a fiber] */
bool reload_now(struct gateway *g, struct diagnostics *d);

/* The same, once the one that may be under way has ended. [control, a fiber] */
bool reload_in_turn(struct gateway *g, struct diagnostics *d);

/* Every finding as a log line. */
void reload_say(const struct diagnostics *d);

#endif
