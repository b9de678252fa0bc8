/* places.c - uses by the place where they stand in the configuration. */
#include "config.h"

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/plugin/life.h"

enum { FIRST_ROWS = 64 };

static struct use_life **row_of(const struct uses *uses, struct weir_str path)
{
	return &uses->places[hash64(0, path) & (uses->place_room - 1)];
}

/* Older ones first, so that the newest ends up in front. */
static void put_all(struct uses *uses)
{
	list_for_each(item, &uses->all) {
		struct use_life *life = container_of(item, struct use_life, link);
		struct use_life **row = row_of(uses, life->use.path);

		life->next_place = *row;
		*row = life;
	}
}

/* All that stand in the rows are in the list, and the other way round. */
static bool grow(struct uses *uses)
{
	uint32_t room = uses->place_room > 0 ? uses->place_room * 2 : FIRST_ROWS;
	struct use_life **rows = mem_array(room, sizeof(struct use_life *));

	if (rows == NULL)
		return uses->place_room > 0;	/* longer rows do as well */
	mem_free(uses->places);
	uses->places = rows;
	uses->place_room = room;
	put_all(uses);
	return true;
}

struct use_life *places_find(const struct uses *uses, const struct kind *kind,
			     const struct use_order *order)
{
	struct use_life *life = uses->place_room > 0 ? *row_of(uses, order->path) : NULL;

	for (; life != NULL; life = life->next_place)
		if (!life->closing && life->use.kind == kind && life->use.role == order->role &&
		    str_eq(life->use.path, order->path))
			return life;
	return NULL;
}

bool places_reserve(struct uses *uses)
{
	return uses->place_count < uses->place_room || grow(uses);
}

void places_add(struct uses *uses, struct use_life *life)
{
	struct use_life **row = row_of(uses, life->use.path);

	uses->place_count++;
	life->next_place = *row;
	*row = life;
}

void places_remove(struct uses *uses, struct use_life *life)
{
	struct use_life **at = row_of(uses, life->use.path);

	while (*at != life)
		at = &(*at)->next_place;
	*at = life->next_place;
	uses->place_count--;
}
