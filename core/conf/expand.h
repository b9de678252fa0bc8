/* expand.h - ${NAME}, ${NAME:-default} and ${file:PATH} inside the scalars of a tree. */
#ifndef CORE_CONF_EXPAND_H
#define CORE_CONF_EXPAND_H

#include "core/conf/tree.h"

struct sources;

/* Expands every scalar under `node`, after parsing, so that no value can change the structure.
 * `$${` stands for a literal `${`. An unset NAME without default is an error; as in the shell,
 * an empty one takes the default. What ${file:} read makes its node secret and joins `files`;
 * with `files` NULL it is refused. Keys stay as they are. All errors go to `d`; false when there
 * was one. */
bool tree_expand(struct arena *arena, struct node *node, struct sources *files,
		 struct diagnostics *d);

#endif
