/* inside.h - the compiled table, for who builds, searches and explains it. Private here. */
#ifndef CORE_ROUTE_INSIDE_H
#define CORE_ROUTE_INSIDE_H

#include "core/route/route.h"
#include "core/route/trie.h"

/* Routes lie at the trie node where their path ends, once for each of their hosts. The entries of
 * one node are together, more predicates first, then by position: the first that passes is the
 * best of them. */
struct table {
	struct arena arena;	/* texts and compiled routes */
	struct trie trie;
	struct route *routes;
	uint32_t count;
	uint32_t *entries;	/* indices of routes */
	uint32_t most_labels;	/* of what follows a wildcard's star */
};

#endif
