/* rules.h - what no single option can say: names that must exist, keys that exclude each other. */
#ifndef CORE_CONF_RULES_H
#define CORE_CONF_RULES_H

#include "core/conf/conf.h"

/* All rules over the whole configuration. False when there was an error. */
bool rules_check(struct conf *conf, struct diagnostics *d);

/* Parts of it, one file each. */
void rules_check_listeners(const struct conf *conf, struct diagnostics *d);
void rules_check_services(const struct conf *conf, struct diagnostics *d);
bool rules_check_routes(struct conf *conf, struct diagnostics *d);
bool rules_check_chains(const struct conf *conf, struct diagnostics *d);

/* The services and chains that were named must exist. Forgets them. */
void rules_check_references(struct conf *conf, struct diagnostics *d);

#endif
