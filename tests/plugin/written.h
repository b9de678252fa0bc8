/* written.h - options as somebody wrote them, checked against a table. */
#ifndef TESTS_PLUGIN_WRITTEN_H
#define TESTS_PLUGIN_WRITTEN_H

#include "core/conf/diagnostic.h"
#include "core/conf/option.h"
#include "tests/test.h"

struct written {
	struct arena arena;
	struct diagnostics diagnostics;
	const struct conf_values *values;
};

/* `text` is YAML, a map; "{}" gives the defaults. It must be right. */
static inline void written_read(struct written *w, const struct weir_option *table,
				const char *text)
{
	struct check check = { .arena = &w->arena, .out = &w->diagnostics };
	struct place place = { "weir.yaml", 7, 3 };
	struct node *tree = NULL;

	arena_init(&w->arena, NULL, 1 << 20);
	diagnostics_init(&w->diagnostics);
	assert_true(tree_read(&w->arena, "weir.yaml", str_from(text), &tree_limits_usual,
			      &w->diagnostics, &tree));
	w->values = check_table(&check, table, tree, NULL, place, false);
	if (w->diagnostics.count > 0)
		fail_msg("%s", w->diagnostics.items[0].text);
	assert_non_null(w->values);
}

static inline void written_end(struct written *w)
{
	diagnostics_fini(&w->diagnostics);
	arena_reset(&w->arena);
}

#endif
