/* admin_side.c - the admin API and the probe. */
#include "core/weir/admin_side.h"

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/weir/admin_world.h"

struct admin_side {
	struct gateway *gateway;
	struct admin_world world;
};

struct admin_side *admin_side_new(struct gateway *g, struct weir_error *error)
{
	struct admin_side *a = mem_alloc(sizeof(*a));

	if (a == NULL) {
		fail_memory(error);
		return NULL;
	}
	a->gateway = g;
	admin_world_fill(&a->world, g);
	return a;
}

void admin_side_stop(struct admin_side *a)
{
	(void)a;
}

void admin_side_free(struct admin_side *a)
{
	mem_free(a);
}

bool admin_side_prepare(struct admin_side *a, const struct conf *conf, struct diagnostics *d)
{
	(void)a;
	(void)conf;
	(void)d;
	return true;
}

void admin_side_apply(struct admin_side *a)
{
	(void)a;
}
