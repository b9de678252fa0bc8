/* matcher.c - the match of one route alone, for `when:`. */
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/route/route.h"

enum { MOST_MEMORY = 1 << 20 };

struct matcher {
	struct arena arena;
	struct route route;
};

struct matcher *matcher_build(const struct route_spec *spec, struct weir_error *error)
{
	struct matcher *m = mem_alloc(sizeof(*m));

	if (m == NULL) {
		fail_memory(error);
		return NULL;
	}
	arena_init(&m->arena, NULL, MOST_MEMORY);
	if (route_open(&m->route, spec, &m->arena, error))
		return m;
	matcher_free(m);
	return NULL;
}

void matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	route_close(&m->route);
	arena_reset(&m->arena);
	mem_free(m);
}

bool matcher_holds(const struct matcher *m, const struct route_ask *ask)
{
	size_t precision;

	return route_takes_host(&m->route, ask->request->host, &precision) &&
	       route_takes_method(&m->route, ask->request) &&
	       pattern_match(m->route.pattern, ask->request->path, NULL) &&
	       route_takes_rest(&m->route, ask);
}
