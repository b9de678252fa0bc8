/* map.c - text to pointer, open addressing over an ordered array. */
#include "core/base/map.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

void map_init(struct map *m)
{
	*m = (struct map){ 0 };
}

void map_fini(struct map *m)
{
	map_for_each(entry, m)
		mem_free((char *)entry->key.data);
	mem_free(m->entries);
	mem_free(m->index);
	map_init(m);
}

static uint32_t slot_of(const struct map *m, struct weir_str key)
{
	uint32_t slot = (uint32_t)hash64(hash_seed(), key) & (m->slots - 1);

	while (m->index[slot] != 0 && !str_eq(m->entries[m->index[slot] - 1].key, key))
		slot = (slot + 1) & (m->slots - 1);
	return slot;
}

void *map_get(const struct map *m, struct weir_str key)
{
	uint32_t at;

	if (m->slots == 0)
		return NULL;
	at = m->index[slot_of(m, key)];
	return at != 0 ? m->entries[at - 1].value : NULL;
}

static bool grow(struct map *m)
{
	uint32_t room = m->room > 0 ? m->room * 2 : 8;
	struct map_entry *entries = mem_resize(m->entries, room, sizeof(*entries));
	uint32_t *index;

	if (entries == NULL)
		return false;
	m->entries = entries;
	index = mem_array((size_t)room * 2, sizeof(*index));
	if (index == NULL)
		return false;
	mem_free(m->index);
	m->index = index;
	m->room = room;
	m->slots = room * 2;
	for (uint32_t i = 0; i < m->count; i++)
		m->index[slot_of(m, m->entries[i].key)] = i + 1;
	return true;
}

bool map_set(struct map *m, struct weir_str key, void *value)
{
	uint32_t slot;
	char *copy;

	if (m->count == m->room && !grow(m))
		return false;
	slot = slot_of(m, key);
	if (m->index[slot] != 0) {
		m->entries[m->index[slot] - 1].value = value;
		return true;
	}
	copy = str_dup(key);
	if (copy == NULL)
		return false;
	m->entries[m->count] = (struct map_entry){ str_of(copy, key.len), value };
	m->index[slot] = ++m->count;
	return true;
}
