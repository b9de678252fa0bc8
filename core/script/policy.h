/* policy.h - a script as the host sees it: a plugin made at run time. */
#ifndef CORE_SCRIPT_POLICY_H
#define CORE_SCRIPT_POLICY_H

#include "core/script/script.h"

/* Fills in the descriptor of a script whose hooks and options are known. */
void policy_describe(struct script *s, const char *summary);

#endif
